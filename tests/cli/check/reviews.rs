//! An AdmissionReview is judged as it is.

use serde_json::json;

use super::{Folder, check, found};
use crate::reviews::Review;

/// A write that a stored phase forbids.
fn backwards() -> Review {
    Review::tekton()
        .status(json!({"phase": "Running"}))
        .stored(json!({"phase": "Completed"}))
}

#[test]
fn a_review_is_judged_with_its_own_old_object() {
    let ended = check(&[], backwards().body());
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    assert!(
        ended.stdout.contains("[phase-transition]"),
        "{}",
        ended.stdout
    );
    let said = "stdin: AdmissionReview: denied, judged as sent\n";
    assert!(ended.stdout.ends_with(said), "{}", ended.stdout);
}

#[test]
fn a_review_may_be_yaml() {
    let yaml = serde_saphyr::to_string(backwards().value()).unwrap();
    assert_eq!(found(&[], yaml), found(&[], backwards().body()));
}

#[test]
fn a_review_is_judged_with_its_own_user() {
    let writer = backwards().user("repairer").body();
    let ended = check(&["--exempt-user", "repairer"], &writer);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(
        ended.stdout.contains("audit[phase-transition]"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("stdin: AdmissionReview: exempt"),
        "{}",
        ended.stdout
    );
    assert_eq!(check(&["--exempt-user", "other"], &writer).code, 1);
}

#[test]
fn flags_about_the_stored_object_do_not_apply() {
    let folder = Folder::new();
    folder.file("review.json", backwards().body());
    folder.file("old.yaml", super::object("wfe-1", super::RUNNING));
    for args in [
        &["--stored", "review.json"][..],
        &["--old", "old.yaml", "review.json"],
    ] {
        let ended = folder.check(args);
        assert_eq!(ended.code, 1, "{}", ended.stdout);
        let said = format!(
            "judged as sent, with its own oldObject: {} does not apply\n",
            args[0]
        );
        assert!(ended.stdout.ends_with(&said), "{}", ended.stdout);
    }
}

#[test]
fn a_review_of_something_else_is_unusable() {
    let other = Review::tekton().set("/request/resource/resource", json!("pods"));
    let ended = check(&[], other.body());
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    let said = "error: stdin is an AdmissionReview that the webhook allows without judging it; expected operation UPDATE of workflowexecutions/status\n";
    assert_eq!(ended.stderr, said);
}

#[test]
fn a_review_without_a_uid_is_unusable() {
    let ended = check(&[], backwards().without("/request/uid").body());
    assert_eq!(ended.code, 2);
    assert_eq!(
        ended.stderr,
        "error: stdin cannot be judged: the request has no uid\n"
    );
}
