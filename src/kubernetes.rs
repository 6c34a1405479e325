//! The Kubernetes API as far as this program calls it: the client, webhook configurations, paths and times.
//!
//! Its users are the self-managed certificates ([`crate::cluster`]) and [`crate::doctor`].

mod api_server;
mod error_chain;
mod kubeconfig;
pub(crate) mod paths;
mod proxy;
pub(crate) mod time;
mod webhook_configuration;

pub(crate) use api_server::ConnectError;
pub(crate) use api_server::{Access, ApiServer};
pub(crate) use error_chain::chain;
pub(crate) use webhook_configuration::{WebhookConfiguration, WebhookConfigurations};
