//! The libraries and settings that the product serves with (axum, hyper, rustls with ring, one thread for each core), around
//! any routes: what differs between two servers on it is their handlers.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;

/// Serves `routes` over HTTPS until SIGTERM. The command line has an address, a file with a certificate and one with its
/// key.
///
/// # Errors
///
/// When an argument is missing or invalid, or the server fails.
pub fn serve(routes: &Router) -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, certificate, key] = &arguments[..] else {
        anyhow::bail!("usage: ADDRESS CERTIFICATE KEY");
    };
    let address: SocketAddr = address.parse()?;
    let acceptor = tls_acceptor(Path::new(certificate), Path::new(key))?;
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
        let listener = TcpListener::bind(address).await.context("cannot listen")?;
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    tokio::spawn(serve_one(accepted?.0, acceptor.clone(), routes.clone()));
                }
                _ = stop.recv() => return Ok(()),
            }
        }
    })
}

/// Only its client needs to know why a connection failed.
async fn serve_one(socket: TcpStream, acceptor: TlsAcceptor, routes: Router) {
    // If it fails, only speed is lost.
    let _ = socket.set_nodelay(true);
    let Ok(stream) = acceptor.accept(socket).await else {
        return;
    };
    let service = TowerToHyperService::new(routes);
    let mut http = http1::Builder::new();
    let _ = http
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn tls_acceptor(certificate: &Path, key: &Path) -> anyhow::Result<TlsAcceptor> {
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
    Ok(Arc::new(config).into())
}
