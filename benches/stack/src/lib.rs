//! The libraries and settings that the product serves with (axum, axum-server, rustls with ring, one thread for each
//! core), around any routes: what differs between two servers on it is their handlers.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Serves `routes` over HTTPS until SIGTERM. The command line has an address, a file with a certificate and one with its
/// key.
///
/// # Errors
///
/// When an argument is missing or of no use, or the server fails.
pub fn serve(routes: Router) -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, certificate, key] = &arguments[..] else {
        anyhow::bail!("usage: ADDRESS CERTIFICATE KEY");
    };
    let listener = TcpListener::bind(address.parse::<SocketAddr>()?).context("cannot listen")?;
    listener.set_nonblocking(true)?;
    let config = tls_config(Path::new(certificate), Path::new(key))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut builder = if cores == 1 {
        Builder::new_current_thread()
    } else {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(cores);
        builder
    };
    builder.enable_all().build()?.block_on(async {
        let mut stop = signal(SignalKind::terminate())?;
        let acceptor = RustlsAcceptor::new(config).acceptor(NoDelayAcceptor::new());
        let server = axum_server::from_tcp(listener)?
            .http1_only()
            .acceptor(acceptor);
        tokio::select! {
            ended = server.serve(routes.into_make_service()) => ended?,
            _ = stop.recv() => {}
        }
        Ok(())
    })
}

fn tls_config(certificate: &Path, key: &Path) -> anyhow::Result<RustlsConfig> {
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
