use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use crate::installation::{HOST, Installation, expect};

/// A folder with a CA and a certificate for [`HOST`] that ends so long from now and began a year before.
fn certificates(ends_in: Duration) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::new([HOST.to_owned()]).unwrap();
    params.not_after = OffsetDateTime::now_utc() + ends_in;
    params.not_before = params.not_after - Duration::days(365);
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, &ca).unwrap();
    for (name, text) in [
        ("ca.crt", ca.pem()),
        ("tls.crt", leaf.pem()),
        ("tls.key", key.serialize_pem()),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn serving(folder: &Path) -> Installation {
    let path = |name: &str| folder.join(name).display().to_string();
    let installation = Installation::serving(&[
        "--tls-cert",
        &path("tls.crt"),
        "--tls-key",
        &path("tls.key"),
    ]);
    installation.register(&folder.join("ca.crt"), &[], |_| ());
    installation
}

#[test]
fn an_expired_certificate_is_an_error() {
    let folder = certificates(Duration::hours(-1));
    let installation = serving(folder.path());
    let text = expect(
        &mut installation.doctor(),
        1,
        &[
            "error    validating certificate: expired at ",
            "ok       validating certificate: is for hook.doctor.svc",
            "ok       validating certificate: is trusted by the caBundle",
            "fix: renew it",
            "error    refusal through the API server",
        ],
    );
    assert!(!text.contains("/validate answer"), "not asked: {text}");
}

#[test]
fn a_certificate_that_expires_soon_is_a_warning() {
    let folder = certificates(Duration::days(3));
    let installation = serving(folder.path());
    expect(
        &mut installation.doctor(),
        0,
        &[
            "warning  mutating certificate: expires soon, at ",
            "ok       /mutate answer",
            "0 errors, 2 warnings",
        ],
    );
}

#[test]
fn a_certificate_without_the_services_name_is_an_error() {
    let installation = Installation::serving(&[]);
    installation.register_well();
    expect(
        &mut installation.doctor(),
        1,
        &[
            "error    validating certificate: is not for hook.doctor.svc, which the API server calls, but for localhost, 127.0.0.1, ::1;",
            "fix: issue it for hook.doctor.svc",
            "error    refusal through the API server",
        ],
    );
}

#[test]
fn a_bundle_of_another_authority_is_an_error() {
    let folder = certificates(Duration::days(300));
    let installation = Installation::new();
    installation.register(&folder.path().join("ca.crt"), &[], |_| ());
    expect(
        &mut installation.doctor(),
        1,
        &[
            "error    mutating certificate: is not trusted by the caBundle",
            "fix: put the CA that signed it into the caBundle",
            "error    completion through the API server",
        ],
    );
}

/// An installation whose server demands certificates of the CA in this folder. The API server of these tests has none, so
/// nothing gets through.
fn demanding(folder: &Path) -> Installation {
    let ca = folder.join("ca.crt").display().to_string();
    let installation = Installation::serving(&["--tls-name", HOST, "--client-ca", &ca]);
    installation.register_well();
    installation
}

#[test]
fn a_server_that_requires_client_certificates_is_asked_through_the_api_server_alone() {
    let folder = certificates(Duration::days(300));
    let installation = demanding(folder.path());
    expect(
        &mut installation.doctor(),
        1,
        &[
            "ok       validating certificate: is trusted by the caBundle",
            "warning  /validate answer: not checked: the server requires a client certificate, and none was given",
            "fix: present one that its --client-ca signed, by --client-cert FILE and --client-key FILE",
            "error    refusal through the API server",
            "2 errors, 2 warnings",
        ],
    );
}

#[test]
fn a_server_that_requires_client_certificates_gets_one() {
    let folder = certificates(Duration::days(300));
    let installation = demanding(folder.path());
    let file = |name: &str| folder.path().join(name);
    let words = [
        "ok       /mutate answer: a write without conditions is completed",
        "ok       /validate answer: a write with an unknown condition type is refused",
        "2 errors, 0 warnings",
    ];
    let mut by_flags = installation.doctor();
    by_flags.arg("--client-cert").arg(file("tls.crt"));
    by_flags.arg("--client-key").arg(file("tls.key"));
    expect(&mut by_flags, 1, &words);
    let mut by_variables = installation.doctor();
    by_variables.env("WFE_WEBHOOK_CLIENT_CERT", file("tls.crt"));
    by_variables.env("WFE_WEBHOOK_CLIENT_KEY", file("tls.key"));
    expect(&mut by_variables, 1, &words);
}

#[test]
fn a_client_certificate_of_another_authority_is_reported() {
    let folder = certificates(Duration::days(300));
    let installation = demanding(folder.path());
    let other = certificates(Duration::days(300));
    let mut command = installation.doctor();
    command
        .arg("--client-cert")
        .arg(other.path().join("tls.crt"))
        .arg("--client-key")
        .arg(other.path().join("tls.key"));
    expect(
        &mut command,
        1,
        &[
            "error    /mutate answer: the server refuses the client certificate that was given: ",
            "fix: give the one that the API server presents",
        ],
    );
}
