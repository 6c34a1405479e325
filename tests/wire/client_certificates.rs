//! Clients that have to show a certificate.

use rcgen::{CertificateParams, SanType};
use rstest::rstest;
use rustls::{ALL_VERSIONS, ClientConfig, SupportedProtocolVersion};

use crate::client::{Connection, get, post, tls_config, tls_config_of, tls_config_with};
use crate::files::{Authority, Files, Leaf, client};
use crate::guarded::wait_until;
use crate::server::{
    metric, program_that_ends, readiness, start, wait_for_failed_handshakes, wait_for_log,
};
use crate::webhook_server::WebhookServer;

const NOT_AFTER: &str = r#"wfe_webhook_tls_certificate_not_after_seconds{certificate="client_ca"}"#;
const TAKEN: &str = r#"wfe_webhook_tls_reloads_total{result="success"}"#;
const REFUSED: &str = r#"wfe_webhook_tls_reloads_total{result="failure"}"#;
const INVALID: &str =
    r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="invalid",webhook="mutate"}"#;

/// A server that demands certificates of the CAs in `client-ca.pem`.
fn serve(files: &Files, arguments: &[&str]) -> WebhookServer {
    let ca = files.text("client-ca.pem");
    let mut all = vec!["--client-ca", &ca, "--reload-interval", "100ms"];
    all.extend(arguments);
    start(&all)
}

/// A client with a certificate.
fn with(server: &WebhookServer, leaf: &Leaf) -> ClientConfig {
    tls_config_with(ALL_VERSIONS, &server.ca(), &leaf.certificate, &leaf.key)
}

#[track_caller]
fn assert_answered(server: &WebhookServer, config: ClientConfig) {
    Connection::open(server.port(), config)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "AdmissionReview");
}

/// How a handshake fails. By TLS 1.3 the client learns of it only when it reads.
fn refusal(server: &WebhookServer, config: ClientConfig) -> String {
    Connection::try_open(server.port(), config, "localhost")
        .and_then(|mut connection| connection.try_answer())
        .expect_err("the client is refused")
        .to_string()
}

#[rstest]
#[case::tls_1_2(&rustls::version::TLS12)]
#[case::tls_1_3(&rustls::version::TLS13)]
fn who_has_no_certificate_of_the_ca_is_refused_in_the_handshake(
    #[case] version: &'static SupportedProtocolVersion,
) {
    let authority = Authority::until("clients", 2090);
    let files = Files::new();
    files.write("client-ca.pem", &authority.pem());
    let server = serve(&files, &[]);
    let as_client =
        |leaf: &Leaf| tls_config_with(&[version], &server.ca(), &leaf.certificate, &leaf.key);
    // Without names, any of its clients will do.
    assert_answered(&server, as_client(&authority.client("anyone")));

    let mut expired = client("late");
    expired.not_before = rcgen::date_time_ymd(2020, 1, 1);
    expired.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let mut no_client = client("server");
    no_client.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let nobody = tls_config_of(&[version], &server.ca());
    let refused = [
        (nobody, "peer sent no certificates"),
        (
            as_client(&Authority::new("other").client("anyone")),
            "UnknownIssuer",
        ),
        (as_client(&authority.sign(&expired)), "expired"),
        (as_client(&authority.sign(&no_client)), "extended key usage"),
    ];
    for ((config, logged), count) in refused.into_iter().zip(1_i32..) {
        let said = refusal(&server, config);
        assert!(said.contains("alert"), "{said}");
        wait_for_failed_handshakes(&server, count.into());
        wait_for_log(&server, logged);
    }
    assert!(
        server.log().contains("--admission-control-config-file"),
        "{}",
        server.log()
    );

    assert_eq!(readiness(&server).status, 200);
    assert_eq!(get(server.admin(), "/livez").unwrap().status, 200);
    assert_eq!(metric(&server, NOT_AFTER), Some(3_786_912_000.0), "2090");
}

fn with_alternative_name(name: SanType) -> CertificateParams {
    let mut params = client("api");
    params.subject_alt_names = vec![name];
    params
}

#[test]
fn who_has_none_of_the_names_is_refused_and_logged() {
    let authority = Authority::new("clients");
    let files = Files::new();
    files.write("client-ca.pem", &authority.pem());
    let server = serve(
        &files,
        &[
            "--client-name",
            "kube-apiserver",
            "--client-name",
            "api.example.com,spiffe://example.com/api",
        ],
    );
    let dns = SanType::DnsName("api.example.com".try_into().unwrap());
    let uri = SanType::URI("spiffe://example.com/api".try_into().unwrap());
    for params in [
        client("kube-apiserver"),
        with_alternative_name(dns),
        with_alternative_name(uri),
    ] {
        assert_answered(&server, with(&server, &authority.sign(&params)));
    }
    assert_eq!(metric(&server, INVALID), Some(3.0));

    let elsewhere = SanType::DnsName("elsewhere.example.com".try_into().unwrap());
    let stranger = authority.sign(&with_alternative_name(elsewhere));
    let mut connection = Connection::open(server.port(), with(&server, &stranger));
    let names = "CN api, DNS elsewhere.example.com";
    for _ in 0..2 {
        // The connection stands, so that the API server gets an answer to show.
        connection
            .ask(post("/mutate", "{}"))
            .assert_refusal(403, &format!("{names}, which no --client-name"));
    }
    // One line a second for the same refusal.
    wait_until("a line", || {
        let log = server.log();
        let lines = log
            .lines()
            .filter(|line| line.contains("status=403") && line.contains(names));
        (lines.count() == 1).then_some(())
    });
    assert_eq!(metric(&server, INVALID), Some(5.0));
    assert_eq!(
        metric(&server, "wfe_webhook_tls_handshake_failures_total"),
        Some(0.0)
    );
}

#[test]
fn a_changed_ca_is_used_and_goes_with_a_changed_certificate() {
    let [first, second] =
        [("first", 2090), ("second", 2091)].map(|(name, year)| Authority::until(name, year));
    let [of_first, of_second] = [&first, &second].map(|authority| authority.client("api"));
    let serving = Authority::new("serving");
    let leaf = serving.leaf(2090);
    let files = Files::new();
    files.write("ca.pem", &serving.pem());
    files.swap(&[
        ("client-ca.pem", &first.pem()),
        ("cert.pem", &leaf.certificate),
        ("key.pem", &leaf.key),
    ]);
    let server = serve(
        &files,
        &[
            "--tls-cert",
            &files.text("cert.pem"),
            "--tls-key",
            &files.text("key.pem"),
        ],
    );
    let ca = files.path("ca.pem");
    let config = |leaf: &Leaf| tls_config_with(ALL_VERSIONS, &ca, &leaf.certificate, &leaf.key);
    let answered = |leaf: &Leaf| {
        Connection::try_open(server.port(), config(leaf), "localhost")
            .and_then(|mut connection| {
                connection.try_send(post("/mutate", "{}"))?;
                connection.try_answer()
            })
            .is_ok_and(|answer| answer.status == 400)
    };
    let mut old_connection = Connection::open(server.port(), config(&of_first));
    assert!(answered(&of_first) && !answered(&of_second));

    // Both CAs, then the new one alone, as one replaces a CA.
    files.rename_over("client-ca.pem", &format!("{}{}", first.pem(), second.pem()));
    wait_until("both CAs", || answered(&of_second).then_some(()));
    assert!(answered(&of_first));
    files.rename_over("client-ca.pem", &second.pem());
    wait_until("the new CA alone", || (!answered(&of_first)).then_some(()));
    assert!(answered(&of_second));
    wait_until("its time of expiry", || {
        (metric(&server, NOT_AFTER) == Some(3_818_448_000.0)).then_some(())
    });

    for (count, spoilt) in [
        (1.0, "no PEM".to_owned()),
        (2.0, Authority::until("old", 2021).pem()),
    ] {
        files.rename_over("client-ca.pem", &spoilt);
        wait_until("a refused change", || {
            (metric(&server, REFUSED) == Some(count)).then_some(())
        });
        assert!(answered(&of_second) && !answered(&of_first));
    }
    wait_for_log(&server, "holds no certificate");
    wait_for_log(&server, "expired at 2021-01-01T00:00:00Z");

    // Another certificate is served to the same clients.
    let renewed = serving.leaf(2091);
    let taken = metric(&server, TAKEN).unwrap();
    files.write("cert.pem", &renewed.certificate);
    files.write("key.pem", &renewed.key);
    wait_until("the new certificate", || {
        (metric(&server, TAKEN).unwrap() > taken).then_some(())
    });
    let connection = Connection::open(server.port(), config(&of_second));
    assert_eq!(
        connection.tls().peer_certificates().unwrap()[0],
        renewed.der
    );
    assert!(answered(&of_second) && !answered(&of_first));
    refusal(&server, tls_config(&ca));

    old_connection
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
}

#[rstest]
#[case::no_file(None, "No such file")]
#[case::empty(Some(""), "holds no certificate")]
#[case::no_certificate(
    Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    "cannot use the client CA"
)]
fn a_ca_that_will_not_do_is_named(#[case] text: Option<&str>, #[case] said: &str) {
    let files = Files::new();
    if let Some(text) = text {
        files.write("client-ca.pem", text);
    }
    let output = program_that_ends()
        .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        .args(["--certs-dir", &files.text("certs")])
        .args(["--client-ca", &files.text("client-ca.pem")])
        .output()
        .expect("the program starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "one line: {stderr}");
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(stderr.contains("client-ca.pem"), "{stderr}");
    assert!(stderr.contains(said), "{stderr}");
}
