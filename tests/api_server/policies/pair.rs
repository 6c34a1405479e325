//! Two namespaces whose writes meet the same verdicts: of the webhook in the one, of the policies in the other.

use std::process::Command;

use serde_json::{Value, json};

use super::condition;
use super::tally::{Tally, refusing_rules};
use crate::control_plane::{ADMIN, ControlPlane, run, stderr, stdout};
use crate::object::{Group, Object};
use crate::scene::{PROGRAM, Scene, generate_registration};

/// Who is judged.
pub const WRITER: &str = "controller";

/// What `generate policies` prints.
pub fn generate(flags: &[&str]) -> String {
    let output = run(Command::new(PROGRAM)
        .args(["generate", "policies"])
        .args(flags));
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// Two namespaces: `/validate` judges the one, and the policies the other. The administrator is exempt in both.
pub struct Pair {
    webhook: Scene,
    pub policies: Scene,
}

impl Pair {
    pub async fn on(plane: &'static ControlPlane, name: &str, flags: &[&str]) -> Self {
        let flags = [flags, &["--exempt-user", ADMIN]].concat();
        let webhook = Scene::unregistered_on(plane, &format!("{name}-webhook"), &flags);
        let url = format!("https://localhost:{}", webhook.server.port());
        let registration = [
            "--url",
            &url,
            "--match-conditions=off",
            "--validate-timeout=30",
        ];
        let registration = generate_registration(&webhook.server.ca(), &registration);
        webhook.apply_configuration(registration[1].clone());
        let policies = Scene::unregistered_on(plane, &format!("{name}-policies"), &[]);
        apply(&policies, &[&flags[..], &["--validating-only"]].concat());
        let pair = Self { webhook, policies };
        for scene in [&pair.webhook, &pair.policies] {
            scene.grant(WRITER);
            let sentinel = Judged::create(scene, Group::Tekton, "sentinel").await;
            let refused = json!({"phase": "Completed", "failureDetails": {"reason": "Unknown"}, "conditions": [condition("Unheard", "True", "X")]});
            for _ in 0..600 {
                if sentinel.writer.put_dry_run(refused.clone()).await.is_err() {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
        pair
    }

    /// Stores a status in both namespaces, and compares what becomes of others that are written over it.
    pub async fn compare(
        &self,
        tally: &mut Tally,
        group: Group,
        name: &str,
        stored: &Value,
        written: &[Value],
    ) {
        let webhook = Judged::create(&self.webhook, group, name).await;
        let policies = Judged::create(&self.policies, group, name).await;
        for judged in [&webhook, &policies] {
            if judged.exempt.put(stored.clone()).await.is_err() {
                return; // The schema refuses it.
            }
        }
        for status in written {
            let (webhook, policies) = tokio::join!(
                webhook.writer.put_dry_run(status.clone()),
                policies.writer.put_dry_run(status.clone())
            );
            tally.add(
                &refusing_rules(webhook),
                &refusing_rules(policies),
                stored,
                status,
            );
        }
    }
}

/// Applies the policies for the namespace of a scene alone. An expression that fails refuses the write, so that it shows.
pub fn apply(scene: &Scene, flags: &[&str]) {
    let yaml = generate(&[&["--failure-policy=Fail"], flags].concat());
    let documents: Vec<Value> = serde_saphyr::from_multiple(&yaml).unwrap();
    for mut document in documents {
        let name = document["metadata"]["name"].as_str().unwrap();
        let name = json!(format!("{}-{name}", scene.namespace));
        document["metadata"]["name"] = name.clone();
        let spec = &mut document["spec"];
        if spec.get("policyName").is_some() {
            spec["policyName"] = name;
            spec["matchResources"] = json!({"namespaceSelector":
                {"matchLabels": {"kubernetes.io/metadata.name": scene.namespace}}});
        } else {
            spec["failurePolicy"] = json!("Fail");
        }
        scene.plane.apply(&document.to_string());
    }
}

/// An object, written by an exempt user and by one who is judged.
pub struct Judged {
    pub exempt: Object,
    pub writer: Object,
}

impl Judged {
    pub async fn create(scene: &Scene, group: Group, name: &str) -> Self {
        let exempt = scene.create(group, name).await;
        let writer = exempt.as_user(WRITER).await;
        Self { exempt, writer }
    }
}
