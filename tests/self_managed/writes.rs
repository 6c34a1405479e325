//! Status writes at a constant rate, each of which both webhooks have to answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinHandle;

use crate::control_plane::guarded::wait_until;
use crate::object::{Group, Object};
use crate::samples::sum;
use crate::scene::Scene;

const BETWEEN: Duration = Duration::from_millis(50);

/// Writers at work.
pub struct Writes {
    stop: Arc<AtomicBool>,
    written: Arc<AtomicU64>,
    writer: JoinHandle<Vec<String>>,
    before: Counted,
}

/// What the API server counts of this scene's webhooks.
#[derive(Debug, PartialEq, Eq)]
struct Counted {
    failed_open: u64,
    failed: u64,
}

impl Writes {
    /// Begins to write; the first write has been stored when this returns.
    pub async fn start(scene: &Scene) -> Self {
        let object = Object::create(scene.plane, &scene.namespace, Group::Tekton, "written").await;
        let stop = Arc::new(AtomicBool::new(false));
        let written = Arc::new(AtomicU64::new(0));
        let before = counted(scene);
        let writer = tokio::spawn(write(object, Arc::clone(&stop), Arc::clone(&written)));
        Self {
            stop,
            written,
            writer,
            before,
        }
    }

    /// How many writes have been answered well so far.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Waits until so many have been.
    pub fn wait_for(&self, writes: u64) {
        wait_until("writes", || (self.written() >= writes).then_some(()));
    }

    /// Ends the writes and asserts that not one call of a webhook has failed, by anybody's count.
    pub async fn assert_none_failed(self, scene: &Scene) {
        self.stop.store(true, Ordering::Relaxed);
        let failures = self.writer.await.unwrap();
        assert!(
            failures.is_empty(),
            "{} of {} writes failed, the first one: {}",
            failures.len(),
            self.written.load(Ordering::Relaxed),
            failures[0]
        );
        assert_eq!(counted(scene), self.before);
        assert!(self.written.load(Ordering::Relaxed) > 0);
    }
}

async fn write(object: Object, stop: Arc<AtomicBool>, written: Arc<AtomicU64>) -> Vec<String> {
    let mut failures = Vec::new();
    let mut ticks = tokio::time::interval(BETWEEN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for number in 0_u64.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        ticks.tick().await;
        // A progress pass would need no call of /validate.
        let status = json!({
            "phase": "Running",
            "startTime": format!("2026-11-20T10:00:{:02}Z", number % 60),
            "pipelineRunStatus": {"status": "Running", "completedTasks": number % 1000, "totalTasks": 1000},
        });
        match object.merge(status).await {
            // Completed, so /mutate was called as well.
            Ok(stored) if stored["status"]["conditions"].is_array() => {
                written.fetch_add(1, Ordering::Relaxed);
            }
            Ok(stored) => failures.push(format!("not completed: {stored}")),
            Err(status) => failures.push(status.message),
        }
    }
    failures
}

fn counted(scene: &Scene) -> Counted {
    let metrics = scene.plane.metrics();
    let of_scene = |counter: &str, labels: &[(&str, &str)]| {
        let prefix = format!("{}.", scene.namespace);
        ["mutate", "validate"]
            .iter()
            .map(|webhook| {
                let name = format!("{prefix}{webhook}.wfe-webhook.kubernaut.ai");
                let mut all = vec![("name", name.as_str())];
                all.extend(labels);
                sum(&metrics, counter, &all)
            })
            .sum()
    };
    Counted {
        failed_open: of_scene("apiserver_admission_webhook_fail_open_count", &[]),
        failed: of_scene("apiserver_admission_webhook_rejection_count", &[]),
    }
}
