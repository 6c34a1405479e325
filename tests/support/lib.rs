//! What several test programs, the fuzzers, the benchmarks and the examples share.

pub mod answers;
pub mod completion_laws;
pub mod connect_proxy;
pub mod guarded;
pub mod hooks;
pub mod hostile;
pub mod image;
pub mod judged;
pub mod longest_lists;
pub mod oracle;
pub mod pieces;
pub mod prometheus;
pub mod properties;
pub mod reviews;
pub mod samples;
pub mod webhook_server;

#[cfg(feature = "server")]
pub mod client;
#[cfg(feature = "server")]
pub mod cluster;
#[cfg(feature = "server")]
pub mod consumers;
#[cfg(feature = "server")]
pub mod control_plane;
#[cfg(feature = "server")]
pub mod crds;
#[cfg(feature = "server")]
pub mod helm;
#[cfg(feature = "server")]
pub mod object;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "server")]
pub mod unread;
