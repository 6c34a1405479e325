//! `docs/rules.md` is generated from the tables and the program; `UPDATE_DOCS=1 cargo test --test docs` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use clap::ValueEnum as _;
use serde_json::{Value, json};
use test_support::judged;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::{Policy, VocabularyChoice};
use wfe_webhook::rules::{Action, Rule};
use wfe_webhook::vocabulary::{self, Vocabulary};

use crate::examples::{EXAMPLES, Example};
use crate::reviews::{Review, condition};

const PAGE: &str = "docs/rules.md";
const NOW: &str = "2025-12-11T10:30:00Z";

#[test]
fn the_page_of_rules_is_what_the_program_has() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).expect("the page can be read");
    assert!(
        written == page,
        "{PAGE} is out of date: run UPDATE_DOCS=1 cargo test --test docs, and look at what changed"
    );
}

#[test]
fn each_broken_example_breaks_only_its_rule_and_its_fixed_one_breaks_none() {
    for (example, rule) in EXAMPLES.iter().zip(Rule::ALL) {
        assert_eq!(
            example.rule, rule,
            "examples stand in the order of the rules"
        );
        let found = |status| {
            let policy = Policy::default();
            let body = review(example, status).body();
            let now = NOW.parse().expect("a time");
            judged::findings(&body, &policy, now)
                .expect("a review")
                .into_iter()
                .map(|finding| (finding.rule, finding.action))
                .filter(|&(found, _)| found == rule || found != Rule::ConditionMissing)
                .collect::<Vec<_>>()
        };
        let action = rule.default_action().name();
        assert_eq!(found(example.broken), [(rule, action)], "{rule}, broken");
        assert_eq!(found(example.fixed), [], "{rule}, fixed");
    }
}

fn review(example: &Example, status: &str) -> Review {
    let mut review = Review::tekton().status(yaml(status));
    if !example.stored.is_empty() {
        review = review.stored(yaml(example.stored));
    }
    review
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("the example is YAML")
}

/// Cause reason and text, as the webhook answers when the rule denies.
fn cause(example: &Example) -> (String, String) {
    let mut policy = Policy::default();
    policy.set_action(example.rule, Action::Deny);
    let body = review(example, example.broken).body();
    let now = NOW.parse().expect("a time");
    let decision =
        judged::judged(Webhook::Validate, &body, &policy, now).expect("a review is answered");
    let answer: Value = serde_json::from_slice(&decision.answer).expect("the answer is JSON");
    let cause = &answer["response"]["status"]["details"]["causes"][0];
    let text = |field: &str| cause[field].as_str().expect("causes have text").to_owned();
    let sentence = format!("{}: {}", text("field"), text("message"));
    (text("reason"), sentence)
}

fn page() -> String {
    let mut page = String::from(
        "<!-- Written by `UPDATE_DOCS=1 cargo test --test docs`: change the tables and the examples, not this file. -->\n\n\
         # Rules\n\n\
         What `/validate` judges. The ids are stable: they are in every refusal, warning, metric and audit annotation, and\n\
         `--rule ID=ACTION` changes what happens to a finding. The whole contract is in [spec.md](spec.md).\n\n\
         ## Condition types and reasons\n",
    );
    for vocabulary in vocabulary::ALL {
        write_vocabulary(&mut page, vocabulary);
    }
    page.push_str(
        "\n## Phase table\n\n\
         What a phase asks of a condition: `-` is absent or Unknown, \"not X\" forbids only that status, and an empty cell allows anything.\n",
    );
    for vocabulary in vocabulary::ALL {
        write_phase_table(&mut page, vocabulary);
    }
    page.push_str("\n## Rules at a glance\n\n| rule | action | holds when |\n|---|---|---|\n");
    for rule in Rule::ALL {
        let action = rule.default_action().name();
        let _ = writeln!(
            page,
            "| [`{rule}`](#{rule}) | {action} | {} |",
            rule.holds()
        );
    }
    page.push_str(
        "\n## Each rule with an example\n\n\
         The examples are of the vocabulary `tekton`, and of an object whose `metadata.generation` is 1. The text is the cause that\n\
         `kubectl` prints when the rule denies.\n",
    );
    for example in &EXAMPLES {
        write_rule(&mut page, example);
    }
    page
}

fn write_vocabulary(page: &mut String, vocabulary: &Vocabulary) {
    let _ = write!(
        page,
        "\n### Vocabulary `{}`\n\n| role | type | reasons when True | reasons when False |\n|---|---|---|---|\n",
        vocabulary.name
    );
    for term in vocabulary.terms {
        let _ = writeln!(
            page,
            "| {} | `{}` | {} | {} |",
            term.role,
            term.condition_type,
            term.reasons_true.join(", "),
            term.reasons_false.join(", ")
        );
    }
    let names = |names: Vec<&str>| names.join(", ");
    let phases = vocabulary.phases.iter().map(|phase| phase.name());
    let failures = vocabulary
        .failure_reasons
        .iter()
        .map(|reason| reason.name());
    let _ = write!(
        page,
        "\nPhases: {}. An absent or empty phase counts as Pending.\n\n`failureDetails.reason`: {}.\n",
        names(phases.collect()),
        names(failures.collect())
    );
}

/// Asks the program about each cell.
fn write_phase_table(page: &mut String, vocabulary: &'static Vocabulary) {
    let phases: Vec<&str> = vocabulary.phases.iter().map(|phase| phase.name()).collect();
    let _ = write!(
        page,
        "\n| `{}` | {} |\n|---|{}\n",
        vocabulary.name,
        phases.join(" | "),
        "---|".repeat(phases.len())
    );
    let mut policy = Policy::default();
    policy.vocabulary = VocabularyChoice::from_str(vocabulary.name, false).expect("a choice");
    for term in vocabulary.terms {
        let cells: Vec<&str> = phases
            .iter()
            .map(|phase| {
                let refused = |status, reasons: &[&str]| {
                    let condition = condition(term.condition_type, status, reasons[0]);
                    let status = json!({"phase": phase, "conditions": [condition]});
                    let body = Review::execution().status(status).body();
                    found(&body, &policy).contains(&Rule::PhaseConflict)
                };
                match (
                    refused("True", term.reasons_true),
                    refused("False", term.reasons_false),
                ) {
                    (true, true) => "-",
                    (true, false) => "not True",
                    (false, true) => "not False",
                    (false, false) => "",
                }
            })
            .collect();
        let _ = writeln!(
            page,
            "| `{}` | {} |",
            term.condition_type,
            cells.join(" | ")
        );
    }
}

/// The rules that a review breaks.
fn found(body: &[u8], policy: &Policy) -> Vec<Rule> {
    let now = NOW.parse().expect("a time");
    let findings = judged::findings(body, policy, now).expect("a review");
    findings.into_iter().map(|finding| finding.rule).collect()
}

fn write_rule(page: &mut String, example: &Example) {
    let rule = example.rule;
    let (reason, sentence) = cause(example);
    let verb = match rule.default_action() {
        Action::Deny => "Refused",
        Action::Warn => "Warned about",
        Action::Audit => "Audited",
        Action::Off => "Not judged",
    };
    let _ = write!(
        page,
        "\n### {rule}\n\nHolds when {}.\n\nAction: `{}`. Cause: `{reason}`.\n",
        rule.holds(),
        rule.default_action().name()
    );
    if !example.stored.is_empty() {
        let _ = write!(page, "\nStored:\n\n```yaml{}```\n", example.stored);
    }
    let _ = write!(
        page,
        "\n{verb}:\n\n```yaml{}```\n\n```text\n{sentence}\n```\n\nFixed:\n\n```yaml{}```\n",
        example.broken, example.fixed
    );
}
