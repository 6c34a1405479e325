//! Looks at a replica from outside: is it ready, and who trusts what it serves?

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};

use crate::scene::Scene;

const PATIENCE: Duration = Duration::from_secs(20);

/// Whether `/readyz` answers 200.
pub fn ready(admin: SocketAddr) -> bool {
    readyz(admin).is_some_and(|answer| answer.starts_with("HTTP/1.0 200"))
}

/// The whole answer of `/readyz`.
pub fn readyz(admin: SocketAddr) -> Option<String> {
    get(admin, "/readyz")
}

/// The whole answer on a path of the admin port.
pub fn get(admin: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&admin, PATIENCE).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// Sends a review to the webhook, called by `name`, in a new connection that trusts `bundle` alone, and gives the
/// certificate that it served.
///
/// # Errors
///
/// When it gets another answer than 200, or none.
pub fn call(webhook: SocketAddr, name: &str, bundle: &str) -> Result<Vec<u8>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(bundle.as_bytes()) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let server = ServerName::try_from(name.to_owned()).unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), server).unwrap();
    let head = exchange(webhook, &mut connection).map_err(|error| error.to_string())?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(head);
    }
    Ok(connection.peer_certificates().unwrap()[0].to_vec())
}

/// Sends a review of nothing, and gives the beginning of the answer.
fn exchange(webhook: SocketAddr, connection: &mut ClientConnection) -> io::Result<String> {
    const REVIEW: &str = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"probe"}}"#;
    let mut socket = TcpStream::connect(webhook)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut stream = Stream::new(connection, &mut socket);
    write!(
        stream,
        "POST /validate HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{REVIEW}",
        REVIEW.len()
    )?;
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Calls of every replica by clients that know the bundles of the beginning, at a steady rate.
pub struct Probes {
    stop: Arc<AtomicBool>,
    callers: Vec<JoinHandle<(u64, Vec<String>)>>,
}

impl Probes {
    pub fn start(scene: &Scene, bundles: &[String]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let callers = scene.replicas.iter().map(|replica| {
            let (stop, webhook) = (Arc::clone(&stop), replica.webhook);
            let (name, bundles) = (scene.server_name(), bundles.to_vec());
            thread::spawn(move || {
                let mut calls = 0;
                let mut failures = Vec::new();
                for bundle in bundles.iter().cycle() {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    failures.extend(call(webhook, &name, bundle).err());
                    calls += 1;
                    thread::sleep(Duration::from_millis(200));
                }
                (calls, failures)
            })
        });
        Self {
            callers: callers.collect(),
            stop,
        }
    }

    /// Ends the calls and asserts that every one was answered.
    pub fn assert_none_failed(self) {
        self.stop.store(true, Ordering::Relaxed);
        for caller in self.callers {
            let (calls, failures) = caller.join().unwrap();
            assert!(calls > 0);
            assert_eq!(failures, [""; 0], "of {calls} calls");
        }
    }
}
