use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream};

use super::super::bundle::Trust;
use super::super::probe::{ProbeFailure, ask};
use super::super::target::Target;
use crate::server::tls;

fn target(port: u16) -> Target {
    Target {
        host: "localhost".to_owned(),
        port,
        path: "/validate".to_owned(),
        service: None,
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

#[test]
fn a_server_that_demands_a_client_certificate_is_known_by_its_alert() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), tls::provider())
        .build()
        .unwrap();
    let config = ServerConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![cert.der().clone()],
            PrivateKeyDer::Pkcs8(signing_key.serialize_der().into()),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
        let refused = Stream::new(&mut tls, &mut socket).read(&mut [0; 1]);
        assert!(
            refused.is_err(),
            "no client without a certificate is accepted"
        );
        // What the client still sends is read, or its end would overtake the alert.
        let _ = socket.read_to_end(&mut Vec::new());
    });
    let probe = block_on(ask(
        &address.to_string(),
        &target(address.port()),
        &Trust::Bundle(vec![cert.der().clone()]),
        None,
        jiff::Timestamp::now(),
        b"{}".to_vec(),
    ));
    assert_eq!(probe.chain.unwrap(), [cert.der().clone()]);
    assert_eq!(probe.answer.unwrap_err(), ProbeFailure::ClientCertificate);
    server.join().unwrap();
}

#[test]
fn a_closed_port_is_reported_with_the_systems_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let probe = block_on(ask(
        &address.to_string(),
        &target(address.port()),
        &Trust::System,
        None,
        jiff::Timestamp::now(),
        Vec::new(),
    ));
    assert!(probe.chain.is_none());
    let failure = probe.answer.unwrap_err();
    assert!(
        matches!(&failure, ProbeFailure::Other(problem) if problem.contains("refused")),
        "{failure:?}"
    );
}
