//! Verdicts over documents in every form.

use rstest::rstest;

use super::{COMPLETED, FAULTY, Folder, RUNNING, check, found, object};

#[test]
fn a_sound_status_is_allowed_and_what_completion_adds_is_listed() {
    let ended = check(&[], object("wfe-1", RUNNING));
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn every_finding_of_a_faulty_status_is_printed_with_file_object_path_and_message() {
    let folder = Folder::new();
    folder.file("wfe.yaml", object("wfe-1", FAULTY));
    let ended = folder.check(&["wfe.yaml"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(ended.stdout);
}

#[rstest]
#[case::enforced(&[], 1, "denied")]
#[case::warned(&["--mode", "warn"], 1, "allowed with warnings")]
#[case::audited(&["--mode", "audit"], 0, "allowed,")]
#[case::by_rule(
    &["--rule", "condition-unknown-type=audit", "--rule", "reason-not-allowed=off", "--rule", "phase-conflict=off"],
    0,
    "allowed,"
)]
#[case::one_by_rule(&["--rule", "condition-unknown-type=off"], 1, "denied")]
fn the_policy_flags_decide_the_verdict(
    #[case] args: &[&str],
    #[case] code: i32,
    #[case] verdict: &str,
) {
    let ended = check(args, object("wfe-1", FAULTY));
    assert_eq!(ended.code, code, "{}", ended.stdout);
    let said = format!("stdin: payments/wfe-1: {verdict}");
    assert!(ended.stdout.contains(&said), "{}", ended.stdout);
}

#[test]
fn a_switched_off_rule_is_not_printed() {
    let ended = check(
        &["--rule", "condition-unknown-type=off"],
        object("wfe-1", FAULTY),
    );
    assert!(
        !ended.stdout.contains("condition-unknown-type"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("[reason-not-allowed]"),
        "{}",
        ended.stdout
    );
}

#[test]
fn completion_that_only_audits_prints_what_it_would_change() {
    let ended = check(&["--completion", "audit"], object("wfe-1", RUNNING));
    assert_eq!(ended.code, 0);
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn completion_that_is_off_changes_nothing() {
    let ended = check(&["--completion", "off"], object("wfe-1", RUNNING));
    assert_eq!(ended.code, 0);
    assert!(!ended.stdout.contains(": add: "), "{}", ended.stdout);
}

#[test]
fn several_documents_are_numbered_and_counted() {
    let folder = Folder::new();
    let documents = [object("wfe-1", COMPLETED), object("wfe-2", FAULTY)].join("---\n");
    folder.file("both.yaml", documents);
    folder.file("third.yaml", object("wfe-3", RUNNING));
    let ended = folder.check(&["both.yaml", "third.yaml"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    let verdicts: Vec<&str> = ended
        .stdout
        .lines()
        .filter(|line| line.contains("judged") || line.contains("objects"))
        .map(|line| {
            line.split_once(", judged")
                .map_or(line, |(verdict, _)| verdict)
        })
        .collect();
    assert_eq!(
        verdicts,
        [
            "both.yaml, document 1: payments/wfe-1: allowed",
            "both.yaml, document 2: payments/wfe-2: denied",
            "third.yaml: payments/wfe-3: allowed",
            "3 objects: 1 denied, 2 allowed",
        ]
    );
}

/// `kubectl get wfe -A -o yaml`, with items as YAML and as JSON, and a list as the API itself gives it, whose items may
/// say nothing of their kind.
#[rstest]
#[case::yaml("apiVersion: v1\nkind: List\nitems:\n", "- ", true)]
#[case::typed(
    "apiVersion: kubernaut.ai/v1alpha1\nkind: WorkflowExecutionList\nitems:\n",
    "- ",
    false
)]
fn a_list_is_judged_item_by_item(#[case] head: &str, #[case] dash: &str, #[case] typed: bool) {
    let mut list = head.to_owned();
    for name in ["wfe-1", "wfe-2"] {
        let status = if name == "wfe-1" { COMPLETED } else { FAULTY };
        let object = object(name, status);
        let lines = object.lines().skip(if typed { 0 } else { 2 });
        for (number, line) in lines.enumerate() {
            list += if number == 0 { dash } else { "  " };
            list += line;
            list.push('\n');
        }
    }
    let yaml = check(&[], &list);
    assert_eq!((yaml.code, yaml.stderr.as_str()), (1, ""));
    for said in [
        "stdin, item 1: payments/wfe-1: allowed",
        "stdin, item 2: payments/wfe-2: denied",
        "2 objects: 1 denied, 1 allowed",
    ] {
        assert!(yaml.stdout.contains(said), "{}", yaml.stdout);
    }
    let value: serde_json::Value = serde_saphyr::from_str(&list).unwrap();
    assert_eq!(found(&[], value.to_string()), found(&[], list));
}

#[test]
fn json_values_in_a_row_are_documents() {
    let value: serde_json::Value = serde_saphyr::from_str(&object("wfe-1", RUNNING)).unwrap();
    let ended = check(&[], format!("{value}\n{value:#}\n"));
    assert_eq!(ended.code, 0);
    assert!(
        ended
            .stdout
            .contains("stdin, document 2: payments/wfe-1: allowed"),
        "{}",
        ended.stdout
    );
}

#[test]
fn an_object_without_a_name_is_judged_as_well() {
    let ended = check(
        &[],
        "{apiVersion: kubernaut.ai/v1alpha1, kind: WorkflowExecution, status: {phase: Nonsense}}",
    );
    assert_eq!(ended.code, 1);
    assert!(
        ended.stdout.contains("status.phase of (no name)"),
        "{}",
        ended.stdout
    );
}

#[test]
fn nothing_that_a_terminal_would_act_on_is_printed() {
    let name = "a\\u001b[31m\\u202eb";
    let ended = check(
        &[],
        format!(
            r#"{{"apiVersion":"kubernaut.ai/v1alpha1","kind":"WorkflowExecution","metadata":{{"name":"{name}"}}}}"#
        ),
    );
    assert_eq!(ended.code, 0);
    assert!(
        ended
            .stdout
            .contains(r"stdin: a\u{1b}[31m\u{202e}b: allowed"),
        "{}",
        ended.stdout
    );
}
