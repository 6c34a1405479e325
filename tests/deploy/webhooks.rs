//! Both registrations, by hand and by the program.

use std::process::Command;

use serde_json::Value;

use crate::manifests::documents;

const INJECT: &str = "cert-manager.io/inject-ca-from";

#[test]
fn the_registration_is_the_one_that_the_program_generates() {
    let generated = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"))
        .args([
            "generate",
            "registration",
            "--service",
            "wfe-webhook/wfe-webhook",
        ])
        .output()
        .unwrap();
    let generated: Vec<Value> =
        serde_saphyr::from_multiple(&String::from_utf8(generated.stdout).unwrap()).unwrap();
    let mut shipped: Vec<Value> = documents("webhooks.yaml");
    for configuration in &mut shipped {
        let metadata = configuration["metadata"].as_object_mut().unwrap();
        let annotations = metadata.remove("annotations").unwrap();
        let annotations: Vec<&String> = annotations.as_object().unwrap().keys().collect();
        assert_eq!(annotations, [INJECT]);
    }
    assert_eq!(shipped, generated);
}

#[test]
fn the_registration_calls_a_port_of_the_service() {
    let service = crate::manifests::service();
    let ports: Vec<i32> = service
        .spec
        .unwrap()
        .ports
        .unwrap()
        .iter()
        .map(|port| port.port)
        .collect();
    for configuration in documents::<Value>("webhooks.yaml") {
        let called = &configuration["webhooks"][0]["clientConfig"]["service"];
        assert_eq!(
            called["namespace"],
            service.metadata.namespace.as_deref().unwrap()
        );
        assert_eq!(called["name"], service.metadata.name.as_deref().unwrap());
        let port = i32::try_from(called["port"].as_i64().unwrap()).unwrap();
        assert!(ports.contains(&port), "{port}");
    }
}
