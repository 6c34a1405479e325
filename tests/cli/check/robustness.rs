//! Documents that are large, deep, or odd.

use super::{FAULTY, RUNNING, check, object};

#[test]
fn anchors_and_merge_keys_mean_what_they_mean_to_kubectl() {
    let status = "\
phase: Failed
conditions:
- &faulty
  type: TektonPipelineCompleted
  status: \"True\"
  reason: PipelineSucceeded
  message: done
  lastTransitionTime: 2026-11-23T10:00:00Z
- <<: *faulty
  type: TektonPipelineDone";
    let ended = check(&[], object("wfe-1", status));
    for said in [
        "status.conditions[0].type",
        "TektonPipelineCompleted",
        "status.conditions[1].type",
        "TektonPipelineDone",
    ] {
        assert!(ended.stdout.contains(said), "{}", ended.stdout);
    }
}

#[test]
fn aliases_that_multiply_are_refused() {
    let levels = (1..10).map(|level| {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("a{level}: &a{level} [{aliases}]")
    });
    let first = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned();
    let bomb = [first]
        .into_iter()
        .chain(levels)
        .collect::<Vec<_>>()
        .join("\n");
    let ended = check(&[], bomb);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.starts_with("error: stdin is not valid YAML: "),
        "{}",
        ended.stderr
    );
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn deep_yaml_is_read_to_a_limit_and_refused_beyond_it() {
    let deep = |depth| object("wfe-1", &format!("{RUNNING}\ndeep: {}", nested(depth)));
    for args in [&[][..], &["--fix"]] {
        let ended = check(args, deep(990));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
    }
    for depth in [1_001, 100_000] {
        let ended = check(&[], deep(depth));
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
        assert!(
            ended.stderr.starts_with("error: stdin is not valid YAML: "),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn deep_json_is_read_to_any_depth() {
    let deep = nested(100_000);
    let document = format!(
        r#"{{"apiVersion":"kubernaut.ai/v1alpha1","kind":"WorkflowExecution","metadata":{{"name":"wfe-1"}},"status":{{"deep":{deep},"phase":"Running","pipelineRunRef":{{"name":"run-1"}}}}}}"#
    );
    let ended = check(&["--fix"], &document);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains(&deep));
    assert!(ended.stdout.contains("TektonPipelineRunning"));
}

/// More values than a reader of YAML takes by default.
#[test]
fn a_list_of_a_large_cluster_is_judged_whole() {
    let mut item: serde_json::Value = serde_saphyr::from_str(&object("wfe-1", FAULTY)).unwrap();
    item["spec"] = (0..1_000).collect();
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": vec![item; 300]});
    let yaml = serde_saphyr::to_string(&list).unwrap();
    for document in [list.to_string(), yaml] {
        let ended = check(&["--stored"], document);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        assert!(ended.stdout.ends_with("300 objects: 300 allowed\n"));
    }
}

#[test]
fn of_a_key_that_comes_twice_the_last_one_counts() {
    let yaml = object("wfe-1", "phase: Nonsense\nphase: Running");
    let json = r#"{"apiVersion":"kubernaut.ai/v1alpha1","kind":"WorkflowExecution","status":{},"status":{"phase":"Nonsense","phase":"Running"}}"#;
    for document in [&yaml, json] {
        let ended = check(&[], document);
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (0, ""),
            "{}",
            ended.stdout
        );
    }
}

#[test]
fn a_byte_order_mark_is_ignored() {
    for document in [
        object("wfe-1", RUNNING),
        serde_saphyr::from_str::<serde_json::Value>(&object("wfe-1", RUNNING))
            .unwrap()
            .to_string(),
    ] {
        let ended = check(&[], format!("\u{feff}{document}"));
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    }
}
