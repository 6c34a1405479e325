//! Folders are searched for documents.

use std::fs;

use super::{COMPLETED, FAULTY, Folder, RUNNING, object};

#[test]
fn every_file_with_documents_is_judged_in_the_order_of_names_and_others_are_passed_over() {
    let folder = Folder::new();
    folder.file("b.yaml", object("wfe-2", FAULTY));
    fs::create_dir_all(folder.0.path().join("a/deep")).unwrap();
    folder.file("a/deep/one.yml", object("wfe-1", RUNNING));
    let json: serde_json::Value = serde_saphyr::from_str(&object("wfe-3", COMPLETED)).unwrap();
    folder.file("c.json", json.to_string());
    folder.file(
        "config.yaml",
        "apiVersion: v1\nkind: ConfigMap\n---\nx: 1\n",
    );
    folder.file("empty.yaml", "# nothing\n");
    folder.file("notes.txt", "not YAML: [");
    let ended = folder.check(&["--output", "json", "."]);
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let objects = report["objects"].as_array().unwrap().iter();
    let names: Vec<_> = objects.map(|it| it["object"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["payments/wfe-1", "payments/wfe-2", "payments/wfe-3"]
    );
}

#[test]
fn a_folder_without_anything_to_check_is_unusable() {
    let folder = Folder::new();
    for (name, text, said) in [
        ("notes.txt", "text", "has no file .yaml, .yml, .json"),
        (
            "config.yaml",
            "apiVersion: v1\nkind: ConfigMap\n",
            "has nothing to check",
        ),
    ] {
        folder.file(name, text);
        let ended = folder.check(&["."]);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn a_file_of_a_folder_that_cannot_be_read_is_unusable() {
    let folder = Folder::new();
    folder.file("wfe.yaml", object("wfe-1", RUNNING));
    folder.file("broken.yaml", "a: [");
    let ended = folder.check(&["."]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("broken.yaml is not valid YAML"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stdout.contains("payments/wfe-1: allowed"),
        "{}",
        ended.stdout
    );
}
