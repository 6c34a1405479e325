//! The certificate's way: from cert-manager into a Secret, from there into the pod, and its CA into the registration.

use rstest::rstest;
use serde_json::{Value, json};

use crate::rendered::{Mode, NAME, Rendered};

fn named<'r>(rendered: &'r Rendered, kind: &str, name: &str) -> &'r Value {
    let mut found = rendered
        .objects
        .iter()
        .filter(|object| object["kind"] == kind && object["metadata"]["name"] == name);
    found.next().unwrap_or_else(|| panic!("no {kind} {name}"))
}

/// The certificate that the server serves.
fn serving_certificate(rendered: &Rendered) -> &Value {
    named(rendered, "Certificate", NAME)
}

#[rstest]
#[case::cert_manager(Mode::CertManager, &[], "wfe-webhook-tls")]
#[case::files(Mode::Files, &[], "wfe-webhook-tls")]
#[case::another_secret(Mode::Files, &["--set", "tls.files.secretName=other"], "other")]
fn the_pod_mounts_the_secret_of_the_certificate(
    #[case] mode: Mode,
    #[case] arguments: &[&str],
    #[case] expected: &str,
) {
    let rendered = Rendered::with(mode, arguments);
    let volume = rendered.pod_spec().volumes.unwrap().remove(0);
    let secret = volume.secret.unwrap();
    assert_eq!(secret.secret_name.as_deref(), Some(expected));
    // The group reads it, and nobody else.
    assert_eq!(secret.default_mode, Some(0o440));
    if mode == Mode::CertManager {
        assert_eq!(
            serving_certificate(&rendered)["spec"]["secretName"],
            expected
        );
    }
    let container = rendered.container();
    let mount = container.volume_mounts.unwrap().remove(0);
    assert_eq!((mount.name, mount.read_only), (volume.name, Some(true)));
    // cert-manager and `kubectl create secret tls` both use these keys.
    let args = container.args.unwrap();
    for (flag, key) in [("--tls-cert", "tls.crt"), ("--tls-key", "tls.key")] {
        assert!(
            args.contains(&format!("{flag}={}/{key}", mount.mount_path)),
            "{flag}"
        );
    }
}

#[test]
fn the_certificate_is_for_the_name_that_the_api_server_calls() {
    let rendered = Rendered::of(Mode::CertManager);
    for configuration in rendered.configurations() {
        let called = &configuration["webhooks"][0]["clientConfig"]["service"];
        let name = format!(
            "{}.{}.svc",
            called["name"].as_str().unwrap(),
            called["namespace"].as_str().unwrap()
        );
        let names = serving_certificate(&rendered)["spec"]["dnsNames"].clone();
        assert!(names.as_array().unwrap().contains(&json!(name)), "{name}");
    }
}

#[test]
fn the_injector_takes_the_ca_of_that_certificate() {
    let rendered = Rendered::of(Mode::CertManager);
    let metadata = &serving_certificate(&rendered)["metadata"];
    let certificate = format!(
        "{}/{}",
        metadata["namespace"].as_str().unwrap(),
        metadata["name"].as_str().unwrap()
    );
    for configuration in rendered.configurations() {
        let annotations = &configuration["metadata"]["annotations"];
        assert_eq!(annotations["cert-manager.io/inject-ca-from"], certificate);
    }
}

#[test]
fn every_issuer_that_is_named_is_there() {
    let rendered = Rendered::of(Mode::CertManager);
    for certificate in rendered.all::<Value>("Certificate") {
        let issuer = &certificate["spec"]["issuerRef"];
        assert_eq!(issuer["kind"], "Issuer");
        named(&rendered, "Issuer", issuer["name"].as_str().unwrap());
    }
}

/// So that a change of the mode keeps the CA, and no call is lost by it.
#[test]
fn the_ca_of_cert_manager_is_in_the_secret_of_the_webhooks_own_ca() {
    let settings = Rendered::of(Mode::SelfManaged)
        .serve_args()
        .self_managed
        .settings();
    let secret = settings.unwrap().unwrap().secret;
    let rendered = Rendered::of(Mode::CertManager);
    let ca = &named(&rendered, "Certificate", "wfe-webhook-ca")["spec"];
    assert_eq!(ca["secretName"], secret);
    assert_eq!(ca["isCA"], true);
    assert_eq!(ca["commonName"], "wfe-webhook self-managed CA");
    assert_eq!(
        ca["privateKey"],
        json!({"algorithm": "ECDSA", "size": 256, "encoding": "PKCS8", "rotationPolicy": "Never"})
    );
    let issuer = named(&rendered, "Issuer", "wfe-webhook-ca");
    assert_eq!(issuer["spec"]["ca"]["secretName"], secret);
}
