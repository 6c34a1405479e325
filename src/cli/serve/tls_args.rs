use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values;
use crate::server::tls::{CertificateSource, ClientSettings};

/// Flags that choose the serving certificate.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "TLS")]
pub struct TlsArgs {
    /// Folder for the ephemeral CA's certificate, ca.crt [default: certs]
    #[arg(long, env = "WFE_WEBHOOK_CERTS_DIR", value_name = "DIR")]
    pub certs_dir: Option<PathBuf>,
    /// Name or address of the ephemeral certificate beyond localhost, 127.0.0.1 and `::1`; repeatable
    #[arg(
        long = "tls-name",
        env = "WFE_WEBHOOK_TLS_NAME",
        value_name = "NAME",
        value_delimiter = ',',
        conflicts_with = "tls_cert",
        value_parser = values::tls_name
    )]
    pub tls_names: Vec<String>,
    /// Certificate to serve, as PEM: the leaf first, then its intermediates
    #[arg(
        long,
        env = "WFE_WEBHOOK_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,
    /// Private key of --tls-cert, as PEM: PKCS#8, PKCS#1 or SEC1
    #[arg(
        long,
        env = "WFE_WEBHOOK_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,
    /// CAs of the clients, as PEM: who has no certificate of theirs is refused
    #[arg(long, env = "WFE_WEBHOOK_CLIENT_CA", value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// Common name, DNS name or URI that a client's certificate must have one of; repeatable
    #[arg(
        long = "client-name",
        env = "WFE_WEBHOOK_CLIENT_NAME",
        value_name = "NAME",
        value_delimiter = ',',
        requires = "client_ca",
        value_parser = values::client_name
    )]
    pub client_names: Vec<String>,
    /// How often these files are read again; a change is served without a restart
    #[arg(long, env = "WFE_WEBHOOK_RELOAD_INTERVAL", value_name = "DURATION", value_parser = values::timeout,
        default_value = "5s")]
    pub reload_interval: Duration,
}

/// Set in every container of a pod.
pub(super) const IN_A_POD: &str = "KUBERNETES_SERVICE_HOST";

const DEFAULT_DIRECTORY: &str = "certs";

impl TlsArgs {
    /// Which clients are answered, where not all are.
    #[must_use]
    pub fn clients(&self) -> Option<ClientSettings> {
        self.client_ca.clone().map(|ca| ClientSettings {
            ca,
            names: self.client_names.clone(),
        })
    }

    /// Where the certificate comes from.
    ///
    /// # Errors
    ///
    /// In a pod, unless a mode is chosen: each replica would have an ephemeral CA of its own, and a registration trusts
    /// one.
    pub fn source(self) -> anyhow::Result<CertificateSource> {
        if let (Some(certificate), Some(key)) = (self.tls_cert, self.tls_key) {
            return Ok(CertificateSource::Files { certificate, key });
        }
        let chosen = self.certs_dir.is_some() || !self.tls_names.is_empty();
        if !chosen && std::env::var_os(IN_A_POD).is_some() {
            anyhow::bail!(
                "no TLS mode is chosen, and this is a pod ({IN_A_POD} is set): each replica would make a CA of its own, \
                 which no registration can trust. Choose one: --tls-cert FILE --tls-key FILE serves a certificate from a \
                 Secret, for example cert-manager's; --self-managed-tls shares a CA of the webhook's own among all replicas; --certs-dir DIR or --tls-name NAME makes an ephemeral CA all the \
                 same, for a single replica"
            );
        }
        Ok(CertificateSource::Ephemeral {
            directory: self
                .certs_dir
                .unwrap_or_else(|| PathBuf::from(DEFAULT_DIRECTORY)),
            names: self.tls_names,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::TlsArgs;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        tls: TlsArgs,
    }

    #[test]
    fn by_default_a_change_is_served_within_15_seconds_also_when_a_look_comes_in_the_midst_of_it() {
        let interval = Program::parse_from(["program"]).tls.reload_interval;
        let settling = Duration::from_secs(1);
        assert!(2 * (interval + settling) < Duration::from_secs(15));
    }
}
