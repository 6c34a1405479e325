//! The parts of pages that the program writes: they stand between `<!-- begin NAME -->` and `<!-- end NAME -->`.
//! `UPDATE_DOCS=1 cargo test --test docs` writes them anew.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};
use serde_json::{Value, json};
use test_support::judged::judged;
use wfe_webhook::admission::Webhook;
use wfe_webhook::cli::Cli;
use wfe_webhook::policy::Policy;

use crate::pages;
use crate::reviews::Review;

const NOW: &str = "2025-12-11T10:30:00Z";

#[test]
fn what_the_pages_show_of_the_program_is_what_the_program_does() {
    let before = pages::read("README.md");
    let before = pages::fence_after(&before, "<!-- before -->").text;
    let mutated = pretty(&patch(&answer(Webhook::Mutate, "completed")));
    let check = pages::read("docs/check.md");
    for (page, regions) in [
        (
            "README.md",
            vec![
                ("after", fenced("yaml", &completed(before))),
                ("refusal", fenced("text", &as_kubectl_prints(&refused()))),
            ],
        ),
        (
            "docs/try-it.md",
            vec![
                ("mutate", fenced("json", &mutated)),
                ("validate", fenced("json", &pretty(&refused()))),
            ],
        ),
        (
            "docs/check.md",
            vec![("check", fenced("text", &checked(&check)))],
        ),
        ("docs/configuration.md", vec![("flags", flags())]),
    ] {
        hold(page, &regions);
    }
}

/// Asserts that the regions of a page have these texts, or writes them.
fn hold(page: &str, regions: &[(&str, String)]) {
    let old = pages::read(page);
    let mut new = old.clone();
    for (name, text) in regions {
        new = replaced(&new, name, text);
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(pages::root().join(page), &new).expect("the page can be written");
    } else {
        assert!(
            new == old,
            "{page} is out of date: run UPDATE_DOCS=1 cargo test --test docs, and look at what changed"
        );
    }
}

/// The text of a region.
pub fn region<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("<!-- begin {name} -->\n"))
        .unwrap_or_else(|| panic!("the page has a region {name}"));
    let (text, _) = rest
        .split_once(&format!("<!-- end {name} -->"))
        .unwrap_or_else(|| panic!("the region {name} ends"));
    text
}

/// The page with another text in a region.
pub fn replaced(page: &str, name: &str, text: &str) -> String {
    let old = region(page, name);
    let at = old.as_ptr() as usize - page.as_ptr() as usize;
    format!("{}{text}{}", &page[..at], &page[at + old.len()..])
}

fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a value is JSON")
}

fn answer_to(webhook: Webhook, body: &[u8]) -> Value {
    let now = NOW.parse().expect("a time");
    let decision = judged(webhook, body, &Policy::default(), now).expect("a review is answered");
    serde_json::from_slice(&decision.answer).expect("the answer is JSON")
}

/// The answer to a review of `examples/reviews`.
fn answer(webhook: Webhook, name: &str) -> Value {
    let review = pages::read(&format!("examples/reviews/{name}.json"));
    answer_to(webhook, review.as_bytes())
}

fn refused() -> Value {
    answer(Webhook::Validate, "refused")
}

fn patch(answer: &Value) -> Value {
    use base64::Engine as _;
    let patch = answer["response"]["patch"].as_str().expect("a patch");
    let patch = base64::engine::general_purpose::STANDARD
        .decode(patch)
        .expect("base64");
    serde_json::from_slice(&patch).expect("JSON")
}

/// The status in `before` (YAML) as `/mutate` completes it.
fn completed(before: &str) -> String {
    let status: Value = serde_saphyr::from_str(before).expect("the status is YAML");
    let review = Review::tekton()
        .status(status.clone())
        .stored(json!({"phase": "Running"}));
    let patch = patch(&answer_to(Webhook::Mutate, &review.body()));
    let patch: json_patch::Patch = serde_json::from_value(patch).expect("a JSON patch");
    let mut object = json!({ "status": status });
    json_patch::patch(&mut object, &patch).expect("the patch applies");
    let conditions = object["status"]["conditions"].as_array().expect("a list");
    // One line for each condition; what a writer wrote stays as it stands.
    let mut text = format!("{before}conditions:\n");
    for condition in conditions {
        let fields = ["type", "status", "reason", "lastTransitionTime", "message"];
        for (index, field) in fields.iter().enumerate() {
            let dash = if index == 0 { '-' } else { ' ' };
            let _ = writeln!(text, "{dash} {field}: {}", scalar(&condition[field]));
        }
    }
    let parsed: Value = serde_saphyr::from_str(&text).expect("the text is YAML");
    assert_eq!(parsed, object["status"]);
    text
}

/// A string as YAML, quoted where YAML would read something else.
fn scalar(value: &Value) -> String {
    let text = value.as_str().expect("a text");
    let plain = text.chars().next().is_some_and(char::is_alphabetic)
        && !["True", "False"].contains(&text)
        && !text.contains(": ")
        && !text.contains('#');
    if plain {
        text.to_owned()
    } else {
        format!("\"{text}\"")
    }
}

/// A refusal as kubectl prints it.
fn as_kubectl_prints(answer: &Value) -> String {
    let details = &answer["response"]["status"]["details"];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut printed = format!(
        "The {} \"{}\" is invalid: \n",
        text(&details["kind"]),
        text(&details["name"])
    );
    for cause in details["causes"].as_array().expect("causes") {
        let _ = writeln!(
            printed,
            "* {}: {}",
            text(&cause["field"]),
            text(&cause["message"])
        );
    }
    printed.replace(": \n", ":\n")
}

/// What the `check` command above the region prints.
fn checked(page: &str) -> String {
    let command = pages::fence_after(page, "## Check files").text;
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("wfe-webhook"));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_wfe-webhook"))
        .args(words)
        .current_dir(pages::root())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1), "the example has findings");
    String::from_utf8(output.stdout).expect("text")
}

/// The flags of `serve` by help heading.
fn flags() -> String {
    let mut command = Cli::command();
    command.build();
    let serve = command.find_subcommand("serve").expect("serve is there");
    let mut headings: Vec<&str> = Vec::new();
    for argument in arguments(serve) {
        let heading = argument.get_help_heading().unwrap_or_default();
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    let mut table = String::from("| flag | default | |\n|---|---|---|\n");
    for heading in headings {
        if !heading.is_empty() {
            let _ = writeln!(table, "| **{heading}** | | |");
        }
        for argument in arguments(serve) {
            if argument.get_help_heading().unwrap_or_default() == heading {
                table.push_str(&row(argument));
            }
        }
    }
    table
}

fn arguments(command: &Command) -> impl Iterator<Item = &Arg> {
    command
        .get_arguments()
        .filter(|argument| argument.get_id() != "help")
}

fn row(argument: &Arg) -> String {
    let long = argument.get_long().expect("every flag has a long name");
    let variable = format!("WFE_WEBHOOK_{}", long.to_uppercase().replace('-', "_"));
    let read = argument.get_env().expect("every flag has a variable");
    assert_eq!(read, variable.as_str(), "the variable of --{long}");
    let mut flag = format!("--{long}");
    let values = argument.get_possible_values();
    let takes_value = argument
        .get_num_args()
        .is_some_and(|range| range.takes_values());
    if takes_value && values.is_empty() {
        let names = argument.get_value_names().unwrap_or_default();
        for name in names {
            let _ = write!(flag, " {name}");
        }
    } else if takes_value {
        let names: Vec<&str> = values
            .iter()
            .map(clap::builder::PossibleValue::get_name)
            .collect();
        let _ = write!(flag, " {}", names.join("\\|"));
    }
    let defaults: Vec<_> = argument
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    let help = argument
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    // A default that another flag decides is told by the help text.
    let (help, default) = match help
        .strip_suffix(']')
        .and_then(|help| help.split_once(" [default: "))
    {
        Some((help, default)) => (help.to_owned(), default.to_owned()),
        None if takes_value => (help, defaults.join(", ")),
        None => (help, String::new()),
    };
    let help = help.replace('|', "\\|");
    format!("| `{flag}` | {default} | {help} |\n")
}
