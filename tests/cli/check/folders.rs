//! Folders are searched for documents.

use std::fs;

use serde_json::{Value, json};

use super::{COMPLETED, FAULTY, Folder, RUNNING, object};

#[test]
fn every_file_with_documents_is_judged_in_the_order_of_names_and_others_are_passed_over() {
    let folder = Folder::new();
    folder.file("b.yaml", object("wfe-2", FAULTY));
    fs::create_dir_all(folder.0.path().join("a/deep")).unwrap();
    folder.file("a/deep/one.yml", object("wfe-1", RUNNING));
    let json: Value = serde_saphyr::from_str(&object("wfe-3", COMPLETED)).unwrap();
    folder.file("c.json", json.to_string());
    folder.file(
        "config.yaml",
        "apiVersion: v1\nkind: ConfigMap\n---\nx: 1\n",
    );
    folder.file("empty.yaml", "# nothing\n");
    folder.file("none.yaml", "apiVersion: v1\nkind: List\nitems: []\n");
    folder.file("notes.txt", "not YAML: [");
    let ended = folder.check(&["--output", "json", "."]);
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
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

#[test]
fn what_cannot_be_searched_or_read_is_named_and_the_rest_is_judged() {
    let folder = Folder::new();
    let long = "x".repeat(200);
    fs::create_dir(folder.0.path().join(&long)).unwrap();
    folder.file("zzz.yaml", object("wfe-1", RUNNING));
    std::os::unix::fs::symlink("nowhere.yaml", folder.0.path().join("lost.yaml")).unwrap();
    std::os::unix::fs::symlink(".", folder.0.path().join("loop")).unwrap();
    // A path that is too long for the folder in it only, so that root cannot read it either.
    let path = "./".repeat(1_960);
    let ended = folder.check(&[&path]);
    assert_eq!(ended.code, 2);
    for said in [
        format!("/{long} cannot be searched: "),
        "/lost.yaml cannot be read: ".to_owned(),
    ] {
        assert!(
            ended.stderr.contains(&said),
            "{said:?} not in {}",
            ended.stderr
        );
    }
    assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.stderr);
    assert!(
        ended.stdout.contains("payments/wfe-1: allowed"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_list_of_a_folder_with_other_things_too_comes_back_with_all_of_them() {
    let folder = Folder::new();
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}});
    let run: Value = serde_saphyr::from_str(&object("wfe-1", RUNNING)).unwrap();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [config, run]});
    folder.file("list.json", list.to_string());
    folder.file("config.json", config.to_string());
    let ended = folder.check(&["--fix", "."]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let fixed: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(fixed["items"][0], config);
    let conditions = &fixed["items"][1]["status"]["conditions"];
    assert!(
        conditions.as_array().is_some_and(|it| !it.is_empty()),
        "{fixed}"
    );
}

#[test]
fn what_comes_back_of_json_and_yaml_can_be_read_again() {
    let folder = Folder::new();
    let json: Value = serde_saphyr::from_str(&object("wfe-1", RUNNING)).unwrap();
    folder.file("a.json", json.to_string());
    folder.file("b.json", json.to_string());
    folder.file("c.yaml", object("wfe-2", RUNNING));
    let fixed = folder.check(&["--fix", "."]).stdout;
    let again = super::check(&[], fixed);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(
        again.stdout.ends_with("3 objects: 3 allowed\n"),
        "{}",
        again.stdout
    );
}
