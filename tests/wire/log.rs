//! What the log says of requests: one event for each, with all that an operator asks for and nothing of the object.

use serde_json::{Value, json};

use crate::client::post;
use crate::guarded::wait_until;
use crate::reviews::{Review, condition};
use crate::server::{connect, start};
use crate::webhook_server::WebhookServer;

const SECRET: &str = "s3cr3t";

fn ask(server: &WebhookServer, path: &str, review: &Review) {
    let body = String::from_utf8(review.body()).unwrap();
    let answer = connect(server).ask(post(path, &body));
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// The events with this message, once there are `count`.
fn events(server: &WebhookServer, message: &str, count: usize) -> Vec<Value> {
    wait_until("the events", || {
        let log = server.log();
        let events: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).expect("each line is a JSON object"))
            .filter(|event: &Value| event["message"] == message)
            .collect();
        (events.len() >= count).then_some(events)
    })
}

/// A write that is completed by `/mutate` and refused by `/validate`.
fn faulty() -> Review {
    let mut unknown = condition("NoSuchType", "True", "Because");
    unknown["message"] = SECRET.into();
    Review::tekton()
        .status(json!({
            "phase": "Running",
            "startTime": "2026-11-23T10:00:00Z",
            "pipelineRunRef": {"name": format!("run-{SECRET}")},
            "conditions": [unknown, condition("TektonPipelineCreated", "False", "Nonsense")],
        }))
        .set("/request/object/metadata/labels", json!({"x": SECRET}))
        .set("/request/object/spec/password", SECRET.into())
}

#[test]
fn a_decision_is_one_event_with_all_of_it() {
    let server = start(&["--log-format", "json"]);
    ask(&server, "/validate", &faulty().dry_run());
    ask(
        &server,
        "/mutate",
        &Review::tekton().status(json!({"phase": "Completed"})),
    );
    let events = events(&server, "review answered", 2);
    assert_eq!(events.len(), 2);
    let [refused, completed] = [&events[0], &events[1]];

    assert_eq!(refused["level"], "INFO");
    assert_eq!(refused["webhook"], "validate");
    assert_eq!(refused["verdict"], "denied");
    assert_eq!(refused["uid"], "705ab4f5-6393-11e8-b7cc-42010a800002");
    assert_eq!(
        refused["user"],
        "system:serviceaccount:kubernaut:controller"
    );
    assert_eq!(refused["object"], "payments/wfe-1");
    assert_eq!(refused["operation"], "UPDATE");
    assert_eq!(refused["dry_run"], true);
    assert_eq!(refused["stale"], false);
    let rules = refused["rules"].as_str().unwrap();
    for rule in ["condition-unknown-type=deny", "reason-not-allowed=deny"] {
        assert!(rules.contains(rule), "{rules}");
    }
    assert_eq!(refused["derived"], "");
    assert!(refused["latency_seconds"].as_f64().unwrap() > 0.0);

    assert_eq!(completed["webhook"], "mutate");
    assert_eq!(completed["verdict"], "patched");
    assert_eq!(completed["dry_run"], false);
    assert_eq!(completed["rules"], "");
    assert_eq!(
        completed["derived"],
        "TektonPipelineCreated=True/PipelineCreated (add),TektonPipelineRunning=True/PipelineStarted (add),\
         TektonPipelineComplete=True/PipelineSucceeded (add)"
    );
}

#[test]
fn nothing_of_the_object_is_logged() {
    for format in ["text", "json"] {
        let mut server = start(&["--log-format", format, "--log-level", "trace"]);
        ask(&server, "/validate", &faulty());
        ask(&server, "/mutate", &faulty());
        let broken = format!("{{\"request\": \"{SECRET}\", \"{SECRET}");
        connect(&server)
            .ask(post("/validate", &broken))
            .assert_refusal(400, "");
        server.process().signal("TERM");
        assert_eq!(server.process().wait(), 0);
        let log = server.log();
        assert_eq!(log.matches("review answered").count(), 2, "{log}");
        assert_eq!(log.matches("request refused").count(), 1, "{log}");
        assert!(!log.contains(SECRET), "{log}");
    }
}

#[test]
fn names_of_the_writers_choice_do_not_break_a_line() {
    let evil = "eve\n2026-01-01T00:00:00Z  INFO forged: \u{1b}[31m\u{202e}\u{2028}\u{85}\"\\";
    let review = Review::tekton()
        .status(json!({"phase": "Pending"}))
        .user(evil)
        .set("/request/uid", evil.into())
        .set("/request/name", evil.into())
        .set("/request/namespace", evil.into());
    for format in ["text", "json"] {
        let mut server = start(&["--log-format", format]);
        ask(&server, "/validate", &review);
        server.process().signal("TERM");
        assert_eq!(server.process().wait(), 0);
        let log = server.log();
        assert!(log.contains("forged"), "{log}");
        assert!(
            log.chars().all(|c| c == '\n' || matches!(c, ' '..='~')),
            "{log:?}"
        );
        let begins = |line: &str| {
            line.starts_with('{')
                || line
                    .get(..4)
                    .is_some_and(|year| year.parse::<u16>().is_ok())
        };
        assert!(log.lines().all(begins), "{log}");
        assert!(
            !log.lines()
                .any(|line| line.contains("INFO forged") && !line.contains("eve"))
        );
    }
}

#[test]
fn a_refusal_is_logged_with_its_status_and_reason() {
    let server = start(&["--log-format", "json"]);
    connect(&server)
        .ask(post("/mutate", "{\"kind\": "))
        .assert_refusal(400, "not valid JSON");
    connect(&server)
        .ask("GET /validate HTTP/1.1\r\nHost: a\r\n\r\n")
        .assert_refusal(405, "POST");
    let events = events(&server, "request refused", 2);
    assert_eq!(events[0]["level"], "WARN");
    assert_eq!(events[0]["webhook"], "mutate");
    assert_eq!(events[0]["status"], 400);
    assert_eq!(
        events[0]["reason"],
        "the body is not valid JSON: expected a value in line 1, column 10"
    );
    assert_eq!(events[1]["webhook"], "validate");
    assert_eq!(events[1]["status"], 405);
}

#[test]
fn a_level_leaves_out_what_is_below_it() {
    let mut server = start(&["--log-level", "info"]);
    ask(&server, "/validate", &faulty());
    server.process().signal("TERM");
    server.process().wait();
    assert!(server.log().contains("review answered"));

    let directory = tempfile::tempdir().unwrap();
    let mut command = crate::server::program();
    command
        .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        .args(["--drain-delay", "0s", "--log-level", "warn", "--certs-dir"])
        .arg(directory.path());
    let scratch = tempfile::tempdir().unwrap();
    let mut quiet = crate::guarded::Guarded::spawn("wfe-webhook", &command, scratch);
    quiet.wait_until("the CA's certificate is written", || {
        directory.path().join("ca.crt").exists().then_some(())
    });
    quiet.signal("TERM");
    assert_eq!(quiet.wait(), 0);
    assert_eq!(quiet.log(), "");
}
