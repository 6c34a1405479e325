//! `docs/rules.md` is generated from the tables and the program; `UPDATE_DOCS=1 cargo test --test docs` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use wfe_webhook::explain::{self, EXAMPLES, Example};
use wfe_webhook::rules::{Action, Rule};
use wfe_webhook::vocabulary::{self, Vocabulary};

const PAGE: &str = "docs/rules.md";

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
            explain::findings_of(example, status)
                .expect("an example is judged")
                .into_iter()
                .filter(|&(found, _)| found == rule || found != Rule::ConditionMissing)
                .collect::<Vec<_>>()
        };
        let action = rule.default_action().name();
        assert_eq!(found(example.broken), [(rule, action)], "{rule}, broken");
        assert_eq!(found(example.fixed), [], "{rule}, fixed");
    }
}

fn page() -> String {
    let mut page = String::from(
        "<!-- Written by `UPDATE_DOCS=1 cargo test --test docs`: change the tables and the examples, not this file. -->\n\n\
         # Rules\n\n\
         What `/validate` judges. The ids are stable: they are in every refusal, warning, metric and audit annotation, and\n\
         `--rule ID=ACTION` changes what happens to a finding. `wfe-webhook explain ID` says in a terminal what\nstands here. The whole contract is in [spec.md](spec.md).\n\n\
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

fn write_phase_table(page: &mut String, vocabulary: &'static Vocabulary) {
    let phases = explain::phases_of(vocabulary);
    let _ = write!(
        page,
        "\n| `{}` | {} |\n|---|{}\n",
        vocabulary.name,
        phases.join(" | "),
        "---|".repeat(phases.len())
    );
    for term in vocabulary.terms {
        let cells = phases.iter();
        let cells = cells.map(|phase| explain::allowed(vocabulary, term, phase));
        let _ = writeln!(
            page,
            "| `{}` | {} |",
            term.condition_type,
            cells.collect::<Vec<_>>().join(" | ")
        );
    }
}

fn write_rule(page: &mut String, example: &Example) {
    let rule = example.rule;
    let refusal = explain::refusal(example).expect("an example is refused");
    let verb = match rule.default_action() {
        Action::Deny => "Refused",
        Action::Warn => "Warned about",
        Action::Audit => "Audited",
        Action::Off => "Not judged",
    };
    let _ = write!(
        page,
        "\n### {rule}\n\nHolds when {}.\n\n{}\n\nAction: `{}`. Cause: `{}`.\n",
        rule.holds(),
        explain::why(rule),
        rule.default_action().name(),
        refusal.reason
    );
    if !example.stored.is_empty() {
        let _ = write!(page, "\nStored:\n\n```yaml{}```\n", example.stored);
    }
    let _ = write!(
        page,
        "\n{verb}:\n\n```yaml{}```\n\n```text\n{}: {}\n```\n\nFixed:\n\n```yaml{}```\n",
        example.broken, refusal.field, refusal.message, example.fixed
    );
}
