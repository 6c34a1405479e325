//! The Dockerfile: built by buildah, and the image run as a container.
//!
//! The image that it builds with by default comes from a registry. Here a stand-in takes its place, which holds nothing
//! but the compiler, the linker and the fetched crates of this machine. So these tests prove every instruction of the
//! Dockerfile and everything about the image, but not that the default builder has what the build needs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends by panicking"
)]

use std::sync::OnceLock;

mod builds;
mod container;
mod contents;
mod licenses;
mod release;
mod running;

/// The image under test.
fn image() -> &'static str {
    static IMAGE: OnceLock<String> = OnceLock::new();
    IMAGE.get_or_init(|| test_support::image::build(test_support::image::repository(), &[]))
}
