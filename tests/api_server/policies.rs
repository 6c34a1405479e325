//! The policies that `generate policies` prints refuse what the webhook refuses, but for what their report leaves to it.

use serde_json::{Value, json};
use test_support::properties::write::Write;
use test_support::space::PHASES;

use crate::control_plane::ADMIN;
use crate::match_conditions::{loose_plane, odd_statuses, random_choices};
use crate::object::{Group, Object};
use crate::scene::Scene;

use pair::{Judged, Pair, WRITER, apply};
use tally::{Tally, rules_held};

pub mod pair;
pub mod tally;

const START: &str = "2026-11-20T10:00:00Z";

pub fn condition(condition_type: &str, status: &str, reason: &str) -> Value {
    json!({
        "type": condition_type, "status": status, "reason": reason,
        "message": "by the controller", "lastTransitionTime": START,
    })
}

/// Each phase over each phase, with and without details; a condition of each kind in each phase, new and stored; and what
/// it takes for the other rules.
fn combinations() -> Vec<(Value, Value)> {
    let mut all = Vec::new();
    for stored in PHASES {
        for phase in PHASES {
            for written in [
                json!({"phase": phase}),
                json!({"phase": phase, "failureDetails": {"reason": "Forbidden"}}),
                json!({"phase": phase, "skipDetails": {"reason": "ResourceBusy"}}),
            ] {
                all.push((json!({"phase": stored}), written));
            }
        }
    }
    let reasons = [
        (
            "TektonPipelineCreated",
            ["PipelineCreated", "QuotaExceeded"],
        ),
        ("TektonPipelineRunning", ["PipelineStarted", "Lower_case"]),
        (
            "TektonPipelineComplete",
            ["PipelineSucceeded", "TaskFailed"],
        ),
        (
            "ResourceLocked",
            ["TargetResourceBusy", "RecentlyRemediated"],
        ),
        ("ExecutionComplete", ["ExecutionSucceeded", "OOMKilled"]),
        ("Unheard", ["snake_case", "Other"]),
        ("example.com/Audited", ["snake_case", "Other"]),
    ];
    let details = json!({"failureDetails": {"reason": "Forbidden"}, "skipDetails": {"reason": "ResourceBusy"}});
    for phase in PHASES {
        for (condition_type, reasons) in reasons {
            for reason in reasons {
                for status in ["True", "False"] {
                    let item = condition(condition_type, status, reason);
                    let mut written = json!({"phase": phase, "conditions": [item]});
                    match phase {
                        "Failed" => written["failureDetails"] = details["failureDetails"].clone(),
                        "Skipped" => written["skipDetails"] = details["skipDetails"].clone(),
                        _ => {}
                    }
                    all.push((json!({"phase": "Pending"}), written.clone()));
                    if ["Running", "Skipped"].contains(&phase) {
                        all.push((written.clone(), written));
                    }
                }
            }
        }
    }
    let created = condition("TektonPipelineCreated", "False", "QuotaExceeded");
    let running = condition("TektonPipelineRunning", "True", "PipelineStarted");
    let with = |conditions: &[&Value]| json!({"phase": "Failed", "conditions": conditions});
    let changed = |field: &str, value: Value| {
        let mut item = running.clone();
        item[field] = value;
        with(&[&item])
    };
    all.extend([
        (json!({}), with(&[&running, &running])),
        (with(&[&running, &running]), with(&[&running, &running])),
        (json!({}), with(&[&created, &running])),
        (with(&[&created]), with(&[&created, &running])),
        (with(&[&created, &running]), with(&[&running, &created])),
        (json!({}), changed("observedGeneration", json!(9))),
        (
            changed("observedGeneration", json!(9)),
            changed("observedGeneration", json!(9)),
        ),
        (
            changed("observedGeneration", json!(8)),
            changed("observedGeneration", json!(9)),
        ),
        (
            with(&[&running]),
            changed("lastTransitionTime", json!("2026-11-20T11:00:00Z")),
        ),
        (
            with(&[&running]),
            changed("lastTransitionTime", json!("2026-11-20T11:00:00+01:00")),
        ),
        (
            with(&[&created]),
            with(&[&condition(
                "TektonPipelineCreated",
                "True",
                "PipelineCreated",
            )]),
        ),
    ]);
    all
}

#[tokio::test]
async fn every_combination_meets_the_verdict_of_the_webhook() {
    let mut tally = Tally::new();
    let flags = [
        "--rule=generation-ahead=deny",
        "--rule=transition-time=deny",
    ];
    let pair = Pair::on(loose_plane(), "combined", &flags).await;
    for (number, (stored, status)) in combinations().iter().enumerate() {
        let name = format!("case-{number}");
        pair.compare(
            &mut tally,
            Group::Tekton,
            &name,
            stored,
            std::slice::from_ref(status),
        )
        .await;
    }
    tally.print("combinations");
    assert_eq!(tally.held, rules_held(&["yes", "in part"]), "all are tried");
}

/// Every shape in every place that an expression reads, new and stored.
#[tokio::test]
async fn no_shape_makes_an_expression_fail() {
    let mut tally = Tally::new();
    let flags = [
        "--rule=generation-ahead=deny",
        "--rule=transition-time=deny",
    ];
    let pair = Pair::on(loose_plane(), "odd-policies", &flags).await;
    for (number, status) in odd_statuses().into_iter().enumerate() {
        let written = [status.clone(), json!({"phase": "Failed"})];
        let name = format!("odd-{number}");
        pair.compare(&mut tally, Group::Kubernaut, &name, &status, &written)
            .await;
        let name = format!("new-{number}");
        pair.compare(
            &mut tally,
            Group::Kubernaut,
            &name,
            &json!({}),
            &written[..1],
        )
        .await;
    }
    tally.print("odd shapes");
}

/// A condition whose texts are as long as they may be, but for the message: an object is limited to 1.5 MB. Its reason is at
/// fault.
fn longest(number: usize, letter: &str) -> Value {
    let domain = format!("{}example.com", "a.".repeat(120));
    let condition_type = format!("{domain}/{number:0>width$}", width = 316 - domain.len() - 1);
    let mut item = condition(&condition_type, "True", &letter.repeat(1024));
    item["message"] = json!("much ".repeat(3_000));
    item["lastTransitionTime"] = json!(format!("2026-11-20T10:00:00.{}Z", "1".repeat(43)));
    item
}

/// The cost of an expression is limited, and the schema limits no list.
#[tokio::test]
async fn long_lists_are_within_the_budget_or_left_to_the_webhook() {
    let mut tally = Tally::new();
    let flags = [
        "--rule=generation-ahead=deny",
        "--rule=transition-time=deny",
    ];
    let pair = Pair::on(loose_plane(), "long-policies", &flags).await;
    let many = |count: usize, of: &dyn Fn(usize) -> Value| {
        let conditions: Vec<Value> = (0..count).map(of).collect();
        json!({"phase": "Running", "conditions": conditions})
    };
    let unknown = |number| condition(&format!("Unheard{number}"), "True", "Reason");
    let faulty = |number| {
        let mut item = condition(&format!("example.com/C{number}"), "True", "snake_case");
        item["observedGeneration"] = json!(9);
        item
    };
    let other = |number| condition(&format!("example.com/C{number}"), "False", "kebab-case");
    let same = |_| condition("TektonPipelineCreated", "False", "PipelineCreated");
    let cases = [
        ("unknown", many(64, &other), many(64, &unknown)),
        ("faulty", many(64, &other), many(64, &faulty)),
        ("inherited", many(64, &other), many(64, &other)),
        ("same", many(64, &other), many(64, &same)),
        (
            "longest",
            many(64, &|it| longest(it, "a")),
            many(64, &|it| longest(it, "b")),
        ),
        (
            "good",
            many(64, &|it| condition(&format!("a.b/C{it}"), "True", "R")),
            many(64, &|it| condition(&format!("a.b/C{it}"), "True", "R")),
        ),
    ];
    for (name, stored, written) in cases {
        pair.compare(&mut tally, Group::Tekton, name, &stored, &[written])
            .await;
    }
    tally.print("64 conditions");
    assert_eq!(
        (tally.both_refuse, tally.both_pass, tally.left_out),
        (4, 2, 0)
    );
    // A time of any length is one to a strict reader.
    let mut long = condition("example.com/Checked", "True", "Fine");
    long["lastTransitionTime"] = json!(format!("2026-11-20T10:00:00.{}Z", "1".repeat(200_000)));
    let written = [json!({"phase": "Running", "conditions": [long]})];
    for (name, stored) in [
        ("long-time", json!({})),
        ("long-stored-time", written[0].clone()),
    ] {
        pair.compare(&mut tally, Group::Tekton, name, &stored, &written)
            .await;
    }
    assert_eq!(tally.both_pass, 4);
    // Of a stored list that is not read, nothing is known to be inherited.
    let shorter = [many(65, &unknown), many(64, &unknown)];
    let name = "from-longer";
    pair.compare(&mut tally, Group::Tekton, name, &shorter[0], &shorter[1..])
        .await;
    assert_eq!(tally.both_pass, 5);
    let longer = many(65, &unknown);
    let judged = Judged::create(&pair.policies, Group::Tekton, "longer").await;
    assert!(
        judged.writer.put_dry_run(longer).await.is_ok(),
        "as the report says"
    );
}

/// A refusal tells the first rule, and the audit log all.
#[tokio::test]
async fn all_broken_rules_are_in_the_audit_log() {
    let plane = loose_plane();
    let scene = Scene::unregistered_on(plane, "audit-policies", &[]);
    apply(&scene, &["--mode=audit"]);
    let object = scene.create(Group::Tekton, "audited").await;
    let mut broken = condition("TektonPipelineComplete", "True", "snake_case");
    let mut rules = Vec::new();
    // The policy is not there at once.
    for attempt in 0..300 {
        broken["message"] = json!(format!("attempt {attempt}"));
        let status =
            json!({"phase": "Failed", "conditions": [broken, condition("Unheard", "True", "X")]});
        object.put(status).await.unwrap();
        object.put(json!({"phase": "Pending"})).await.unwrap();
        let annotation = "audit-policies-wfe-webhook-audit/rules";
        rules = plane
            .audit_events()
            .into_iter()
            .filter_map(|event| Some(event["annotations"].get(annotation)?.as_str()?.to_owned()))
            .collect();
        if rules.len() >= 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let of_conditions = "condition-unknown-type,reason-format,phase-conflict";
    assert!(rules.iter().any(|it| it == of_conditions), "{rules:?}");
    assert!(rules.iter().any(|it| it == "phase-transition"), "{rules:?}");
}

/// What is said of a write once the policies are there.
async fn refusal(object: &Object, status: &Value) -> String {
    for _ in 0..300 {
        if let Err(refused) = object.put_dry_run(status.clone()).await {
            return refused.message;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("nothing refuses {status}")
}

#[tokio::test]
async fn a_refusal_tells_what_the_rule_compares() {
    let scene = Scene::unregistered_on(loose_plane(), "telling-policies", &[]);
    let flags = [
        "--validating-only",
        "--rule=generation-ahead=deny",
        "--rule=transition-time=deny",
        "--exempt-user",
        ADMIN,
    ];
    apply(&scene, &flags);
    scene.grant(WRITER);
    let object = Judged::create(&scene, Group::Tekton, "refused").await;
    let running = condition("TektonPipelineRunning", "True", "PipelineStarted");
    let changed = |field: &str, value: Value| {
        let mut item = running.clone();
        item[field] = value;
        json!({"phase": "Running", "conditions": [item]})
    };
    let failed = condition("TektonPipelineComplete", "False", "OOMKilled");
    let locked = condition("ResourceLocked", "True", "TargetResourceBusy");
    let stored = json!({"phase": "Running", "conditions": [running]});
    object.exempt.put(stored).await.unwrap();
    for (status, words) in [
        (
            json!({"phase": "Running", "conditions": [failed]}),
            "status.conditions: TektonPipelineComplete is False (OOMKilled) in phase Running, against the rule: ",
        ),
        (
            json!({"phase": "Failed", "failureDetails": {"reason": "Forbidden"}, "conditions": [failed]}),
            "TektonPipelineComplete is False (OOMKilled) beside failureDetails.reason Forbidden, against the rule: ",
        ),
        (
            json!({"phase": "Skipped", "skipDetails": {"reason": "RecentlyRemediated"}, "conditions": [locked]}),
            "ResourceLocked is True (TargetResourceBusy) beside skipDetails.reason RecentlyRemediated, against the rule: ",
        ),
        (
            changed("observedGeneration", json!(9)),
            "TektonPipelineRunning is True (PipelineStarted) of generation 9 beside metadata.generation 1, against the rule: ",
        ),
        (
            changed("lastTransitionTime", json!("2026-11-20T11:00:00Z")),
            "TektonPipelineRunning is True (PipelineStarted) since 2026-11-20T11:00:00Z, against the rule: ",
        ),
        (
            json!({"phase": "Skipped"}),
            "status: no skipDetails in phase Skipped, against the rule: ",
        ),
        (
            json!({"phase": "Completed", "skipDetails": {"reason": "RecentlyRemediated"}}),
            "status: skipDetails in phase Completed, against the rule: ",
        ),
        (
            json!({"phase": "Completed", "failureDetails": {"reason": "Forbidden"}}),
            "status: failureDetails in phase Completed, against the rule: ",
        ),
    ] {
        let message = refusal(&object.writer, &status).await;
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_refusal_is_what_the_page_shows() {
    let scene = Scene::unregistered_on(loose_plane(), "page-of-policies", &[]);
    apply(&scene, &["--validating-only"]);
    let object = scene.create(Group::Kubernaut, "refused").await;
    let complete = condition("ExecutionComplete", "False", "TaskFailed");
    let status = json!({"phase": "Completed", "conditions": [complete]});
    let message = refusal(&object, &status).await;
    let shown = message.replace("page-of-policies-wfe", "wfe");
    let shown = &shown[shown.find("ValidatingAdmissionPolicy").unwrap()..];
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policies.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(shown), "{shown}");
}

#[tokio::test]
async fn random_writes_meet_the_verdict_of_the_webhook() {
    for (name, flags) in [
        ("auto", &["--rule=transition-time=deny"][..]),
        ("tekton", &["--vocabulary=tekton", "--completion=off"][..]),
        (
            "execution",
            &[
                "--vocabulary=execution",
                "--rule=generation-ahead=deny",
                "--extra-type=Custom",
                "--extra-reason=ExecutionComplete=NodeLost",
            ][..],
        ),
    ] {
        let mut tally = Tally::new();
        let pair = Pair::on(loose_plane(), &format!("policies-{name}"), flags).await;
        let writes = random_choices().filter_map(|choices| Write::read(&choices));
        for (number, write) in writes.take(80).enumerate() {
            let request = &write.review.value()["request"];
            let group = [Group::Kubernaut, Group::Tekton][number % 4 / 3];
            let [stored, status] = ["oldObject", "object"].map(|it| request[it]["status"].clone());
            // Most of what is stored is at fault, so that a write which keeps it shows what is inherited.
            let mut moved = stored.clone();
            moved["phase"] = json!("Failed");
            let written = [status, stored.clone(), moved];
            pair.compare(
                &mut tally,
                group,
                &format!("write-{number}"),
                &stored,
                &written,
            )
            .await;
        }
        tally.print(name);
        assert!(tally.both_refuse > 50 && tally.both_pass > 50);
    }
}
