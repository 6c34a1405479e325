//! The table of `docs/policies.md` is what the program reports; `UPDATE_DOCS=1 cargo test --test docs` writes it anew.

use std::path::Path;
use std::process::Command;

use crate::pages;

const PAGE: &str = "docs/policies.md";
const BEGIN: &str = "<!-- begin report -->\n";
const END: &str = "<!-- end report -->";

#[test]
fn the_page_of_policies_has_the_report_of_the_program() {
    let output = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"))
        .args(["generate", "policies", "--report"])
        .output()
        .expect("the program runs");
    let report = String::from_utf8(output.stdout).expect("text");
    let page = pages::read(PAGE);
    let (before, rest) = page.split_once(BEGIN).expect("the beginning of the report");
    let (_, after) = rest.split_once(END).expect("the end of the report");
    let new = format!("{before}{BEGIN}{report}{END}{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
        std::fs::write(path, new).expect("the page can be written");
        return;
    }
    assert!(
        new == page,
        "{PAGE} is out of date: run UPDATE_DOCS=1 cargo test --test docs"
    );
}
