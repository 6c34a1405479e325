//! Which TLS is spoken, and by which certificate.

use std::io::Write;
use std::net::SocketAddr;

use rstest::rstest;
use rustls::client::Resumption;
use rustls::{HandshakeKind, ProtocolVersion, SupportedProtocolVersion, version};

use crate::client::{Connection, ask_plainly, post, socket, tls_config, tls_config_of};
use crate::server::{connect, metric, start, wait_for_failed_handshakes, wait_for_log};

#[rstest]
#[case(&version::TLS12, ProtocolVersion::TLSv1_2)]
#[case(&version::TLS13, ProtocolVersion::TLSv1_3)]
fn both_versions_are_spoken_and_no_session_is_resumed(
    #[case] version: &'static SupportedProtocolVersion,
    #[case] spoken: ProtocolVersion,
) {
    let server = start(&[]);
    let mut config = tls_config_of(&[version], &server.ca());
    config.resumption = Resumption::in_memory_sessions(8);
    for _ in 0..2 {
        let mut connection = Connection::open(server.port(), config.clone());
        connection
            .ask(post("/mutate", "{}"))
            .assert_refusal(400, "");
        assert_eq!(connection.tls().protocol_version(), Some(spoken));
        assert_eq!(connection.tls().handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(connection.tls().tls13_tickets_received(), 0);
        connection.close();
    }
}

#[rstest]
#[case::none(&[], None)]
#[case::both(&["h2", "http/1.1"], Some("http/1.1"))]
#[case::one(&["http/1.1"], Some("http/1.1"))]
fn http_1_is_chosen(#[case] offered: &[&str], #[case] chosen: Option<&str>) {
    let server = start(&[]);
    let mut config = tls_config(&server.ca());
    config.alpn_protocols = offered
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let mut connection = Connection::open(server.port(), config);
    connection
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
    assert_eq!(connection.tls().alpn_protocol(), chosen.map(str::as_bytes));
}

#[test]
fn a_client_of_http_2_alone_is_refused() {
    let server = start(&[]);
    let mut config = tls_config(&server.ca());
    config.alpn_protocols = vec![b"h2".to_vec()];
    let error = Connection::try_open(server.port(), config, "localhost").unwrap_err();
    assert!(
        error.to_string().contains("NoApplicationProtocol"),
        "{error}"
    );
    wait_for_failed_handshakes(&server, 1.0);
}

#[test]
fn the_ephemeral_certificate_is_for_this_machine_and_the_names_given() {
    let server = start(&[
        "--tls-name",
        "hook.wfe.svc,10.1.2.3",
        "--tls-name",
        "2001:DB8:0::1",
        "--tls-name",
        "localhost",
    ]);
    for name in [
        "localhost",
        "127.0.0.1",
        "::1",
        "hook.wfe.svc",
        "10.1.2.3",
        "2001:db8::1",
    ] {
        Connection::try_open(server.port(), tls_config(&server.ca()), name)
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .ask(post("/mutate", "{}"))
            .assert_refusal(400, "");
    }
    for name in ["example.com", "10.1.2.4", "svc"] {
        let refused = Connection::try_open(server.port(), tls_config(&server.ca()), name);
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("not valid for name"), "{name}: {error}");
    }
}

#[test]
fn each_server_has_an_ephemeral_ca_of_its_own() {
    let server = start(&[]);
    let other = start(&[]);
    let refused = Connection::try_open(server.port(), tls_config(&other.ca()), "localhost");
    assert!(refused.is_err());
    wait_for_log(&server, "compare the registration's caBundle");
    let written: Vec<_> = server
        .ca()
        .parent()
        .unwrap()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(written, ["ca.crt"], "nothing but the CA is written");
    let ca = std::fs::read_to_string(server.ca()).unwrap();
    assert!(!ca.contains("KEY"), "{ca}");
}

#[test]
fn when_certificates_expire_is_counted() {
    let server = start(&[]);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    for certificate in ["leaf", "ca"] {
        let series = format!(
            "wfe_webhook_tls_certificate_not_after_seconds{{certificate=\"{certificate}\"}}"
        );
        let left = metric(&server, &series).unwrap() - now;
        assert!(
            (360.0 * 86_400.0..366.0 * 86_400.0).contains(&left),
            "{left}"
        );
    }
}

#[test]
fn plain_text_on_the_tls_port_gets_an_explanation() {
    let server = start(&[]);
    let address = SocketAddr::from(([127, 0, 0, 1], server.port()));
    let answer = ask_plainly(address, &post("/mutate", "{}")).unwrap();
    answer.assert_refusal(400, "HTTPS");
    wait_for_failed_handshakes(&server, 1.0);
}

#[test]
fn garbage_in_place_of_a_handshake_is_counted_and_a_look_at_the_port_is_not() {
    let server = start(&[]);
    let address = SocketAddr::from(([127, 0, 0, 1], server.port()));
    for _ in 0..3 {
        drop(socket(address).unwrap());
    }
    let mut garbage = socket(address).unwrap();
    garbage.write_all(b"\x16\x03\x01\x00\x05hello").unwrap();
    wait_for_failed_handshakes(&server, 1.0);
    connect(&server)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
    assert_eq!(
        metric(&server, "wfe_webhook_tls_handshake_failures_total"),
        Some(1.0)
    );
}
