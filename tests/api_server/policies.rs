//! The policies that `generate policies` prints refuse what the webhook refuses, but for what their report leaves to it.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};
use test_support::properties::write::Write;

use crate::control_plane::{ADMIN, ControlPlane, run, stderr, stdout};
use crate::match_conditions::{loose_plane, odd_statuses, random_choices};
use crate::object::{Group, Object, Written};
use crate::scene::{PROGRAM, Scene, generate_registration};

const START: &str = "2026-11-20T10:00:00Z";
const WRITER: &str = "controller";

fn generate(flags: &[&str]) -> String {
    let output = run(Command::new(PROGRAM)
        .args(["generate", "policies"])
        .args(flags));
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// The rules whose row of the report says one of these words.
fn rules_held(words: &[&str]) -> BTreeSet<String> {
    let report = generate(&["--report"]);
    let rows = report.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let rule = cells.next()?.trim_end_matches('`').to_owned();
        Some((rule, cells.next()?.to_owned()))
    });
    rows.filter(|(_, held)| words.contains(&held.as_str()))
        .map(|(rule, _)| rule)
        .collect()
}

/// Two namespaces: `/validate` judges the one, and the policies the other. The administrator is exempt in both.
struct Pair {
    webhook: Scene,
    policies: Scene,
}

impl Pair {
    async fn on(plane: &'static ControlPlane, name: &str, flags: &[&str]) -> Self {
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
        apply(&policies, &flags);
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
    async fn compare(
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

/// Applies the policies for the namespace of a scene alone.
fn apply(scene: &Scene, flags: &[&str]) {
    let yaml = generate(&[&["--failure-policy=Fail", "--validating-only"], flags].concat());
    let documents: Vec<Value> = serde_saphyr::from_multiple(&yaml).unwrap();
    for mut document in documents {
        let name = format!(
            "{}-{}",
            scene.namespace,
            document["metadata"]["name"].as_str().unwrap()
        );
        document["metadata"]["name"] = json!(name);
        if document["kind"] == "ValidatingAdmissionPolicyBinding" {
            document["spec"]["policyName"] = json!(name);
            document["spec"]["matchResources"] = json!({"namespaceSelector":
                {"matchLabels": {"kubernetes.io/metadata.name": scene.namespace}}});
        }
        scene.plane.apply(&document.to_string());
    }
}

/// An object, written by an exempt user and by one who is judged.
struct Judged {
    exempt: Object,
    writer: Object,
}

impl Judged {
    async fn create(scene: &Scene, group: Group, name: &str) -> Self {
        let exempt = scene.create(group, name).await;
        let writer = exempt.as_user(WRITER).await;
        Self { exempt, writer }
    }
}

/// The ids of the rules that refuse a write; none where it passes. No schema and no failed expression may refuse it.
fn refusing_rules(written: Written) -> BTreeSet<String> {
    let Err(refused) = written else {
        return BTreeSet::new();
    };
    let is_id =
        |id: &str| id.contains('-') && id.bytes().all(|it| it == b'-' || it.is_ascii_lowercase());
    let ids = refused.message.split('[').skip(1);
    let ids = ids.filter_map(|rest| Some(rest.split_once(']')?.0.to_owned()));
    let rules: BTreeSet<String> = ids.filter(|id| is_id(id)).collect();
    assert!(!rules.is_empty(), "{}", refused.message);
    rules
}

/// What was compared.
#[derive(Default)]
struct Tally {
    left: BTreeSet<String>,
    both_pass: usize,
    both_refuse: usize,
    left_out: usize,
    held: BTreeSet<String>,
}

impl Tally {
    fn new() -> Self {
        Self {
            left: rules_held(&["no", "in part"]),
            ..Self::default()
        }
    }

    fn add(
        &mut self,
        webhook: &BTreeSet<String>,
        policies: &BTreeSet<String>,
        stored: &Value,
        status: &Value,
    ) {
        let case = format!(
            "webhook: {webhook:?}\npolicies: {policies:?}\nstored: {stored}\nwritten: {status}"
        );
        if policies.is_empty() && webhook.is_empty() {
            self.both_pass += 1;
        } else if policies.is_empty() {
            let is_left = webhook.is_subset(&self.left) || is_left(stored) || is_left(status);
            assert!(is_left, "only the webhook refuses\n{case}");
            self.left_out += 1;
        } else {
            assert!(
                policies.is_subset(webhook),
                "only the policies refuse\n{case}"
            );
            self.held.extend(policies.iter().cloned());
            self.both_refuse += 1;
        }
    }

    fn print(&self, what: &str) {
        println!(
            "{what}: {} pass, {} are refused, {} are left to the webhook; rules: {:?}",
            self.both_pass, self.both_refuse, self.left_out, self.held
        );
    }
}

/// Whether the report leaves the list of a status to the webhook: items of a broken shape, two of a type, times in the years
/// that CEL's clock cannot hold in every zone.
fn is_left(status: &Value) -> bool {
    let Some(items) = status.get("conditions").and_then(Value::as_array) else {
        return false;
    };
    let text =
        |item: &Value, field: &str| item.get(field).and_then(Value::as_str).map(str::to_owned);
    let types: Vec<_> = items.iter().map(|item| text(item, "type")).collect();
    let is_odd = |item: &Value| {
        let time = text(item, "lastTransitionTime").unwrap_or_default();
        let is_usual = time.len() >= 20
            && time.starts_with('2')
            && time.contains('T')
            && time.ends_with(|it: char| it == 'Z' || it.is_ascii_digit());
        let fields = ["type", "status", "reason"]
            .iter()
            .all(|field| text(item, field).is_some_and(|it| !it.is_empty()));
        let message = item
            .get("message")
            .is_none_or(|it| it.is_string() || it.is_null());
        let generation = item
            .get("observedGeneration")
            .is_none_or(|it| it.is_u64() || it.is_null());
        let known = ["True", "False", "Unknown"]
            .contains(&text(item, "status").unwrap_or_default().as_str());
        !(is_usual && fields && message && generation && known)
    };
    items.iter().any(is_odd) || (1..types.len()).any(|at| types[..at].contains(&types[at]))
}

fn condition(condition_type: &str, status: &str, reason: &str) -> Value {
    json!({
        "type": condition_type, "status": status, "reason": reason,
        "message": "by the controller", "lastTransitionTime": START,
    })
}

/// Each phase over each phase, with and without details; a condition of each kind in each phase, new and stored; and what
/// it takes for the other rules.
fn combinations() -> Vec<(Value, Value)> {
    let phases = [
        "Pending",
        "Running",
        "Completed",
        "Failed",
        "Skipped",
        "Executing",
    ];
    let mut all = Vec::new();
    for stored in phases {
        for phase in phases {
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
    for phase in phases {
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
        (3, 2, 0)
    );
    // Of a stored list that is not read, nothing is known to be inherited.
    let shorter = [many(65, &unknown), many(64, &unknown)];
    let name = "from-longer";
    pair.compare(&mut tally, Group::Tekton, name, &shorter[0], &shorter[1..])
        .await;
    assert_eq!(tally.both_pass, 3);
    let longer = many(65, &unknown);
    let judged = Judged::create(&pair.policies, Group::Tekton, "longer").await;
    assert!(
        judged.writer.put_dry_run(longer).await.is_ok(),
        "as the report says"
    );
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
