//! API servers prove who they are.

use std::fs;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use serde_json::json;
use test_support::cluster::ClusterOptions;

use super::pods;
use super::scene::{RELEASE, Scene};

#[test]
fn the_rollout_to_client_certificates_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut client = CertificateParams::default();
    client
        .distinguished_name
        .push(DnType::CommonName, "kube-apiserver");
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let client = client.signed_by(&key, &ca).unwrap();
    let kubeconfig = json!({"apiVersion": "v1", "kind": "Config", "users": [{
        "name": format!("{}.{}.svc", RELEASE.name, RELEASE.namespace),
        "user": {
            "client-certificate": file("client.crt", &client.pem()),
            "client-key": file("client.key", &key.serialize_pem()),
        },
    }]});
    let kubeconfig = file("kubeconfig.yaml", &kubeconfig.to_string());
    let plugins = ["MutatingAdmissionWebhook", "ValidatingAdmissionWebhook"].map(|plugin| {
        json!({"name": plugin, "configuration": {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "WebhookAdmissionConfiguration",
            "kubeConfigFile": kubeconfig,
        }})
    });
    let admission = json!({
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AdmissionConfiguration",
        "plugins": plugins,
    });
    let admission = file("admission.yaml", &admission.to_string());
    let scene = Scene::with(ClusterOptions {
        api_server: vec![format!("--admission-control-config-file={admission}")],
        ..ClusterOptions::default()
    });
    scene.install(&[]);
    pods::settled(&scene, 2);
    let ca = file("ca.crt", &ca.pem());
    scene.kubectl(&[
        "create",
        "configmap",
        "clients",
        "--namespace",
        RELEASE.namespace,
        &format!("--from-file=ca.crt={ca}"),
    ]);
    for values in [&["clientCertificates.name=clients"][..], &[]] {
        let writes = scene.writes();
        scene.install(values);
        pods::settled(&scene, 2);
        writes
            .stop()
            .expect_nothing_lost(&format!("the rollout with {values:?}"));
    }
}
