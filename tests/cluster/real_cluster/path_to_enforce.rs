//! `docs/rollout.md`: its commands and queries in their order, beside controllers that write.

use std::process::Output;

use serde_json::{Value, json};
use test_support::control_plane::{stderr, stdout};
use test_support::guarded::wait_until;

use super::page::{Section, page, success, typed};
use super::pods;
use super::prometheus::Prometheus;
use super::scene::{Scene, conditions, running};

/// What a controller writes that nobody has looked at, and what kubectl says about it.
fn faulty_write(scene: &Scene, name: &str) -> Output {
    scene.apply_execution(name);
    let mut status = running();
    status["conditions"] = json!([{
        "type": "ExecutionCreated",
        "status": "True",
        "reason": "Made",
        "message": "",
        "lastTransitionTime": "2026-11-20T10:00:00Z",
    }]);
    scene.write_status(name, &status)
}

/// Executions that end; Prometheus needs some to see an increase.
fn executions(scene: &Scene, names: &str) {
    for number in 0..4 {
        let name = format!("{names}-{number}");
        faulty_write(scene, &name);
        let ended = json!({"phase": "Completed", "completionTime": "2026-11-20T10:02:00Z"});
        scene.write_status(&name, &ended);
        std::thread::sleep(std::time::Duration::from_secs(2));
    }
}

fn query(prometheus: &Prometheus<'_>, query: &str) -> Value {
    wait_until(query, || {
        let series = prometheus.ask(query);
        let first = series[0]["value"][1].as_str()?.parse::<f64>().ok()?;
        (first > 0.0).then_some(series)
    })
}

/// Runs commands, all of which have to succeed, and waits for the replicas that they lead to.
fn install(scene: &Scene, commands: &[String]) {
    for command in commands {
        success(typed(scene, command));
    }
    pods::settled(scene, 2);
}

/// The same, and Prometheus answers the queries once controllers have written.
fn upgrade(prometheus: &Prometheus<'_>, scene: &Scene, section: &Section<'_>, names: &str) {
    install(scene, &section.fenced("sh"));
    prometheus.find_replicas();
    executions(scene, names);
    for text in section.fenced("promql") {
        query(prometheus, &text);
    }
}

fn see_what_is_stored(scene: &Scene, section: &Section<'_>) {
    success(faulty_write(scene, "old"));
    let commands = section.fenced("sh");
    let [check, install, remove] = &commands[..] else {
        panic!("three commands: {commands:?}")
    };
    let output = typed(scene, check);
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output);
    assert!(
        said.starts_with("1 WorkflowExecution: 1 denied, 1 to be completed"),
        "{said}"
    );
    let mut rows = said.lines();
    let row = rows.find(|line| line.starts_with("reason-not-allowed "));
    assert!(
        row.is_some_and(|row| row.contains(" kubectl-patch ")),
        "{said}"
    );

    success(typed(scene, install));
    wait_until("a finding of the policies", || {
        success(faulty_write(scene, "tried"));
        scene.kubectl(&["delete", "workflowexecution", "tried"]);
        let metrics = scene.kubectl(&["get", "--raw", "/metrics"]);
        let mut lines = metrics.lines();
        let counted = |line: &str| {
            line.starts_with("apiserver_validating_admission_policy_check_total{")
                && line.contains("enforcement_action=\"audit\"")
        };
        lines.any(counted).then_some(())
    });
    success(typed(scene, remove));
}

fn audit<'s>(scene: &'s Scene, section: &Section<'_>) -> Prometheus<'s> {
    install(scene, &section.fenced("sh"));
    let prometheus = Prometheus::start(scene);
    executions(scene, "audited");
    let written = success(faulty_write(scene, "quiet"));
    assert_eq!(
        (conditions(&written).len(), stderr(&written).as_str()),
        (1, "")
    );
    prometheus
}

fn look(prometheus: &Prometheus<'_>, scene: &Scene, section: &Section<'_>) {
    let queries = section.fenced("promql");
    let [ended, refused] = &queries[..] else {
        panic!("two queries: {queries:?}")
    };
    query(prometheus, ended);
    let refused = query(prometheus, refused);
    let expected = json!({"rule": "reason-not-allowed", "condition": "ExecutionCreated"});
    assert_eq!(refused[0]["metric"], expected);
    let commands = section.fenced("sh");
    let [log, check] = &commands[..] else {
        panic!("two commands: {commands:?}")
    };
    let log = stdout(&success(typed(scene, log)));
    assert!(
        log.contains("audited-0") && log.contains("reason-not-allowed=audit"),
        "{log}"
    );
    assert_eq!(typed(scene, check).status.code(), Some(1));
}

fn warn(prometheus: &Prometheus<'_>, scene: &Scene, section: &Section<'_>) {
    upgrade(prometheus, scene, section, "warned");
    let written = success(faulty_write(scene, "loud"));
    assert_eq!(conditions(&written).len(), 2);
    assert!(
        stderr(&written).starts_with("Warning: "),
        "{}",
        stderr(&written)
    );
}

fn enforce(prometheus: &Prometheus<'_>, scene: &Scene, section: &Section<'_>) {
    upgrade(prometheus, scene, section, "refused");
    let refused = faulty_write(scene, "blocked");
    assert!(!refused.status.success());
    let said = stderr(&refused);
    assert!(said.contains("[reason-not-allowed]"), "{said}");
    // What was stored before stays writable.
    success(scene.write_status("old", &json!({"duration": "1s"})));
}

fn go_back(scene: &Scene, section: &Section<'_>) {
    let commands = section.fenced("sh");
    let [back, delete] = &commands[..] else {
        panic!("two commands: {commands:?}")
    };
    install(scene, std::slice::from_ref(back));
    let warned = success(faulty_write(scene, "again"));
    assert!(
        stderr(&warned).starts_with("Warning: "),
        "{}",
        stderr(&warned)
    );
    success(typed(scene, delete));
    wait_until("writes that no webhook sees", || {
        let written = faulty_write(scene, "free");
        let is_free = written.status.success() && stderr(&written).is_empty();
        scene.kubectl(&["delete", "workflowexecution", "free"]);
        is_free.then_some(())
    });
}

#[test]
fn every_command_of_the_page_does_what_it_says() {
    let page = page("docs/rollout.md");
    let scene = Scene::new();
    let sections = Section::of(&page);
    let titles: Vec<&str> = sections.iter().map(|section| section.title).collect();
    let expected = [
        "1. See what is stored",
        "2. Audit",
        "3. Look",
        "4. Warn",
        "5. Enforce",
        "Go back",
    ];
    assert_eq!(titles, expected);
    see_what_is_stored(&scene, &sections[0]);
    let prometheus = audit(&scene, &sections[1]);
    look(&prometheus, &scene, &sections[2]);
    warn(&prometheus, &scene, &sections[3]);
    enforce(&prometheus, &scene, &sections[4]);
    go_back(&scene, &sections[5]);
}
