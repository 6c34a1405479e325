//! The Kubernetes API as far as this program calls it: the client, webhook configurations, Events, paths and times.
//!
//! Its users are the self-managed certificates ([`crate::cluster`]), [`crate::events`], [`crate::doctor`] and `check
//! --cluster`.

mod api_server;
mod call_error;
mod error_chain;
mod events;
mod kubeconfig;
mod pages;
pub(crate) mod paths;
mod proxy;
pub(crate) mod time;
mod webhook_configuration;

pub(crate) use api_server::ConnectError;
pub(crate) use api_server::{Access, ApiServer, PATIENCE};
pub(crate) use call_error::CallError;
pub(crate) use error_chain::chain;
pub(crate) use events::{Event, EventError, ObjectReference};
pub(crate) use pages::Pages;
pub(crate) use webhook_configuration::{WebhookConfiguration, WebhookConfigurations};
