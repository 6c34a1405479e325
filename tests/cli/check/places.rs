//! Findings point at the line of the file; colors are for terminals.

use std::process::Command;

use rstest::rstest;

use super::{Folder, check, object};

/// Each finding of the file as `LINE:COLUMN`, in order.
fn places(document: &str) -> Vec<String> {
    let ended = check(&["--mode", "warn"], document);
    let lines = ended.stdout.lines();
    lines
        .filter_map(|line| line.trim_start().strip_prefix("--> stdin:"))
        .map(str::to_owned)
        .collect()
}

#[rstest]
#[case::value("phase: Runing", &["8:10"])]
#[case::quoted("phase: \"Runing\"", &["8:10"])]
#[case::behind_wide_characters("{x: \"\u{e9}\u{65e5}\", phase: Runing}", &["8:20"])]
#[case::missing_field(
    "phase: Running\nconditions:\n- message: \"\"\n  type: Ready\n  status: \"Unknown\"\n  lastTransitionTime: 2026-11-23T10:00:00Z",
    &["10:5"]
)]
#[case::not_a_list("phase: Running\nconditions:\n  type: Ready", &["9:3"])]
#[case::of_an_alias(
    "phase: Running\nx: &kind Redy\nconditions:\n- {type: *kind, status: \"True\", reason: R, message: \"\", lastTransitionTime: 2026-11-23T10:00:00Z}",
    &["9:12"]
)]
fn a_finding_has_the_place_of_the_value_or_of_what_it_is_missing_in(
    #[case] status: &str,
    #[case] expected: &[&str],
) {
    assert_eq!(places(&object("wfe-1", status)), expected);
}

/// Completion takes its own first condition away, so that the other one moves up in what is judged.
#[test]
fn a_condition_that_moves_by_completion_is_pointed_at_where_it_was_written() {
    let status = "\
phase: Pending
conditions:
- type: TektonPipelineRunning
  status: \"True\"
  reason: PipelineStarted
  message: phase is Running (derived by wfe-webhook)
  lastTransitionTime: 2026-11-23T10:00:00Z
- type: AuditRecordd
  status: \"True\"
  reason: AuditSucceeded
  message: \"\"
  lastTransitionTime: 2026-11-23T10:00:00Z";
    let ended = check(&[], object("wfe-1", status));
    assert!(ended.stdout.contains(": remove: "), "{}", ended.stdout);
    for said in [
        "--> stdin:15:11\n",
        "status.conditions[0].type of payments/wfe-1",
        "15 |   - type: AuditRecordd",
        "15 |   - type: AuditRecorded",
    ] {
        assert!(
            ended.stdout.contains(said),
            "{said:?} is not in {}",
            ended.stdout
        );
    }
}

#[test]
fn what_changes_the_direction_of_writing_is_not_printed_with_the_line_either() {
    let status = "phase: Runing # \u{202e}\u{200b}";
    let ended = check(&[], object("wfe-1", status));
    assert!(
        ended.stdout.contains("8 |   phase: Runing"),
        "{}",
        ended.stdout
    );
    for hidden in ['\u{202e}', '\u{200b}'] {
        assert!(!ended.stdout.contains(hidden), "{}", ended.stdout);
    }
}

#[test]
fn a_line_too_long_to_be_shown_has_its_place() {
    let status = format!("{{x: {}, phase: Runing}}", "x".repeat(1_000));
    let ended = check(&[], object("wfe-1", &status));
    assert!(
        ended.stdout.contains("--> stdin:8:1016\n"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains("xxx"), "{}", ended.stdout);
}

/// What the program prints to a terminal.
fn on_a_terminal(args: &str, variables: &[(&str, &str)]) -> String {
    let folder = Folder::new();
    let file = folder.file("wfe.yaml", object("wfe-1", "phase: Runing"));
    let program = env!("CARGO_BIN_EXE_wfe-webhook");
    let command = format!("{program} check {args} {}", file.display());
    let output = Command::new("script")
        .args(["--quiet", "--command", &command, "/dev/null"])
        .env_remove("NO_COLOR")
        .env("TERM", "xterm")
        .envs(variables.iter().copied())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("script is there: tests/setup.sh installs it");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("phase-unknown"), "{text}");
    text
}

#[rstest]
#[case::terminal("", &[], true)]
#[case::empty("", &[("NO_COLOR", "")], true)]
#[case::unwanted("", &[("NO_COLOR", "1")], false)]
#[case::dumb("", &[("TERM", "dumb")], false)]
#[case::json("--output json", &[], false)]
fn colors_are_for_terminals_whose_user_wants_them(
    #[case] args: &str,
    #[case] variables: &[(&str, &str)],
    #[case] is_colored: bool,
) {
    let text = on_a_terminal(args, variables);
    assert_eq!(text.contains('\u{1b}'), is_colored, "{text}");
    let piped = check(&[], object("wfe-1", "phase: Runing")).stdout;
    assert!(!piped.contains('\u{1b}'), "{piped}");
}

/// What is wrong with a field that the resource does not have is its name.
#[rstest]
#[case::value("phase: Running\ncompltionTime: null", "9:3", "completionTime: null")]
#[case::list("phase: Running\nconditons: []", "9:3", "conditions: []")]
#[case::quoted(
    "{\"phase\": \"Running\", \"conditons\" : 1}",
    "8:24",
    ", \"conditions\" : 1}"
)]
fn a_misspelt_field_is_pointed_at_by_its_name(
    #[case] status: &str,
    #[case] place: &str,
    #[case] corrected: &str,
) {
    let document = object("wfe-1", status);
    assert_eq!(places(&document), [place]);
    let ended = check(&[], document);
    assert!(ended.stdout.contains(corrected), "{}", ended.stdout);
}
