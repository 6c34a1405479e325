//! `--old` and `--stored`: what a write is judged against.

use super::{COMPLETED, FAULTY, Folder, RUNNING, check, object};

#[test]
fn a_first_write_may_have_any_phase() {
    let ended = check(&[], object("wfe-1", COMPLETED));
    assert_eq!(ended.code, 0);
    let said = "allowed, judged as a first write; --old FILE or --stored gives the stored object";
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
}

#[test]
fn the_old_object_gives_the_phase_that_was() {
    let folder = Folder::new();
    folder.file("new.yaml", object("wfe-1", RUNNING));
    folder.file("old.yaml", object("wfe-1", COMPLETED));
    let ended = folder.check(&["--old", "old.yaml", "new.yaml"]);
    assert_eq!(ended.code, 1);
    for said in [
        "[phase-transition]",
        "denied, judged against the stored object of --old",
    ] {
        assert!(ended.stdout.contains(said), "{}", ended.stdout);
    }
}

#[test]
fn of_several_old_objects_the_one_of_the_same_name_counts() {
    let folder = Folder::new();
    let new = ["wfe-1", "wfe-2", "wfe-3"].map(|name| object(name, RUNNING));
    folder.file("new.yaml", new.join("---\n"));
    let old = [object("wfe-2", COMPLETED), object("wfe-1", RUNNING)];
    folder.file("old.yaml", old.join("---\n"));
    let ended = folder.check(&["--old", "old.yaml", "new.yaml"]);
    assert_eq!(ended.code, 1);
    for said in [
        "payments/wfe-1: allowed, judged against the stored object of --old",
        "payments/wfe-2: denied, judged against the stored object of --old",
        "payments/wfe-3: allowed, judged as a first write; --old has no object of that name",
    ] {
        assert!(ended.stdout.contains(said), "{}", ended.stdout);
    }
}

#[test]
fn what_is_stored_already_is_inherited() {
    let ended = check(&["--stored"], object("wfe-1", FAULTY));
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn old_objects_that_cannot_be_distinguished_are_refused() {
    let folder = Folder::new();
    folder.file("new.yaml", object("wfe-1", RUNNING));
    let twice = [object("wfe-1", RUNNING), object("wfe-1", COMPLETED)];
    folder.file("old.yaml", twice.join("---\n"));
    let ended = folder.check(&["--old", "old.yaml", "new.yaml"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    let said = "error: --old: old.yaml has two objects called payments/wfe-1\n";
    assert_eq!(ended.stderr, said);
}

#[test]
fn old_objects_of_another_kind_are_refused() {
    let folder = Folder::new();
    folder.file("new.yaml", object("wfe-1", RUNNING));
    folder.file("old.yaml", "apiVersion: v1\nkind: Secret\n");
    let ended = folder.check(&["--old", "old.yaml", "new.yaml"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(
        ended
            .stderr
            .starts_with("error: --old: old.yaml document 1 is a Secret of v1; expected"),
        "{}",
        ended.stderr
    );
}

#[test]
fn one_flag_excludes_the_other() {
    let ended = check(&["--stored", "--old", "old.yaml"], "");
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("cannot be used with"),
        "{}",
        ended.stderr
    );
}
