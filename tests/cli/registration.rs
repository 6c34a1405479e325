use std::fs;

use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookClientConfig,
};
use rcgen::{CertificateParams, KeyPair};
use rstest::rstest;
use tempfile::TempDir;

use crate::program::{Ended, run};

const BY_URL: [&str; 4] = [
    "generate",
    "registration",
    "--url",
    "https://localhost:8443",
];

fn generate(args: &[&str]) -> Ended {
    run(&[&["generate", "registration"], args].concat())
}

fn configurations(yaml: &str) -> (MutatingWebhookConfiguration, ValidatingWebhookConfiguration) {
    let documents: Vec<&str> = yaml.split("---\n").collect();
    let [before, mutating, validating] = documents[..] else {
        panic!("two documents, not {documents:?}");
    };
    assert_eq!(before, "");
    (
        serde_saphyr::from_str(mutating).unwrap(),
        serde_saphyr::from_str(validating).unwrap(),
    )
}

fn client_configs(yaml: &str) -> [WebhookClientConfig; 2] {
    let (mutating, validating) = configurations(yaml);
    [
        mutating.webhooks.unwrap().remove(0).client_config,
        validating.webhooks.unwrap().remove(0).client_config,
    ]
}

/// A certificate and its key as PEM text.
fn certificate() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["ca.example.com".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    (certificate.pem(), key.serialize_pem())
}

#[test]
fn by_service_both_configurations_are_printed_whole() {
    let ended = generate(&["--service", "wfe-webhook/wfe-webhook"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ended.stdout);
}

#[rstest]
#[case("https://localhost:8443", "https://localhost:8443")]
#[case("https://localhost:8443/", "https://localhost:8443")]
#[case(
    "https://hooks.example.com/wfe-webhook",
    "https://hooks.example.com/wfe-webhook"
)]
#[case("https://[::1]:8443", "https://[::1]:8443")]
#[case("https://[::1]", "https://[::1]")]
fn a_url_gets_the_paths_of_both_webhooks(#[case] url: &str, #[case] base: &str) {
    let ended = generate(&["--url", url]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let urls = client_configs(&ended.stdout).map(|config| config.url.unwrap());
    assert_eq!(urls, [format!("{base}/mutate"), format!("{base}/validate")]);
}

#[test]
fn a_service_keeps_its_port() {
    let ended = generate(&["--service", "hooks/wfe:8443"]);
    let services = client_configs(&ended.stdout).map(|config| config.service.unwrap());
    let paths = services.map(|service| {
        assert_eq!(
            (service.namespace, service.name, service.port),
            ("hooks".to_owned(), "wfe".to_owned(), Some(8443))
        );
        service.path.unwrap()
    });
    assert_eq!(paths, ["/mutate", "/validate"]);
}

#[test]
fn the_choices_reach_the_webhook_they_are_for() {
    let ended = generate(&[
        "--url",
        "https://localhost:8443",
        "--failure-policy",
        "fail",
        "--mutate-timeout",
        "1",
        "--validate-timeout",
        "30",
    ]);
    let (mutating, validating) = configurations(&ended.stdout);
    let mutating = mutating.webhooks.unwrap().remove(0);
    let validating = validating.webhooks.unwrap().remove(0);
    assert_eq!(mutating.failure_policy.as_deref(), Some("Ignore"));
    assert_eq!(validating.failure_policy.as_deref(), Some("Fail"));
    assert_eq!(mutating.timeout_seconds, Some(1));
    assert_eq!(validating.timeout_seconds, Some(30));
}

#[rstest]
#[case::by_default(&[], [true, true])]
#[case::on(&["--match-conditions", "on"], [true, true])]
#[case::off(&["--match-conditions", "off"], [false, false])]
fn the_api_server_is_told_what_needs_no_call(#[case] flags: &[&str], #[case] told: [bool; 2]) {
    let ended = generate(&[&["--url", "https://localhost:8443"], flags].concat());
    let (mutating, validating) = configurations(&ended.stdout);
    let conditions = [
        mutating.webhooks.unwrap().remove(0).match_conditions,
        validating.webhooks.unwrap().remove(0).match_conditions,
    ];
    assert_eq!(conditions.map(|it| it.is_some()), told);
}

/// What has to be completed depends on it. What is judged does not.
#[test]
fn a_pinned_vocabulary_is_that_of_the_mutating_webhook() {
    let of = |vocabulary: &str| {
        let url = [
            "--url",
            "https://localhost:8443",
            "--vocabulary",
            vocabulary,
        ];
        let (mutating, validating) = configurations(&generate(&url).stdout);
        let mutating = mutating.webhooks.unwrap().remove(0).match_conditions;
        let validating = validating.webhooks.unwrap().remove(0).match_conditions;
        [mutating, validating].map(|it| it.unwrap().remove(0).expression)
    };
    let [tekton, execution] = ["tekton", "execution"].map(of);
    assert!(tekton[0].contains("'TektonPipelineCreated'") && !tekton[0].contains("'Execution"));
    assert!(execution[0].contains("'ExecutionCreated'") && !execution[0].contains("'Tekton"));
    assert_eq!(tekton[1], execution[1]);
}

#[test]
fn the_ca_file_becomes_the_bundle_as_it_stands() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ca.crt");
    let pem = format!("Two of them:\n{}{}", certificate().0, certificate().0);
    fs::write(&file, &pem).unwrap();
    let ended = run(&[&BY_URL[..], &["--ca", file.to_str().unwrap()]].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    for config in client_configs(&ended.stdout) {
        assert_eq!(config.ca_bundle.unwrap().0, pem.as_bytes());
    }
}

#[rstest]
#[case::empty("", "holds no certificate")]
#[case::text("not PEM", "holds no certificate")]
#[case::garbage(
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "PEM block 1 cannot be read"
)]
#[case::cut("-----BEGIN CERTIFICATE-----\nAAAA\n", "PEM block 1 cannot be read")]
fn a_file_without_a_readable_certificate_is_refused(#[case] pem: &str, #[case] problem: &str) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ca.crt");
    fs::write(&file, pem).unwrap();
    let ended = run(&[&BY_URL[..], &["--ca", file.to_str().unwrap()]].concat());
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.contains(problem), "{}", ended.stderr);
    assert!(ended.stderr.contains("ca.crt"), "{}", ended.stderr);
}

#[test]
fn a_private_key_is_never_published() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("both.pem");
    let (certificate, key) = certificate();
    fs::write(&file, certificate + &key).unwrap();
    let ended = run(&[&BY_URL[..], &["--ca", file.to_str().unwrap()]].concat());
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(
        ended.stderr.contains("PEM block 2 is a private key"),
        "{}",
        ended.stderr
    );
}

#[rstest]
#[case(&[], "--url <URL>|--service <NAMESPACE/NAME[:PORT]>")]
#[case(&["--url", "https://a", "--service", "b/c"], "cannot be used with")]
#[case(&["--url", "http://localhost:8443"], "https only")]
#[case(&["--url", "localhost:8443"], "https only")]
#[case(&["--url", "localhost"], "https only")]
#[case(&["--url", "https://"], "not a URL")]
#[case(&["--url", "https:///mutate"], "not a URL")]
#[case(&["--url", "https://:8443"], "the host is missing")]
#[case(&["--url", "https://a b"], "not a URL")]
#[case(&["--url", "https://localhost?timeout=1s"], "must not have a query")]
#[case(&["--url", "https://localhost#here"], "must not have a fragment")]
#[case(&["--url", "https://user@localhost"], "must not have a user name")]
#[case(&["--url", "https://localhost:0"], "from 1 to 65535")]
#[case(&["--url", "https://localhost:65536"], "from 1 to 65535")]
#[case(&["--url", "https://localhost:"], "from 1 to 65535")]
#[case(&["--url", "https://localhost:8443/validate"], "leave /validate out")]
#[case(&["--url", "https://localhost:8443/mutate/"], "leave /mutate out")]
#[case(&["--service", "wfe-webhook"], "expected NAMESPACE/NAME")]
#[case(&["--service", "a/b:0"], "from 1 to 65535")]
#[case(&["--service", "a/b:https"], "from 1 to 65535")]
#[case(&["--service", "A/b"], "\"A\" is not a valid name of a namespace")]
#[case(&["--service", "a/b.c"], "\"b.c\" is not a valid name of a Service")]
#[case(&["--service", "a/"], "\"\" is not a valid name of a Service")]
#[case(&["--url", "https://a", "--failure-policy", "Retry"], "Ignore, Fail")]
#[case(&["--url", "https://a", "--mutate-timeout", "0"], "1..=30")]
#[case(&["--url", "https://a", "--validate-timeout", "31"], "1..=30")]
#[case(&["--url", "https://a", "--ca", "no-such-file"], "--ca no-such-file: No such file")]
fn wrong_usage_ends_with_2_and_names_what_is_allowed(#[case] args: &[&str], #[case] words: &str) {
    let ended = generate(args);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
}
