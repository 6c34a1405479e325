//! Three namespaces: the webhook serves the first, the policies the second, and both the third.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use test_support::lives::Life;
use test_support::space::Case;

use super::group;
use super::tally::{Outcome, Outcomes, Tally, long_ago};
use crate::control_plane::{ADMIN, ControlPlane};
use crate::object::{Group, Object, resource_version};
use crate::policies::pair::{Judged, WRITER, apply};
use crate::scene::{Scene, generate_registration};

/// The administrator is exempt in all of them.
pub struct Trio {
    webhook: Scene,
    policies: Scene,
    both: Scene,
}

impl Trio {
    pub async fn on(plane: &'static ControlPlane, name: &str, vocabulary: &str) -> Self {
        let flags = ["--vocabulary", vocabulary, "--exempt-user", ADMIN];
        let scene = async |kind: &str, has_webhook: bool, has_policies: bool| {
            let scene = Scene::unregistered_on(plane, &format!("{name}-{kind}"), &flags);
            scene.grant(WRITER);
            if has_webhook {
                register(&scene, vocabulary);
            }
            if has_policies {
                apply(&scene, &flags);
            }
            wait_until_it_acts(&scene).await;
            scene
        };
        Self {
            webhook: scene("webhook", true, false).await,
            policies: scene("policies", false, true).await,
            both: scene("both", true, true).await,
        }
    }

    /// Stores the status that each chunk of cases is over, in all namespaces, and compares what becomes of each write.
    pub async fn compare_cases(&self, tally: &mut Tally, group: Group, chunks: &[&[Case]]) {
        let rows = self.rows(group).await;
        for chunk in chunks {
            let stored = &chunk[0].stored;
            let Some(read) = rows.store(stored).await else {
                continue; // The API server takes no such status.
            };
            for case in *chunk {
                let outcomes = rows.try_write(&read, &case.status).await;
                tally.add(&outcomes, stored, &case.status);
            }
        }
    }

    /// Plays lives: each write is compared, is stored, and is sent again, which must change nothing. The next one is over
    /// what the webhook stored.
    pub async fn live(&self, tally: &mut Tally, lives: &[Life]) {
        let tekton = self.rows(Group::Tekton).await;
        let kubernaut = self.rows(Group::Kubernaut).await;
        for life in lives {
            let rows = match group(life.names) {
                Group::Tekton => &tekton,
                Group::Kubernaut => &kubernaut,
            };
            let mut stored = json!({});
            for write in &life.writes {
                let status = write.over(&stored);
                let read = rows.store(&stored).await.expect("a status of objects");
                let outcomes = rows.write_again(&read, &status).await;
                tally.add(&outcomes, &stored, &status);
                if let Outcome::Stored(status) = outcomes.webhook {
                    stored = long_ago(status);
                }
            }
        }
    }

    /// What the policies alone make of a write that they let pass.
    pub async fn policies_store(&self, stored: &Value, status: &Value) -> Value {
        let rows = self.rows(Group::Tekton).await;
        let read = rows.store(stored).await.expect("a status that is stored");
        match rows.try_write(&read, status).await.policies {
            Outcome::Stored(status) => status,
            Outcome::Refused(rules) => panic!("refused for {rules:?}"),
        }
    }

    /// An object in each namespace.
    async fn rows(&self, group: Group) -> Rows {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("compared-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Rows {
            webhook: Judged::create(&self.webhook, group, &name).await,
            policies: Judged::create(&self.policies, group, &name).await,
            both: Judged::create(&self.both, group, &name).await,
        }
    }
}

/// One object in each namespace.
struct Rows {
    webhook: Judged,
    policies: Judged,
    both: Judged,
}

/// The three objects as they were read.
struct Read {
    webhook: Value,
    policies: Value,
    both: Value,
}

impl Rows {
    /// Stores a status in all namespaces, as an exempt user.
    async fn store(&self, status: &Value) -> Option<Read> {
        let (webhook, policies, both) = tokio::join!(
            self.webhook.exempt.put(status.clone()),
            self.policies.exempt.put(status.clone()),
            self.both.exempt.put(status.clone())
        );
        Some(Read {
            webhook: webhook.ok()?,
            policies: policies.ok()?,
            both: both.ok()?,
        })
    }

    async fn try_write(&self, read: &Read, status: &Value) -> Outcomes {
        let write = async |judged: &Judged, read: &Value| {
            let written = judged.writer.put_over_dry_run(read, status.clone()).await;
            Outcome::of(written)
        };
        let (webhook, policies, both) = tokio::join!(
            write(&self.webhook, &read.webhook),
            write(&self.policies, &read.policies),
            write(&self.both, &read.both)
        );
        Outcomes {
            webhook,
            policies,
            both,
        }
    }

    async fn write_again(&self, read: &Read, status: &Value) -> Outcomes {
        let (webhook, policies, both) = tokio::join!(
            write_again(&self.webhook.writer, &read.webhook, status),
            write_again(&self.policies.writer, &read.policies, status),
            write_again(&self.both.writer, &read.both, status)
        );
        Outcomes {
            webhook,
            policies,
            both,
        }
    }
}

/// Writes a status, and if it is stored twice more over the result. That must not change the status, and at last nothing: only
/// which manager owns the list may be settled by the second write.
async fn write_again(writer: &Object, read: &Value, status: &Value) -> Outcome {
    let written = writer.put_over(read, status.clone()).await;
    if let Ok(first) = &written {
        let again = async |stored: &Value| {
            let written = writer.put_over(stored, status.clone()).await;
            written.unwrap_or_else(|refused| {
                panic!(
                    "written again it is refused: {}\nstored: {stored}\nwritten: {status}",
                    refused.message
                )
            })
        };
        let first = if forgets_what_was_created(status) {
            &again(first).await
        } else {
            first
        };
        let second = again(first).await;
        assert_eq!(
            second["status"], first["status"],
            "the same write again changed the status\nread: {}\nwritten: {status}",
            read["status"]
        );
        let third = again(&second).await;
        assert_eq!(
            resource_version(&third),
            resource_version(&second),
            "the same write goes on changing the object: {}\nthen: {}\nwritten: {status}",
            second["metadata"],
            third["metadata"]
        );
    }
    Outcome::of(written)
}

/// Whether nothing but the stored object can say that something was created, and a condition of the writer's is in the place
/// of the one that would say it from now on: with the next write that is not known any more.
fn forgets_what_was_created(status: &Value) -> bool {
    let says_it = ["startTime", "pipelineRunRef", "executionRef"];
    let created = ["TektonPipelineCreated", "ExecutionCreated"];
    let mut conditions = status["conditions"].as_array().into_iter().flatten();
    status["phase"] == "Failed"
        && says_it.iter().all(|field| status[field].is_null())
        && conditions
            .any(|item| item["status"] != "True" && created.iter().any(|it| item["type"] == *it))
}

/// Registers the server's webhooks with what `generate registration` prints, with room for a loaded machine.
fn register(scene: &Scene, vocabulary: &str) {
    let url = format!("https://localhost:{}", scene.server.port());
    let flags = [
        "--url",
        &url,
        "--vocabulary",
        vocabulary,
        "--mutate-timeout=30",
        "--validate-timeout=30",
    ];
    for configuration in generate_registration(&scene.server.ca(), &flags) {
        scene.apply_configuration(configuration);
    }
}

/// Waits until writes are completed and refused, by dry runs.
async fn wait_until_it_acts(scene: &Scene) {
    let sentinel = Judged::create(scene, Group::Tekton, "sentinel").await;
    let incomplete = json!({"phase": "Running", "startTime": "2026-11-20T10:00:00Z"});
    let refused = json!({"phase": "Completed", "failureDetails": {"reason": "Unknown"}});
    for _ in 0..600 {
        let completed = sentinel.writer.put_dry_run(incomplete.clone()).await;
        let is_completed = completed.is_ok_and(|it| it["status"]["conditions"].is_array());
        let is_refused = sentinel.writer.put_dry_run(refused.clone()).await.is_err();
        if is_completed && is_refused {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing completes and refuses in {}", scene.namespace);
}
