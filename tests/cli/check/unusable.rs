//! Input that cannot be judged: exit code 2, and what to do about it.

use rstest::rstest;

use super::{FAULTY, Folder, RUNNING, check, object};

#[rstest]
#[case::nothing("", "stdin has no document")]
#[case::comments("# nothing\n---\n", "stdin has no document")]
#[case::text(
    "plain text",
    "stdin has no apiVersion and kind; expected a WorkflowExecution of"
)]
#[case::number("1", "stdin has no apiVersion and kind")]
#[case::array("[]", "stdin has no apiVersion and kind")]
#[case::no_kind("phase: Running", "stdin has no apiVersion and kind")]
#[case::yaml("a: b: c", "stdin is not valid YAML: ")]
#[case::place("a: 1\nb: [", "line 2")]
#[case::json(
    "{\"a\": 1",
    "stdin is neither JSON nor YAML: EOF while parsing an object at line 1"
)]
#[case::other_kind(
    "apiVersion: v1\nkind: Pod",
    "stdin is a Pod of v1; expected a WorkflowExecution of"
)]
#[case::other_group(
    "apiVersion: example.com/v1\nkind: WorkflowExecution",
    "stdin is a WorkflowExecution of example.com/v1; expected"
)]
#[case::other_list(
    "apiVersion: v1\nkind: PodList\nitems: []",
    "stdin is a PodList of v1; expected"
)]
#[case::empty_list(
    "apiVersion: v1\nkind: List\nitems: []",
    "stdin is an empty list: nothing to check"
)]
#[case::no_list(
    "apiVersion: v1\nkind: List",
    "stdin is an empty list: nothing to check"
)]
#[case::item(
    "apiVersion: v1\nkind: List\nitems: [{}]",
    "stdin, item 1 has no apiVersion and kind"
)]
#[case::no_object(
    "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest: {}",
    "stdin is an AdmissionReview without request.object: nothing to check"
)]
#[case::old_review(
    "apiVersion: admission.k8s.io/v1beta1\nkind: AdmissionReview\nrequest: {object: {}}",
    "stdin cannot be judged: expected apiVersion admission.k8s.io/v1"
)]
#[case::not_finite("a: .nan", "stdin is not valid YAML: ")]
fn what_cannot_be_judged_is_named(#[case] input: &str, #[case] said: &str) {
    let ended = check(&[], input);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
    assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn what_is_not_text_is_named() {
    let ended = check(&[], b"kind: \xff");
    assert_eq!(ended.code, 2);
    assert_eq!(
        ended.stderr,
        "error: stdin is not UTF-8 text, from byte 6 on\n"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_the_others_are_judged() {
    let folder = Folder::new();
    folder.file("wfe.yaml", object("wfe-1", FAULTY));
    let ended = folder.check(&["no-such-file.yaml", "wfe.yaml"]);
    assert_eq!(ended.code, 2);
    let said = "error: no-such-file.yaml cannot be read: No such file or directory (os error 2)\n";
    assert_eq!(ended.stderr, said);
    assert!(
        ended.stdout.contains("wfe.yaml: payments/wfe-1: denied"),
        "{}",
        ended.stdout
    );
}

#[test]
fn one_wrong_document_makes_the_input_unusable_and_the_others_are_judged() {
    let folder = Folder::new();
    let documents = [
        "apiVersion: v1\nkind: Pod\n".to_owned(),
        object("wfe-1", RUNNING),
    ];
    folder.file("both.yaml", documents.join("---\n"));
    let ended = folder.check(&["both.yaml"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .stderr
            .starts_with("error: both.yaml, document 1 is a Pod of v1"),
        "{}",
        ended.stderr
    );
    assert!(
        ended
            .stdout
            .contains("both.yaml, document 2: payments/wfe-1: allowed"),
        "{}",
        ended.stdout
    );
}

#[test]
fn nothing_that_a_terminal_would_act_on_is_printed_of_it() {
    let kind = r#"{"apiVersion":"v1","kind":"\u001b[31mPod"}"#;
    let yaml = "a: !!int \"\\e[31m\"";
    for document in [kind, yaml] {
        let ended = check(&[], document);
        assert_eq!(ended.code, 2);
        assert!(!ended.stderr.contains('\u{1b}'), "{:?}", ended.stderr);
    }
    assert!(
        check(&[], kind)
            .stderr
            .contains(r"is a \u{1b}[31mPod of v1")
    );
}

#[test]
fn no_file_at_all_is_wrong_usage() {
    let ended = crate::program::run(&["check"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("<FILE>..."), "{}", ended.stderr);
}

#[test]
fn standard_input_is_read_once_only() {
    for args in [&["-"][..], &["--old", "-"]] {
        let ended = check(args, object("wfe-1", RUNNING));
        assert_eq!(ended.code, 2);
        assert_eq!(
            ended.stderr,
            "error: standard input (-) can be read once only\n"
        );
    }
}

#[test]
fn an_unknown_rule_is_named_with_those_there_are() {
    let ended = check(&["--rule", "no-such-rule=warn"], "");
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .stderr
            .contains("no rule is called \"no-such-rule\"; the rules are condition-shape"),
        "{}",
        ended.stderr
    );
}
