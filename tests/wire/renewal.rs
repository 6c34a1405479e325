//! Certificates that are replaced on disk while the server runs.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rcgen::CertificateParams;
use rstest::rstest;
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;

use crate::client::{Connection, post, socket, tls_config};
use crate::files::{Authority, Files, Leaf};
use crate::guarded::wait_until;
use crate::reviews::Review;
use crate::server::{metric, readiness, start, wait_for_log};
use crate::webhook_server::WebhookServer;

const NOT_AFTER: &str = r#"wfe_webhook_tls_certificate_not_after_seconds{certificate="leaf"}"#;
const TAKEN: &str = r#"wfe_webhook_tls_reloads_total{result="success"}"#;
const REFUSED: &str = r#"wfe_webhook_tls_reloads_total{result="failure"}"#;

/// What the log says of files that hold nothing to serve.
const KEPT: &str = "what they held before is still used";

/// A server with `cert.pem` and `key.pem` of a folder, which it looks at often.
fn serve(files: &Files) -> WebhookServer {
    start(&[
        "--tls-cert",
        &files.text("cert.pem"),
        "--tls-key",
        &files.text("key.pem"),
        "--reload-interval",
        "100ms",
    ])
}

/// A server with a certificate of a CA whose own one is in `ca.pem`.
fn serve_first(files: &Files, authority: &Authority, first: &Leaf) -> WebhookServer {
    files.write("ca.pem", &authority.pem());
    by_link(files, first);
    serve(files)
}

fn connect(server: &WebhookServer, files: &Files) -> Connection {
    Connection::open(server.port(), tls_config(&files.path("ca.pem")))
}

/// The certificate that a new connection gets.
fn served(server: &WebhookServer, files: &Files) -> CertificateDer<'static> {
    let connection = connect(server, files);
    connection.tls().peer_certificates().unwrap()[0].clone()
}

fn wait_until_served(server: &WebhookServer, files: &Files, leaf: &Leaf) {
    wait_until("the new certificate", || {
        (served(server, files) == leaf.der).then_some(())
    });
}

fn wait_for_count(server: &WebhookServer, series: &str, count: u32) {
    wait_until(&format!("{series} {count}"), || {
        let seen = metric(server, series).expect("counters are there from the start");
        assert!(seen <= f64::from(count), "{series} {seen}");
        (seen >= f64::from(count)).then_some(())
    });
}

fn assert_answers(connection: &mut Connection) {
    connection
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
}

fn in_place(files: &Files, leaf: &Leaf) {
    files.write("cert.pem", &leaf.certificate);
    files.write("key.pem", &leaf.key);
}

fn by_rename(files: &Files, leaf: &Leaf) {
    files.rename_over("key.pem", &leaf.key);
    files.rename_over("cert.pem", &leaf.certificate);
}

fn by_link(files: &Files, leaf: &Leaf) {
    files.swap(&[("cert.pem", &leaf.certificate), ("key.pem", &leaf.key)]);
}

#[test]
fn a_connection_that_was_opened_in_advance_gets_the_certificate_of_its_handshake() {
    let authority = Authority::new("CA");
    let files = Files::new();
    let server = serve_first(&files, &authority, &authority.leaf(2090));
    let early = socket(SocketAddr::from(([127, 0, 0, 1], server.port()))).unwrap();
    // Accepted after it, so that it is waited for by now.
    assert_answers(&mut connect(&server, &files));
    let leaf = authority.leaf(2091);
    by_link(&files, &leaf);
    wait_until_served(&server, &files, &leaf);
    let config = tls_config(&files.path("ca.pem"));
    let connection = Connection::over(early, config, "localhost").unwrap();
    assert_eq!(connection.tls().peer_certificates().unwrap()[0], leaf.der);
}

#[rstest]
#[case::links_as_of_a_secret_volume(by_link)]
#[case::atomic_renames(by_rename)]
#[case::writing_in_place(in_place)]
fn changes_are_served_one_after_another_and_old_connections_live_on(
    #[case] replace: fn(&Files, &Leaf),
) {
    let authority = Authority::new("CA");
    let files = Files::new();
    files.write("ca.pem", &authority.pem());
    replace(&files, &authority.leaf(2090));
    let server = serve(&files);
    assert_eq!(metric(&server, TAKEN), Some(0.0));
    let mut connections = vec![connect(&server, &files)];
    // 2091-01-01, 2092-01-01, 2093-01-01, 2094-01-01.
    let times = [
        3_818_448_000.0,
        3_849_984_000.0,
        3_881_606_400.0,
        3_913_142_400.0,
    ];
    for (year, not_after) in (2091..).zip(times) {
        let leaf = authority.leaf(year);
        replace(&files, &leaf);
        wait_until_served(&server, &files, &leaf);
        wait_until("its time of expiry", || {
            (metric(&server, NOT_AFTER) == Some(not_after)).then_some(())
        });
        wait_for_log(&server, &format!("{year}-01-01T00:00:00Z"));
        for connection in &mut connections {
            assert_answers(connection);
        }
        connections.push(connect(&server, &files));
    }
    assert_eq!(metric(&server, TAKEN), Some(4.0));
    assert_eq!(
        server.log().matches("using the new certificate").count(),
        times.len()
    );
}

#[test]
fn a_pair_that_is_written_piece_by_piece_is_taken_when_it_fits() {
    let authority = Authority::new("CA");
    let [old, new] = [2090, 2091].map(|year| authority.leaf(year));
    let files = Files::new();
    let server = serve_first(&files, &authority, &old);
    let half = |text: &str| text[..text.len() / 2].to_owned();
    let steps = [
        ("cert.pem", half(&new.certificate), "no readable PEM"),
        (
            "cert.pem",
            new.certificate.clone(),
            "do not belong together",
        ),
        ("key.pem", half(&new.key), "no readable PEM"),
    ];
    for ((file, text, said), count) in steps.into_iter().zip(1..) {
        files.write(file, &text);
        wait_for_count(&server, REFUSED, count);
        wait_for_log(&server, said);
        assert!(served(&server, &files) == old.der, "{said}");
    }
    files.write("key.pem", &new.key);
    wait_until_served(&server, &files, &new);
    wait_for_count(&server, TAKEN, 1);
    wait_for_count(&server, REFUSED, 3);
}

/// Something in the place of `cert.pem` and `key.pem`.
type Spoil = fn(&Files, &Authority);

fn key_of_another(files: &Files, authority: &Authority) {
    files.write("key.pem", &authority.leaf(2091).key);
}

fn expired(files: &Files, authority: &Authority) {
    by_link(files, &authority.leaf(2021));
}

fn cut_certificate(files: &Files, _: &Authority) {
    files.write("cert.pem", "-----BEGIN CERTIFICATE-----\nMIIB");
}

fn empty_key(files: &Files, _: &Authority) {
    files.write("key.pem", "");
}

fn no_file(files: &Files, _: &Authority) {
    std::fs::remove_file(files.path("cert.pem")).unwrap();
}

#[rstest]
#[case::key_of_another(key_of_another, "do not belong together")]
#[case::expired(expired, "expired at 2021-01-01T00:00:00Z")]
#[case::cut_certificate(cut_certificate, "no readable PEM")]
#[case::empty_key(empty_key, "holds no private key")]
#[case::no_file(no_file, "No such file")]
fn what_cannot_be_served_is_logged_once_and_the_next_good_pair_is_taken(
    #[case] spoil: Spoil,
    #[case] said: &str,
) {
    let authority = Authority::new("CA");
    let old = authority.leaf(2090);
    let files = Files::new();
    let server = serve_first(&files, &authority, &old);
    let mut connection = connect(&server, &files);
    spoil(&files, &authority);
    wait_for_log(&server, said);
    wait_for_count(&server, REFUSED, 1);
    // Time for several more looks, at which nothing may be said again.
    std::thread::sleep(Duration::from_secs(1));
    wait_for_count(&server, REFUSED, 1);
    assert_eq!(server.log().matches(KEPT).count(), 1, "{}", server.log());
    assert!(served(&server, &files) == old.der);
    assert_eq!(metric(&server, NOT_AFTER), Some(3_786_912_000.0), "2090");

    let new = authority.leaf(2091);
    by_rename(&files, &new);
    wait_until_served(&server, &files, &new);
    wait_for_count(&server, TAKEN, 1);
    assert_answers(&mut connection);
}

#[test]
fn a_certificate_that_expires_unrenewed_is_logged_and_still_served() {
    let authority = Authority::new("CA");
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_after = OffsetDateTime::now_utc() + Duration::from_secs(5);
    let files = Files::new();
    let mut server = serve_first(&files, &authority, &authority.sign(&params));
    wait_for_log(&server, "the serving certificate has expired");
    let trusting = tls_config(&files.path("ca.pem"));
    let refused = Connection::try_open(server.port(), trusting, "localhost").unwrap_err();
    assert!(refused.to_string().contains("expired"), "{refused}");
    assert_eq!(readiness(&server).status, 200);

    let new = authority.leaf(2091);
    by_link(&files, &new);
    wait_for_count(&server, TAKEN, 1);
    wait_until_served(&server, &files, &new);
    assert_eq!(server.log().matches("has expired").count(), 1);
    server.process().signal("TERM");
    assert_eq!(server.process().wait(), 0);
}

#[test]
fn a_change_may_bring_any_kind_of_key_and_a_chain() {
    let authority = Authority::new("CA");
    let files = Files::new();
    let server = serve_first(&files, &authority, &authority.leaf(2090));
    let kinds = [
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
        "genrsa -traditional -out key.pem 2048",
        "ecparam -name prime256v1 -genkey -out key.pem",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem",
    ];
    for make_key in kinds {
        let fresh = Files::new();
        fresh.openssl(make_key);
        fresh.self_signed();
        for name in ["key.pem", "cert.pem"] {
            files.rename_over(name, &std::fs::read_to_string(fresh.path(name)).unwrap());
        }
        // A client that trusts this one alone.
        let mut connection = wait_until(make_key, || {
            let trusting = tls_config(&fresh.path("cert.pem"));
            Connection::try_open(server.port(), trusting, "localhost").ok()
        });
        assert_answers(&mut connection);
    }
    let between = authority.below("between");
    let leaf = between.leaf(2091);
    files.rename_over("key.pem", &leaf.key);
    files.rename_over(
        "cert.pem",
        &format!("{}{}", leaf.certificate, between.pem()),
    );
    wait_until("the chain", || {
        let trusting = tls_config(&files.path("ca.pem"));
        Connection::try_open(server.port(), trusting, "localhost").ok()
    });
}

#[test]
fn no_request_is_lost_while_certificates_change_under_load() {
    let authority = Authority::new("CA");
    let files = Files::new();
    files.write("ca.pem", &authority.pem());
    by_link(&files, &authority.leaf(2090));
    let server = serve(&files);
    let request = post(
        "/validate",
        &String::from_utf8(Review::tekton().body()).unwrap(),
    );
    let ends = AtomicBool::new(false);
    let ask = |connection: &mut Connection| {
        let answer = connection.ask(&request);
        assert_eq!(answer.status, 200, "{answer:?}");
        // A steady load, which leaves the rest of the machine room.
        std::thread::sleep(Duration::from_millis(5));
        1_u32
    };
    std::thread::scope(|scope| {
        let kept = || {
            let mut connection = connect(&server, &files);
            let mut asked = 0;
            while !ends.load(Ordering::Relaxed) {
                asked += ask(&mut connection);
            }
            asked
        };
        let fresh = || {
            let mut asked = 0;
            while !ends.load(Ordering::Relaxed) {
                asked += ask(&mut connect(&server, &files));
            }
            asked
        };
        let clients = [
            scope.spawn(kept),
            scope.spawn(kept),
            scope.spawn(fresh),
            scope.spawn(fresh),
        ];
        // Clients end, and with them the test, also when this fails.
        let changed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for year in 2091..=2096 {
                let leaf = authority.leaf(year);
                by_link(&files, &leaf);
                wait_until_served(&server, &files, &leaf);
            }
        }));
        ends.store(true, Ordering::Relaxed);
        // A client that lost a request has panicked.
        let asked: u32 = clients.map(|client| client.join().unwrap()).iter().sum();
        changed.unwrap();
        let answered = r#"wfe_webhook_admission_requests_total{dry_run="false",outcome="allowed",webhook="validate"}"#;
        assert_eq!(metric(&server, answered), Some(f64::from(asked)));
    });
    assert_eq!(metric(&server, TAKEN), Some(6.0));
    assert_eq!(metric(&server, REFUSED), Some(0.0));
    assert_eq!(
        metric(&server, "wfe_webhook_tls_handshake_failures_total"),
        Some(0.0)
    );
}
