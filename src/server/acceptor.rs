//! From an accepted socket to a stream for HTTP: the handshake with its deadline, then [`Timed`].

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::AlertDescription;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::gate::Accepted;
use super::lifecycle::Lifecycle;
use super::log::LineLimits;
use super::timed::{Deadlines, Timed};
use super::tls::{ClientSettings, Endpoint, UnauthorizedClient};
use crate::metrics::Metrics;

/// Turns a socket into a stream for HTTP.
pub(super) trait Accept: Clone + Send + Sync + 'static {
    /// What HTTP runs on.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The stream, and the client where it is not authorized. Nothing where there is no stream; a failed handshake has been
    /// logged.
    fn accept(
        self,
        accepted: Accepted,
    ) -> impl Future<Output = Option<(Timed<Self::Stream>, Option<UnauthorizedClient>)>> + Send;
}

/// Accepts plain HTTP.
#[derive(Clone, Debug)]
pub(super) struct PlainAcceptor {
    /// The deadlines of a connection.
    pub deadlines: Deadlines,
    /// The server's life.
    pub lifecycle: Arc<Lifecycle>,
}

impl Accept for PlainAcceptor {
    type Stream = TcpStream;

    async fn accept(
        self,
        accepted: Accepted,
    ) -> Option<(Timed<TcpStream>, Option<UnauthorizedClient>)> {
        let Accepted {
            socket,
            activity,
            slot,
        } = accepted;
        let stream = Timed::new(socket, activity, self.deadlines, self.lifecycle, slot);
        Some((stream, None))
    }
}

/// Accepts HTTPS.
#[derive(Clone, Debug)]
pub(super) struct TlsAcceptor {
    /// The certificate, which may be replaced while the server runs.
    pub endpoint: Arc<Endpoint>,
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
    /// Their lines in the log.
    pub failures: Arc<LineLimits>,
}

impl Accept for TlsAcceptor {
    type Stream = TlsStream<TcpStream>;

    async fn accept(
        self,
        accepted: Accepted,
    ) -> Option<(Timed<Self::Stream>, Option<UnauthorizedClient>)> {
        let Accepted {
            socket,
            activity,
            slot,
        } = accepted;
        let peer = socket.peer_addr();
        let shaken = shake_hands(&self.endpoint, socket);
        let shaken = tokio::time::timeout(self.handshake_timeout, shaken)
            .await
            .unwrap_or(Err(HandshakeFailure::Timeout));
        let stream = match shaken {
            Ok(stream) => stream,
            Err(failure) => {
                self.failed(peer.ok(), &failure);
                return None;
            }
        };
        let unauthorized = self.clients.and_then(|clients| {
            let (_, tls) = stream.get_ref();
            clients.unauthorized(tls.peer_certificates().and_then(<[_]>::first))
        });
        let stream = Timed::new(stream, activity, self.deadlines, self.lifecycle, slot);
        Some((stream, unauthorized))
    }
}

impl TlsAcceptor {
    fn failed(&self, peer: Option<SocketAddr>, failure: &HandshakeFailure) {
        if let HandshakeFailure::Silent = failure {
            return;
        }
        self.metrics.handshake_failed();
        if let Some(handshakes) = self.failures.pass(&failure.to_string()) {
            tracing::info!(
                peer = peer.map(tracing::field::display),
                error = %failure,
                hint = failure.hint(),
                handshakes,
                "TLS handshake failed"
            );
        }
    }
}

/// Why a connection has no TLS.
#[derive(Debug, thiserror::Error)]
enum HandshakeFailure {
    /// A check whether the port is open, not a failed handshake.
    #[error("the client closed the connection without sending anything")]
    Silent,
    #[error("the client sends plain text, and this port serves HTTPS")]
    PlainText,
    #[error("the handshake took too long")]
    Timeout,
    #[error(transparent)]
    Tls(io::Error),
}

impl HandshakeFailure {
    /// The usual cause, where it is known.
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

/// The answer to a client that sends plain HTTP, as Go's servers give it.
const PLAIN_TEXT_ANSWER: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Connection: close\r\nContent-Length: 23\r\n\r\nthis port serves HTTPS\n";

async fn shake_hands(
    endpoint: &Endpoint,
    socket: TcpStream,
) -> Result<TlsStream<TcpStream>, HandshakeFailure> {
    // Answers are written whole: waiting for more to send would only cost time.
    socket.set_nodelay(true).map_err(HandshakeFailure::Tls)?;
    let mut first = [0];
    match socket.peek(&mut first).await {
        Ok(0) => return Err(HandshakeFailure::Silent),
        Ok(_) if first[0] != HANDSHAKE_RECORD => {
            // As far as it goes: what matters is that the connection ends. Bytes left unread would reset it, answer and all.
            let _ = socket.try_read(&mut [0; 4096]);
            let _ = socket.try_write(PLAIN_TEXT_ANSWER);
            return Err(HandshakeFailure::PlainText);
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
            return Err(HandshakeFailure::Silent);
        }
        Err(error) => return Err(HandshakeFailure::Tls(error)),
    }
    // Not before the client sends something: a connection that was opened in advance gets the certificate of that moment.
    let acceptor = tokio_rustls::TlsAcceptor::from(endpoint.config());
    acceptor.accept(socket).await.map_err(HandshakeFailure::Tls)
}
