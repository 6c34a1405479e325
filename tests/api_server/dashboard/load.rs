//! Writes of every kind, so that every counter moves: executions that live and end, refusals, warnings, exempt writers, dry
//! runs, a server that has no place, clients that do wrong.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use test_support::client::{Connection, post, tls_config};
use test_support::reviews::Review;
use test_support::unread::{leave_unread, review_with_large_answer};
use tokio::task::JoinHandle;

use crate::object::{Group, Object};
use crate::scene::{Scene, generate_registration};

const START: &str = "2026-11-20T10:00:00Z";
const END: &str = "2026-11-20T10:01:12Z";

/// A server for one request at a time, whose writers go on until they are stopped.
pub struct Load {
    pub scene: Arc<Scene>,
    over: Arc<AtomicBool>,
    writers: Vec<JoinHandle<()>>,
}

impl Load {
    pub async fn start() -> Self {
        let arguments = [
            "--max-in-flight=1",
            "--body-timeout=3s",
            "--exempt-user=repairer",
            "--rule=phase-conflict=warn",
            "--rule=reason-not-allowed=audit",
        ];
        let scene = Scene::unregistered("watched", &arguments);
        let url = format!("https://localhost:{}", scene.server.port());
        // A call that is sent away is tried again after a second, and fails after two.
        let arguments = [
            "--url",
            &url,
            "--mutate-timeout",
            "2",
            "--validate-timeout",
            "2",
        ];
        for configuration in generate_registration(&scene.server.ca(), &arguments) {
            scene.apply_configuration(configuration);
        }
        scene.wait_for_calls().await;
        scene.grant("repairer");
        let mut load = Self {
            scene: Arc::new(scene),
            over: Arc::new(AtomicBool::new(false)),
            writers: Vec::new(),
        };
        for group in [Group::Tekton, Group::Kubernaut] {
            let (scene, over) = (Arc::clone(&load.scene), Arc::clone(&load.over));
            load.writers.push(tokio::spawn(async move {
                let mut number = 0;
                while !over.load(Ordering::Relaxed) {
                    number += 1;
                    live(&scene, group, number).await;
                }
            }));
        }
        let (scene, over) = (Arc::clone(&load.scene), Arc::clone(&load.over));
        load.writers.push(tokio::task::spawn_blocking(move || {
            while !over.load(Ordering::Relaxed) {
                do_wrong(&scene);
                std::thread::sleep(Duration::from_secs(4));
            }
        }));
        load
    }

    pub async fn stop(self) {
        self.over.store(true, Ordering::Relaxed);
        for writer in self.writers {
            writer.await.unwrap();
        }
    }
}

fn condition(condition_type: &str, status: &str, reason: &str) -> Value {
    json!({
        "type": condition_type, "status": status, "reason": reason, "message": "by its writer",
        "lastTransitionTime": START,
    })
}

/// One execution from its first status to its end. Every third one fails. What a write meets is not asserted here: while
/// the server has no place anything may pass.
async fn live(scene: &Scene, group: Group, number: u32) {
    let name = format!("{}-{number}", group.name().replace('.', "-"));
    let object = scene.create(group, &name).await;
    let prefix = if group == Group::Tekton {
        "TektonPipeline"
    } else {
        "Execution"
    };
    let write = async |status: Value| {
        let _ = object.put(status).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let running = json!({"phase": "Running", "startTime": START});
    write(json!({"phase": "Pending"})).await;
    write(running.clone()).await;
    let _ = object.put_dry_run(running.clone()).await;

    // Refused: a name that nobody knows, and a reason that is not CamelCase.
    let mut wrong = running.clone();
    wrong["conditions"] = json!([
        condition("NoSuchType", "True", "Because"),
        condition(&format!("{prefix}Created"), "True", "not_camel"),
    ]);
    write(wrong).await;
    // Only audited and only warned of, as the flags say.
    let mut odd = running.clone();
    odd["conditions"] = json!([
        condition(&format!("{prefix}Created"), "True", "SomethingElse"),
        condition(
            &format!("{prefix}Complete"),
            "True",
            if group == Group::Tekton {
                "PipelineSucceeded"
            } else {
                "ExecutionSucceeded"
            }
        ),
    ]);
    let _ = object.put_dry_run(odd.clone()).await;
    if number.is_multiple_of(2) {
        let other = scene.create(group, &format!("{name}-odd")).await;
        let _ = other.put(odd).await;
    }
    let repairer: Object = object.as_user("repairer").await;
    let _ = repairer.put(running).await;

    let failed = number.is_multiple_of(3);
    let mut end = json!({
        "phase": if failed { "Failed" } else { "Completed" }, "startTime": START, "completionTime": END,
    });
    if failed {
        end["failureDetails"] = json!({
            "failedTaskIndex": 0, "failedTaskName": "restart", "reason": "OOMKilled", "message": "out of memory",
            "failedAt": END, "naturalLanguageSummary": "out of memory",
        });
    }
    write(end).await;
    // Refused: an ended run keeps its phase.
    write(json!({"phase": "Pending"})).await;
}

/// What no API server does.
fn do_wrong(scene: &Scene) {
    let open = || Connection::open(scene.server.port(), tls_config(&scene.server.ca()));
    // Not a review; not a status write.
    let _ = open().ask(post("/validate", "{}"));
    let other = Review::tekton().set("/request/subResource", "".into());
    let _ = open().ask(post("/validate", &String::from_utf8(other.body()).unwrap()));
    // A body that does not come.
    let late = "POST /validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    let _ = open().ask(late);
    // No head, and no TLS.
    let _ = open().ask("NONSENSE\r\n\r\n");
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", scene.server.port())) {
        let _ = stream.write_all(b"GET / HTTP/1.1\r\n\r\n");
    }
    // An answer that is not taken: it has the only place until its time is over.
    let config = tls_config(&scene.server.ca());
    let hanging = leave_unread(scene.server.port(), config, &review_with_large_answer());
    std::thread::sleep(Duration::from_millis(2500));
    drop(hanging);
}
