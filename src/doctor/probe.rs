//! One request to a server, in the API server's place.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::bundle::Trust;
use super::certificate;
use super::line::Level;
use super::target::Target;
use crate::kubernetes::{chain, time};
use crate::server::tls;

/// For everything from the connection to the answer's last byte.
const PATIENCE: Duration = Duration::from_secs(10);
/// No answer of ours is longer.
const LIMIT: usize = 1 << 20;

/// What came of a request.
#[derive(Debug)]
pub(super) struct Probe {
    /// The certificates that the server showed, once it did.
    pub chain: Option<Vec<CertificateDer<'static>>>,
    /// The answer, or why there is none.
    pub answer: Result<Answer, ProbeFailure>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ProbeFailure {
    /// The server demands a client certificate, and none was shown.
    ClientCertificate,
    /// The server refused the client certificate that was shown, by this alert of TLS.
    ClientRefused(String),
    /// Anything else.
    Other(String),
}

impl ProbeFailure {
    /// Reads an error's text. It has a server's alerts by their names.
    fn of(text: String, shows_certificate: bool) -> Self {
        let Some((_, alert)) = text.split_once("received fatal alert: ") else {
            return Self::Other(text);
        };
        if shows_certificate {
            return Self::ClientRefused(alert.to_owned());
        }
        match alert {
            alert if alert.contains("CertificateRequired") => Self::ClientCertificate,
            _ => Self::Other(text),
        }
    }
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status code.
    pub status: u16,
    /// The server's clock, from the header `Date`.
    pub date: Option<Timestamp>,
    /// The body.
    pub body: Vec<u8>,
}

/// Connects to `address`, checks the certificate against `trust` and the target's name, and posts a review. A server that
/// demands a client certificate is shown `client`.
pub(super) async fn ask(
    address: &str,
    target: &Target,
    trust: &Trust,
    client: Option<&Arc<CertifiedKey>>,
    now: Timestamp,
    review: Vec<u8>,
) -> Probe {
    let verifier = Arc::new(Verifier {
        trust: trust.clone(),
        host: target.host.clone(),
        now,
        seen: Mutex::new(None),
    });
    let asked = exchange(address, target, Arc::clone(&verifier), client, review);
    let answer = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    let answer = answer.map_err(|text| ProbeFailure::of(text, client.is_some()));
    let chain = verifier
        .seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    Probe { chain, answer }
}

async fn exchange(
    address: &str,
    target: &Target,
    verifier: Arc<Verifier>,
    client: Option<&Arc<CertifiedKey>>,
    review: Vec<u8>,
) -> Result<Answer, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let name = ServerName::try_from(target.host.clone()).map_err(|error| text(&error))?;
    let config = ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| text(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match client {
        Some(client) => {
            config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(client))))
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let socket = TcpStream::connect(address)
        .await
        .map_err(|error| text(&error))?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, socket)
        .await
        .map_err(|error| text(&error))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| text(&error))?;
    let request = Request::post(&target.path)
        .header(header::HOST, &target.host)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close")
        .body(Body::from(review))
        .map_err(|error| text(&error))?;
    let answered = async {
        let answer = sender
            .send_request(request)
            .await
            .map_err(|error| chain(&error))?;
        let status = answer.status().as_u16();
        let date = time::date(answer.headers());
        let body = axum::body::to_bytes(Body::new(answer.into_body()), LIMIT)
            .await
            .map_err(|error| text(&error))?;
        Ok(Answer {
            status,
            date,
            body: body.to_vec(),
        })
    };
    // Its own end is no news: what matters arrives by `answered`.
    let driven = async {
        let _ = connection.await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = answered => answer,
        () = driven => Err("the connection ended".to_owned()),
    }
}

/// Keeps the chain, and refuses it for what an API server refuses it for.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    host: String,
    now: Timestamp,
    seen: Mutex<Option<Vec<CertificateDer<'static>>>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain: Vec<CertificateDer<'static>> = std::iter::once(end_entity)
            .chain(intermediates)
            .map(|certificate| certificate.clone().into_owned())
            .collect();
        let wrong = certificate::check("", &chain, &self.trust, &self.host, self.now)
            .into_iter()
            .any(|line| line.level == Level::Error);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(chain);
        if wrong {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = tls::provider().signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = tls::provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        tls::provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
