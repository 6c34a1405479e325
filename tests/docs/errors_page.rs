//! The indexes of `docs/runbook.md` and `docs/errors.md`, and what each rule says when it refuses; `UPDATE_DOCS=1 cargo test
//! --test docs` writes them anew. `tests/api_server` holds the texts to a real API server.

use std::fmt::Write as _;

use wfe_webhook::explain::{self, EXAMPLES};
use wfe_webhook::rules::Action;

use crate::pages;
use crate::regions::replaced;

const ERRORS: &str = "docs/errors.md";
const RUNBOOK: &str = "docs/runbook.md";

fn headings(page: &str) -> impl Iterator<Item = &str> {
    page.lines().filter_map(|line| line.strip_prefix("## "))
}

/// Where a heading is, as forges make it.
fn anchor(heading: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let heading = heading.to_lowercase();
    let anchor = heading.chars().filter(|c| kept(*c));
    anchor.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// A list of links to sections of `page`.
fn index<'a>(page: &str, headings: impl Iterator<Item = &'a str>) -> String {
    let mut list = String::from("\n");
    for heading in headings {
        let _ = writeln!(list, "* [{heading}]({page}#{})", anchor(heading));
    }
    list.push('\n');
    list
}

fn denials() -> String {
    let mut table = String::from("\n| rule | says |\n|---|---|\n");
    for example in &EXAMPLES {
        let rule = example.rule;
        let refusal = explain::refusal(example).expect("an example is refused");
        let star = if rule.default_action() == Action::Deny {
            ""
        } else {
            " *"
        };
        let said = format!("{}: {}", refusal.field, refusal.message);
        assert!(!said.contains(['|', '`']), "{said}");
        let _ = writeln!(table, "| [`{rule}`](rules.md#{rule}){star} | `{said}` |");
    }
    table.push('\n');
    table
}

#[test]
fn the_indexes_list_every_section_and_the_table_has_what_each_rule_says() {
    let old = [ERRORS, RUNBOOK].map(pages::read);
    let errors = index("errors.md", headings(&old[0]));
    let is_alert = |heading: &&str| !heading.contains(' ');
    let alerts = index("", headings(&old[1]).filter(is_alert));
    let new = [
        replaced(
            &replaced(&old[0], "index", &errors.replace("(errors.md#", "(#")),
            "denials",
            &denials(),
        ),
        replaced(&replaced(&old[1], "errors", &errors), "alerts", &alerts),
    ];
    for (name, (old, new)) in [ERRORS, RUNBOOK].into_iter().zip(old.iter().zip(&new)) {
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(pages::root().join(name), new).expect("a page can be written");
        } else {
            assert!(
                new == old,
                "{name} is out of date: run UPDATE_DOCS=1 cargo test --test docs"
            );
        }
    }
}

#[test]
fn every_error_has_what_it_means_how_to_see_it_what_to_do_and_how_to_get_out() {
    let page = pages::read(ERRORS);
    let sections: Vec<&str> = page.split("\n## ").skip(1).collect();
    assert!(!sections.is_empty());
    for section in sections {
        let heading = section.lines().next().expect("a heading");
        assert!(heading.contains('`'), "{heading} has no text of an error");
        let mut rest = section;
        for part in [
            "```text\n",
            "**Meaning.** ",
            "**See it.**",
            "```sh\n",
            "**Do.** ",
            "**At once.** ",
        ] {
            let at = rest.find(part);
            let at = at.unwrap_or_else(|| panic!("{heading} has no {part} in its place"));
            rest = &rest[at..];
        }
    }
}
