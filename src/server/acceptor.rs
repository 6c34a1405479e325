//! From an accepted socket to a stream that speaks HTTP: the handshake with its deadline, then [`Timed`].

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::AlertDescription;
use tokio::net::TcpStream;

use super::gate::Accepted;
use super::lifecycle::Lifecycle;
use super::service::ConnectionService;
use super::timed::{Deadlines, Timed};
use super::tls::ClientSettings;
use crate::metrics::Metrics;

type Accepting<Stream, S> = Pin<Box<dyn Future<Output = io::Result<(Stream, S)>> + Send>>;

/// The TLS stream that axum-server makes of a socket.
type TlsStream = <RustlsAcceptor as Accept<TcpStream, ()>>::Stream;

/// Accepts plain HTTP.
#[derive(Clone, Debug)]
pub struct PlainAcceptor {
    /// The deadlines of a connection.
    pub deadlines: Deadlines,
    /// The server's life.
    pub lifecycle: Arc<Lifecycle>,
}

impl<S: Send + 'static> Accept<Accepted, S> for PlainAcceptor {
    type Stream = Timed<TcpStream>;
    type Service = S;
    type Future = Accepting<Self::Stream, S>;

    fn accept(&self, accepted: Accepted, service: S) -> Self::Future {
        let Self {
            deadlines,
            lifecycle,
        } = self.clone();
        Box::pin(async move {
            let stream = Timed::new(
                accepted.socket,
                accepted.activity,
                deadlines,
                lifecycle,
                accepted.place,
            );
            Ok((stream, service))
        })
    }
}

/// Accepts HTTPS.
#[derive(Clone, Debug)]
pub struct TlsAcceptor {
    /// The certificate, which may be replaced while the server runs.
    pub config: RustlsConfig,
    /// Which clients are answered, of those that the configuration lets in.
    pub clients: Option<Arc<ClientSettings>>,
    /// For the whole handshake.
    pub handshake_timeout: Duration,
    /// The deadlines of a connection.
    pub deadlines: Deadlines,
    /// The server's life.
    pub lifecycle: Arc<Lifecycle>,
    /// Where failed handshakes are counted.
    pub metrics: Arc<Metrics>,
}

impl Accept<Accepted, ConnectionService> for TlsAcceptor {
    type Stream = Timed<TlsStream>;
    type Service = ConnectionService;
    type Future = Accepting<Self::Stream, ConnectionService>;

    fn accept(&self, accepted: Accepted, mut service: ConnectionService) -> Self::Future {
        let acceptor = self.clone();
        Box::pin(async move {
            let peer = accepted.socket.peer_addr();
            let shaken = tokio::time::timeout(
                acceptor.handshake_timeout,
                shake_hands(&acceptor.config, accepted.socket),
            )
            .await
            .unwrap_or_else(|_| Err(Failure::Timeout));
            let stream = shaken.map_err(|failure| acceptor.failed(peer.ok(), failure))?;
            if let Some(clients) = acceptor.clients {
                let (_, tls) = stream.get_ref();
                let certificate = tls.peer_certificates().and_then(<[_]>::first);
                service.stranger = clients.stranger(certificate);
            }
            let stream = Timed::new(
                stream,
                accepted.activity,
                acceptor.deadlines,
                acceptor.lifecycle,
                accepted.place,
            );
            Ok((stream, service))
        })
    }
}

impl TlsAcceptor {
    fn failed(&self, peer: Option<SocketAddr>, failure: Failure) -> io::Error {
        if let Failure::Silent = failure {
            return io::ErrorKind::ConnectionAborted.into();
        }
        self.metrics.handshake_failed();
        tracing::info!(
            peer = peer.map(tracing::field::display),
            error = %failure,
            hint = failure.hint(),
            "TLS handshake failed"
        );
        io::Error::other(failure)
    }
}

/// Why a connection did not come to speak TLS.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Somebody looked whether the port is open; no failed handshake.
    #[error("the client closed the connection without a word")]
    Silent,
    #[error("the client speaks plain text, and this port speaks HTTPS")]
    PlainText,
    #[error("the handshake took too long")]
    Timeout,
    #[error(transparent)]
    Tls(io::Error),
}

impl Failure {
    /// What an operator may do, where the usual cause is known.
    fn hint(&self) -> Option<&'static str> {
        let Self::Tls(error) = self else { return None };
        let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
        match error {
            rustls::Error::AlertReceived(
                AlertDescription::BadCertificate
                | AlertDescription::UnknownCA
                // Of a CA with the name of the trusted one and another key.
                | AlertDescription::DecryptError
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateExpired,
            ) => Some(
                "the client does not trust the certificate: compare the registration's caBundle and host with it",
            ),
            rustls::Error::NoCertificatesPresented => Some(
                "--client-ca is set, so clients need a certificate: an API server gets its own by --admission-control-config-file",
            ),
            rustls::Error::InvalidCertificate(_) => {
                Some("the client's certificate is not one that --client-ca vouches for")
            }
            _ => None,
        }
    }
}

/// The first byte of every TLS handshake.
const HANDSHAKE_RECORD: u8 = 22;

/// What a client gets that speaks plain HTTP, as Go's servers answer it.
const PLAIN_TEXT_ANSWER: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Connection: close\r\nContent-Length: 23\r\n\r\nthis port speaks HTTPS\n";

async fn shake_hands(config: &RustlsConfig, socket: TcpStream) -> Result<TlsStream, Failure> {
    // Answers are written whole: waiting for more to send would only cost time.
    socket.set_nodelay(true).map_err(Failure::Tls)?;
    let mut first = [0];
    match socket.peek(&mut first).await {
        Ok(0) => return Err(Failure::Silent),
        Ok(_) if first[0] != HANDSHAKE_RECORD => {
            // As far as it goes: what matters is that the connection ends. Bytes left unread would reset it, answer and all.
            let _ = socket.try_read(&mut [0; 4096]);
            let _ = socket.try_write(PLAIN_TEXT_ANSWER);
            return Err(Failure::PlainText);
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
            return Err(Failure::Silent);
        }
        Err(error) => return Err(Failure::Tls(error)),
    }
    let (stream, _) = RustlsAcceptor::new(config.clone())
        .handshake_timeout(Duration::MAX)
        .accept(socket, ())
        .await
        .map_err(Failure::Tls)?;
    Ok(stream)
}
