//! `wfe-webhook doctor`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::sign::CertifiedKey;

use crate::cli::{EXIT_FAILURE, output, usage_error};
use crate::dns;
use crate::doctor::{self, Options};
use crate::registration::CONFIGURATION_NAME;
use crate::server::tls::{self, Identity};

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct DoctorArgs {
    /// Name of both webhook configurations, and the beginning of the names of policies
    #[arg(long, value_name = "NAME", default_value = CONFIGURATION_NAME)]
    pub configuration: String,
    /// Where the server is reached from here; without it, the address in the configurations
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    pub address: Option<String>,
    /// Client certificate for a server that requires one, as PEM; best the one that the API server presents
    #[arg(
        long,
        env = "WFE_WEBHOOK_CLIENT_CERT",
        value_name = "FILE",
        requires = "client_key"
    )]
    pub client_cert: Option<PathBuf>,
    /// Its private key, as PEM
    #[arg(
        long,
        env = "WFE_WEBHOOK_CLIENT_KEY",
        value_name = "FILE",
        requires = "client_cert"
    )]
    pub client_key: Option<PathBuf>,
    /// `WorkflowExecution` for the dry-run writes; without it, any
    #[arg(long, value_name = "NAMESPACE/NAME", value_parser = object)]
    pub object: Option<(String, String)>,
    /// Kubeconfig file; without it, the one that kubectl uses, or a pod's service account
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Context of that file [default: the current one]
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// Report a missing webhook as an error even where policies are installed
    #[arg(long)]
    pub expect_webhook: bool,
}

const EXIT_CODES: &str = "\
Nothing is stored: the server gets reviews, the API server dry-run writes.

Exit codes: 0 no errors (there may be warnings); 1 errors; 2 wrong usage, or the cluster cannot be reached or refuses.";

/// Checks an installation and prints a line for each check.
///
/// # Errors
///
/// When the output cannot be written.
pub fn run(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let client = match client(args.client_cert.as_deref(), args.client_key.as_deref()) {
        Ok(client) => client,
        Err(error) => return Ok(usage_error(&crate::text::printable(&error.to_string()))),
    };
    let options = Options {
        configuration: args.configuration,
        address: args.address,
        client,
        object: args.object,
        kubeconfig: args.kubeconfig,
        context: args.context,
        expect_webhook: args.expect_webhook,
        in_cluster: std::env::var_os("KUBERNETES_SERVICE_HOST").is_some(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match runtime.block_on(doctor::run(&options, Timestamp::now())) {
        Ok(report) => {
            output::print(&report.to_string())?;
            Ok(if report.has_errors() {
                ExitCode::from(EXIT_FAILURE)
            } else {
                ExitCode::SUCCESS
            })
        }
        Err(error) => Ok(usage_error(&crate::text::printable(&error.to_string()))),
    }
}

/// What is presented to a server that requires client certificates.
fn client(
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<Arc<CertifiedKey>>, tls::Error> {
    let Some((certificate, key)) = certificate.zip(key) else {
        return Ok(None);
    };
    let identity = Identity::from_files(certificate, key)?;
    Ok(Some(Arc::new(identity.into_certified())))
}

fn address(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':').filter(|(host, port)| {
        let bare = !host.contains(':') || host.starts_with('[') && host.ends_with(']');
        !host.is_empty() && bare && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    match parts {
        Some(_) => Ok(text.to_owned()),
        None => Err("expected HOST:PORT, for example localhost:8443 or [::1]:8443".to_owned()),
    }
}

fn object(text: &str) -> Result<(String, String), String> {
    match text.split('/').collect::<Vec<_>>()[..] {
        [namespace, name] if dns::is_label_name(namespace) && dns::is_object_name(name) => {
            Ok((namespace.to_owned(), name.to_owned()))
        }
        _ => Err("expected NAMESPACE/NAME".to_owned()),
    }
}
