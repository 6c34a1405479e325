//! The certificate's way: from cert-manager into a Secret, from there into the pod, and its CA into the registration.

use serde_json::{Value, json};

use crate::manifests::{NAME, container, documents, pod_spec};

/// The certificate that the server serves.
fn serving_certificate() -> Value {
    documents("cert-manager.yaml")
        .into_iter()
        .find(|document: &Value| {
            document["kind"] == "Certificate" && document["metadata"]["name"] == NAME
        })
        .unwrap()
}

#[test]
fn the_pod_mounts_the_secret_of_the_certificate() {
    let volume = pod_spec().volumes.unwrap().remove(0);
    let secret = volume.secret.unwrap().secret_name.unwrap();
    assert_eq!(serving_certificate()["spec"]["secretName"], secret);
    let mount = container().volume_mounts.unwrap().remove(0);
    assert_eq!((mount.name, mount.read_only), (volume.name, Some(true)));
    // cert-manager and `kubectl create secret tls` both use these keys.
    let args = container().args.unwrap();
    for (flag, key) in [("--tls-cert", "tls.crt"), ("--tls-key", "tls.key")] {
        assert!(
            args.contains(&format!("{flag}={}/{key}", mount.mount_path)),
            "{flag}"
        );
    }
}

#[test]
fn the_certificate_is_for_the_name_that_the_api_server_calls() {
    for configuration in documents::<Value>("webhooks.yaml") {
        let called = &configuration["webhooks"][0]["clientConfig"]["service"];
        let name = format!(
            "{}.{}.svc",
            called["name"].as_str().unwrap(),
            called["namespace"].as_str().unwrap()
        );
        let names = serving_certificate()["spec"]["dnsNames"].clone();
        assert!(names.as_array().unwrap().contains(&json!(name)), "{name}");
    }
}

#[test]
fn the_injector_takes_the_ca_of_that_certificate() {
    let metadata = &serving_certificate()["metadata"];
    let certificate = format!(
        "{}/{}",
        metadata["namespace"].as_str().unwrap(),
        metadata["name"].as_str().unwrap()
    );
    for configuration in documents::<Value>("webhooks.yaml") {
        let annotations = &configuration["metadata"]["annotations"];
        assert_eq!(annotations["cert-manager.io/inject-ca-from"], certificate);
    }
}

#[test]
fn every_issuer_that_is_named_is_there() {
    let documents: Vec<Value> = documents("cert-manager.yaml");
    let names = |kind: &str| -> Vec<&Value> {
        let of_kind = documents
            .iter()
            .filter(|document| document["kind"] == *kind);
        of_kind
            .map(|document| &document["metadata"]["name"])
            .collect()
    };
    let issuers = names("Issuer");
    let certificates = documents
        .iter()
        .filter(|document| document["kind"] == "Certificate");
    for certificate in certificates {
        let issuer = &certificate["spec"]["issuerRef"];
        assert_eq!(issuer["kind"], "Issuer");
        assert!(issuers.contains(&&issuer["name"]), "{issuer}");
    }
    // The CA's Secret comes from the certificate of that name.
    let ca = documents
        .iter()
        .find(|document| document["spec"]["ca"].is_object())
        .unwrap();
    let written = documents
        .iter()
        .any(|document| document["spec"]["secretName"] == ca["spec"]["ca"]["secretName"]);
    assert!(written);
}
