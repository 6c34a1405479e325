use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rstest::rstest;
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;

use super::super::bundle::{self, Trust};
use super::super::certificate;
use super::super::line::Level::{self, Error, Ok, Warning};
use super::{assert_line, hook_with_bundle, now, registration};

const HOST: &str = "wfe-webhook.wfe-webhook.svc";
const YEAR_AGO: &str = "2025-06-10T00:00:00Z";
const LONG_AGO: &str = "2024-06-10T00:00:00Z";
const YESTERDAY: &str = "2026-05-31T12:00:00Z";
const THIS_MORNING: &str = "2026-06-01T00:00:00Z";
const TONIGHT: &str = "2026-06-02T00:00:00Z";
const SOON: &str = "2026-06-10T00:00:00Z";
const FAR: &str = "2030-01-01T00:00:00Z";

fn time(text: &str) -> OffsetDateTime {
    let time: jiff::Timestamp = text.parse().unwrap();
    OffsetDateTime::from_unix_timestamp(time.as_second()).unwrap()
}

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn ca(from: &str, until: &str) -> Issuer {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.not_before, params.not_after) = (time(from), time(until));
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn leaf(issuer: &Issuer, name: &str, from: &str, until: &str) -> CertificateDer<'static> {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (time(from), time(until));
    let key = KeyPair::generate().unwrap();
    params.signed_by(&key, issuer).unwrap().der().clone()
}

#[rstest]
#[case::fine(HOST, YEAR_AGO, FAR, [Ok, Ok, Ok], "valid until 2030")]
#[case::expired(HOST, YEAR_AGO, YESTERDAY, [Error, Ok, Ok], "expired at 2026-05-31T12:00:00Z")]
#[case::soon(HOST, YEAR_AGO, SOON, [Warning, Ok, Ok], "expires soon")]
#[case::short_lived(HOST, THIS_MORNING, TONIGHT, [Ok, Ok, Ok], "valid until 2026-06-02")]
#[case::early(HOST, TONIGHT, FAR, [Error, Ok, Ok], "is not valid before 2026-06-02")]
#[case::name("localhost", YEAR_AGO, FAR, [Ok, Error, Ok], "but for localhost; every call fails")]
#[case::address("127.0.0.1", YEAR_AGO, FAR, [Ok, Error, Ok], "but for 127.0.0.1;")]
fn time_and_name_of_a_certificate_are_reported_separately(
    #[case] name: &str,
    #[case] from: &str,
    #[case] until: &str,
    #[case] levels: [Level; 3],
    #[case] words: &str,
) {
    let issuer = ca(LONG_AGO, FAR);
    let chain = [leaf(&issuer, name, from, until)];
    let trust = Trust::Bundle(vec![issuer.der().clone()]);
    let lines = certificate::check("validating", &chain, &trust, HOST, now());
    let found: Vec<Level> = lines.iter().map(|line| line.level).collect();
    assert_eq!(found, levels, "{lines:#?}");
    let worst = lines.iter().max_by_key(|line| line.level).unwrap();
    let line = lines.iter().find(|line| line.text.contains(words));
    assert_line(
        line.unwrap(),
        line.map_or(worst.level, |line| line.level),
        words,
    );
}

#[test]
fn a_certificate_of_another_authority_is_reported() {
    let chain = [leaf(&ca(LONG_AGO, FAR), HOST, YEAR_AGO, FAR)];
    let trust = Trust::Bundle(vec![ca(LONG_AGO, FAR).der().clone()]);
    let lines = certificate::check("validating", &chain, &trust, HOST, now());
    assert_line(&lines[2], Error, "(signed by another authority)");
}

/// Go accepts a certificate that is itself in the bundle, and so does the API server.
#[test]
fn a_certificate_that_is_in_the_bundle_itself_is_trusted() {
    let chain = [leaf(&ca(LONG_AGO, FAR), HOST, YEAR_AGO, FAR)];
    let trust = Trust::Bundle(chain.to_vec());
    let lines = certificate::check("validating", &chain, &trust, HOST, now());
    assert_line(&lines[2], Ok, "is trusted by the caBundle");
}

#[test]
fn an_intermediate_is_needed_where_the_bundle_has_the_root_alone() {
    let root = ca(LONG_AGO, FAR);
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "intermediate");
    let middle = CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &root).unwrap();
    let leaf = leaf(&middle, HOST, YEAR_AGO, FAR);
    let trust = Trust::Bundle(vec![root.der().clone()]);
    let check = |chain: &[CertificateDer<'_>]| {
        certificate::check("validating", chain, &trust, HOST, now()).remove(2)
    };
    assert_line(
        &check(&[leaf.clone(), middle.der().clone()]),
        Ok,
        "is trusted",
    );
    assert_line(&check(&[leaf]), Error, "with its intermediates");
}

#[test]
fn an_invalid_certificate_is_reported() {
    let lines = certificate::check("validating", &[], &Trust::System, HOST, now());
    assert_line(&lines[0], Error, "cannot be read");
}

#[rstest]
#[case::fine(vec![FAR], Ok, "1 certificate, valid until 2030-01-01T00:00:00Z")]
#[case::two(vec![SOON, FAR], Ok, "2 certificates, valid until 2030")]
#[case::one_expired(vec![YESTERDAY, FAR], Warning, "not all of which are still valid")]
#[case::soon(vec![SOON], Warning, "expires soon, at 2026-06-10")]
#[case::expired(vec![YESTERDAY], Error, "expired since 2026-05-31")]
fn a_bundle_is_as_good_as_its_last_certificate(
    #[case] until: Vec<&str>,
    #[case] level: Level,
    #[case] words: &str,
) {
    let pem: String = until
        .iter()
        .map(|&until| ca(LONG_AGO, until).pem())
        .collect();
    let (trust, line) = bundle::check(&hook_with_bundle(&pem), now());
    assert_line(&line, level, words);
    assert!(matches!(trust, Trust::Bundle(all) if all.len() == until.len()));
}

#[rstest]
#[case::empty("", "is empty")]
#[case::garbage("not PEM", "holds no certificate")]
#[case::key(
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "is a private key"
)]
#[case::broken(
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "cannot be read"
)]
fn a_bundle_that_no_call_can_use_is_an_error(#[case] text: &str, #[case] words: &str) {
    let (trust, line) = bundle::check(&hook_with_bundle(text), now());
    assert_line(&line, Error, words);
    assert!(matches!(trust, Trust::Nothing));
}

#[test]
fn by_url_the_bundle_may_be_left_out() {
    let [mutating, _] = registration(None);
    let mut hook = mutating.hooks[0].clone();
    hook.client.service = None;
    hook.client.url = Some("https://webhook.example.com/mutate".to_owned());
    let (trust, line) = bundle::check(&hook, now());
    assert_line(&line, Warning, "the roots of its own system");
    assert!(matches!(trust, Trust::System));
}
