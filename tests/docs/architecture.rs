//! The architecture page has every room of the program, and dependencies point as it shows.

use std::path::{Path, PathBuf};

use crate::pages;

/// The modules at the top of the library.
fn modules() -> Vec<String> {
    let library = pages::read("src/lib.rs");
    let modules = library
        .lines()
        .map(|line| line.strip_prefix("pub ").unwrap_or(line))
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let mut modules: Vec<String> = modules.map(str::to_owned).collect();
    modules.sort_unstable();
    modules
}

#[test]
fn every_module_at_the_top_of_the_library_is_a_room_and_no_other_is() {
    let page = pages::read("docs/architecture.md");
    let rooms = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `src/")?.split_once('`'))
        .map(|(room, _)| room.trim_end_matches(".rs"))
        .filter(|room| *room != "main");
    let mut rooms: Vec<&str> = rooms.collect();
    rooms.sort_unstable();
    assert_eq!(rooms, modules());
}

/// The text of a module and of those below it, without their tests and comments.
fn text_of(module: &str) -> String {
    fn add(path: &Path, text: &mut String) {
        let is_tests = path.file_stem().is_some_and(|stem| stem == "tests");
        if is_tests {
            return;
        }
        if path.is_dir() {
            let entries = std::fs::read_dir(path).expect("a folder");
            let paths = entries.map(|entry| entry.expect("an entry").path());
            for path in paths.collect::<Vec<PathBuf>>() {
                add(&path, text);
            }
        } else if path.exists() {
            let file = std::fs::read_to_string(path).expect("a text file");
            let code = file.split("#[cfg(test)]\nmod tests {").next();
            let lines = code.unwrap_or_default().lines();
            let is_code = |line: &&str| !line.trim_start().starts_with("//");
            text.extend(lines.filter(is_code).flat_map(|line| [line, "\n"]));
        }
    }
    let mut text = String::new();
    let src = pages::root().join("src");
    add(&src.join(module), &mut text);
    add(&src.join(format!("{module}.rs")), &mut text);
    text
}

#[test]
fn a_room_knows_only_those_below_it() {
    let page = pages::read("docs/architecture.md");
    let fence = pages::fence_after(&page, "## Dependencies point one way");
    let layers: Vec<Vec<&str>> = fence
        .text
        .lines()
        .map(|line| line.split(' ').collect())
        .collect();
    let mut rooms: Vec<&str> = layers.iter().flatten().copied().collect();
    rooms.sort_unstable();
    assert_eq!(rooms, modules());
    let mut faults = Vec::new();
    for (depth, layer) in layers.iter().enumerate() {
        for room in layer {
            let text = text_of(room);
            let above = layers[..depth].iter().flatten();
            let beside = layer
                .iter()
                .filter(|it| *it != room && layer != &["rules", "policy"]);
            for other in above.chain(beside) {
                if text.contains(&format!("crate::{other}")) {
                    faults.push(format!("{room} knows {other}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
