//! Certificates from files: every kind of key, chains, and what is said of files that will not do.

use std::path::Path;

use rcgen::{CertificateParams, KeyPair};
use rstest::rstest;

use crate::client::{Connection, post, tls_config};
use crate::files::{Authority, Files};
use crate::server::{metric, program_that_ends, start, wait_for_log};

fn is_in(path: &Path, label: &str) -> bool {
    std::fs::read_to_string(path)
        .unwrap()
        .contains(&format!("-----BEGIN {label}-----"))
}

#[rstest]
#[case::pkcs8_p256(
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
    "PRIVATE KEY"
)]
#[case::pkcs8_p384(
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem",
    "PRIVATE KEY"
)]
#[case::pkcs8_rsa(
    "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
    "PRIVATE KEY"
)]
#[case::pkcs1_rsa("genrsa -traditional -out key.pem 2048", "RSA PRIVATE KEY")]
// Its parameters come first, in a block of their own.
#[case::sec1("ecparam -name prime256v1 -genkey -out key.pem", "EC PRIVATE KEY")]
fn every_kind_of_key_is_served(#[case] make_key: &str, #[case] label: &str) {
    let files = Files::new();
    files.openssl(make_key);
    assert!(is_in(&files.path("key.pem"), label));
    files.self_signed();
    let server = start(&[
        "--tls-cert",
        &files.text("cert.pem"),
        "--tls-key",
        &files.text("key.pem"),
    ]);
    let trusting = tls_config(&files.path("cert.pem"));
    Connection::open(server.port(), trusting)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
    assert!(!server.ca().exists(), "no ephemeral CA is made");
}

#[test]
fn a_chain_is_served_whole() {
    let root = Authority::new("root");
    let between = root.below("between");
    let leaf = between.leaf(2100);
    let files = Files::new();
    files.write("root.pem", &root.pem());
    // Text around the blocks, as tools leave it there, does not matter.
    let chain = format!(
        "the leaf\n{}and its issuer\n{}",
        leaf.certificate,
        between.pem()
    );
    files.write("chain.pem", &chain);
    files.write("key.pem", &leaf.key);
    let server = start(&[
        "--tls-cert",
        &files.text("chain.pem"),
        "--tls-key",
        &files.text("key.pem"),
    ]);
    let trusting = tls_config(&files.path("root.pem"));
    Connection::open(server.port(), trusting)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
}

#[test]
fn an_expired_certificate_is_served_and_logged() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let files = Files::new();
    files.write("cert.pem", &params.self_signed(&key).unwrap().pem());
    files.write("key.pem", &key.serialize_pem());
    let server = start(&[
        "--tls-cert",
        &files.text("cert.pem"),
        "--tls-key",
        &files.text("key.pem"),
    ]);
    wait_for_log(&server, "has expired");
    let series = r#"wfe_webhook_tls_certificate_not_after_seconds{certificate="leaf"}"#;
    assert_eq!(metric(&server, series), Some(1_609_459_200.0));

    let trusting = tls_config(&files.path("cert.pem"));
    let refused = Connection::try_open(server.port(), trusting, "localhost").unwrap_err();
    assert!(refused.to_string().contains("expired"), "{refused}");
    wait_for_log(&server, "caBundle");
}

const EMPTY: &str = "";
const NO_PEM: &str = "this is no PEM";
const BROKEN: &str = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n";
const NO_X509: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const NO_KEY: &str = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
const ENCRYPTED: &str =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";

#[rstest]
#[case::empty_certificate(Some(EMPTY), None, &["cert.pem", "holds no certificate", "CERTIFICATE"])]
#[case::certificate_no_pem(Some(NO_PEM), None, &["cert.pem", "holds no certificate"])]
#[case::certificate_broken(Some(BROKEN), None, &["cert.pem", "no readable PEM"])]
#[case::certificate_no_x509(Some(NO_X509), None, &["cert.pem", "cannot serve"])]
#[case::empty_key(None, Some(EMPTY), &["key.pem", "holds no private key", "EC PRIVATE KEY"])]
#[case::key_no_pem(None, Some(NO_PEM), &["key.pem", "holds no private key"])]
#[case::key_broken(None, Some(BROKEN), &["key.pem", "no readable PEM"])]
#[case::key_no_key(None, Some(NO_KEY), &["key.pem", "cannot serve"])]
#[case::key_encrypted(None, Some(ENCRYPTED), &["key.pem", "encrypted", "openssl pkey"])]
fn files_that_will_not_do_are_named(
    #[case] certificate: Option<&str>,
    #[case] key: Option<&str>,
    #[case] words: &[&str],
) {
    let files = Files::new();
    let good = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let good_certificate = good.cert.pem();
    let good_key = good.signing_key.serialize_pem();
    files.write("cert.pem", certificate.unwrap_or(&good_certificate));
    files.write("key.pem", key.unwrap_or(&good_key));
    assert_fails(&files, words);
}

#[test]
fn a_certificate_and_the_key_of_another_are_named() {
    let files = Files::new();
    let one = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    files.write("cert.pem", &one.cert.pem());
    files.write("key.pem", &other.signing_key.serialize_pem());
    assert_fails(&files, &["cert.pem", "key.pem", "do not belong together"]);
}

#[test]
fn files_that_are_not_there_are_named() {
    let files = Files::new();
    assert_fails(&files, &["cert.pem", "No such file"]);
    let good = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    files.write("cert.pem", &good.cert.pem());
    assert_fails(&files, &["key.pem", "No such file"]);
    std::fs::create_dir(files.path("key.pem")).unwrap();
    assert_fails(&files, &["key.pem", "Is a directory"]);
}

/// Asserts that a server with `cert.pem` and `key.pem` of the folder ends with one line that has all `words`.
#[track_caller]
fn assert_fails(files: &Files, words: &[&str]) {
    let output = program_that_ends()
        .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        .args(["--tls-cert", &files.text("cert.pem")])
        .args(["--tls-key", &files.text("key.pem")])
        .output()
        .expect("the program starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "one line: {stderr}");
    assert!(stderr.starts_with("error: "), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "no {word:?} in: {stderr}");
    }
}
