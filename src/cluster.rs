//! Certificates of the webhook's own, in a cluster without cert-manager.
//!
//! One Secret holds the certificate authority; each replica issues itself a short-lived certificate from it, in memory,
//! and keeps every `caBundle` trusting it. Replicas have no leader. No call is lost because of one rule: an
//! authority that may have signed something leaves the Secret and the bundles only when it has expired, since nothing that it
//! signed outlives it. So no replica, however late, can take away what another one serves.
//!
//! `steps` decides, and knows no cluster; `authority` and `stored` create and read certificates; `objects` reads and
//! writes what is shared; `keeper` joins them.

pub(crate) mod authority;
mod bundle;
mod error;
pub(crate) mod keeper;
mod objects;
mod steps;
mod stored;

use std::time::Duration;

pub(crate) use error::Error;

/// What a replica that manages its own certificates is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfManagedSettings {
    /// The namespace of the Service and of the Secret.
    pub namespace: String,
    /// The Service by which API servers call the webhook.
    pub service: String,
    /// The Secret that holds the certificate authority.
    pub secret: String,
    /// Names of webhook configurations, each of either kind or of both.
    pub configurations: Vec<String>,
    /// How long certificates live, and how often they are checked.
    pub lifetimes: Lifetimes,
    /// How long the start may take until the first certificate is served.
    pub startup_timeout: Duration,
}

/// How long certificates live, and how often they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of a certificate authority; it is replaced when a third is left.
    pub authority: Duration,
    /// Of a serving certificate; it is replaced when a third is left.
    pub leaf: Duration,
    /// Between two checks of the Secret and the configurations.
    pub sync_interval: Duration,
    /// How long a new authority is in every `caBundle` before anything that it signed is served: API servers learn of a
    /// change a little later.
    pub trust_delay: Duration,
}

impl Lifetimes {
    /// Describes the error in a combination in which a certificate might expire before its successor is trusted.
    ///
    /// # Errors
    ///
    /// In such a combination.
    pub fn check(&self) -> Result<(), String> {
        let needed = (self.sync_interval + self.trust_delay) * 6;
        if self.leaf < needed {
            return Err(format!(
                "--leaf-lifetime is {:?}, too short for --sync-interval and --trust-delay: expected at least six times their sum, {needed:?}",
                self.leaf
            ));
        }
        let needed = self.leaf * 3;
        if self.authority < needed {
            return Err(format!(
                "--ca-lifetime is {:?}: expected at least three times --leaf-lifetime, {needed:?}",
                self.authority
            ));
        }
        Ok(())
    }
}

impl SelfManagedSettings {
    /// The name by which an API server calls the Service.
    #[must_use]
    pub fn server_name(&self) -> String {
        format!("{}.{}.svc", self.service, self.namespace)
    }
}
