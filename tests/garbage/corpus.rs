//! Every file of the fuzzers' corpus, put to the property of its target.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::properties;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_file_of_the_corpus_holds() {
    for (name, property) in properties::ALL {
        let files = files(&corpus().join(name));
        assert!(!files.is_empty(), "no corpus for {name}");
        for file in files {
            println!("{}", file.display());
            property(&fs::read(&file).unwrap());
        }
    }
}

#[test]
fn every_target_has_a_property_and_a_corpus() {
    let names = |paths: Vec<PathBuf>| -> BTreeSet<String> {
        let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
        paths.into_iter().map(stem).collect()
    };
    let properties: BTreeSet<_> = properties::ALL.map(|(name, _)| name.to_owned()).into();
    let targets = names(files(&corpus().join("../fuzz_targets")));
    assert_eq!(targets, properties);
    assert_eq!(names(files(&corpus())), properties);
}
