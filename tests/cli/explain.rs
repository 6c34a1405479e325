//! `explain`: every rule and every name has a text, and what the text says is what the program does.

use rstest::rstest;
use wfe_webhook::explain::{EXAMPLES, Topic};
use wfe_webhook::policy::Policy;
use wfe_webhook::rules::{Action, Rule};

use crate::judged;
use crate::program::{Ended, run};
use crate::reviews::Review;

fn explain(name: &str) -> String {
    let ended = run(&["explain", name]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{name}");
    ended.stdout
}

/// The words of a text, however its lines are broken.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_rule_is_explained_with_an_example_as_it_would_be_refused_today() {
    insta::assert_snapshot!(explain("transition-time"));
}

#[test]
fn a_type_is_explained_for_each_vocabulary_that_has_it() {
    insta::assert_snapshot!(explain("AuditRecorded") + "\n" + &explain("ResourceLocked"));
}

#[test]
fn a_name_that_means_several_things_has_a_text_for_each() {
    insta::assert_snapshot!(explain("Completed"));
}

#[test]
fn a_former_reason_leads_to_the_one_of_today() {
    insta::assert_snapshot!(explain("RBACError"));
}

#[test]
fn what_a_rule_is_said_to_refuse_is_what_the_webhook_says_of_the_example() {
    for example in EXAMPLES {
        let yaml = |text: &str| serde_saphyr::from_str(text).expect("YAML");
        let mut review = Review::tekton().status(yaml(example.broken));
        if !example.stored.is_empty() {
            review = review.stored(yaml(example.stored));
        }
        let mut policy = Policy::default();
        policy.set_action(example.rule, Action::Deny);
        let now = "2026-11-23T10:00:00Z".parse().expect("a time");
        let found = judged::findings(&review.body(), &policy, now).expect("a review");
        let found = found.iter().find(|found| found.rule == example.rule);
        let found = found.expect("the rule is broken");
        let said = format!("{}: {}", found.path, found.message);
        let text = words(&explain(example.rule.id()));
        assert!(text.contains(&words(&said)), "{said:?} is not in {text}");
        assert!(text.contains(&words(example.fixed)), "{}", example.rule);
    }
}

#[test]
fn the_flag_that_a_rule_is_said_to_take_is_taken() {
    for rule in Rule::ALL {
        let text = explain(rule.id());
        let flag = text
            .lines()
            .find_map(|line| line.trim().strip_prefix("flag "));
        let flag: Vec<&str> = flag.expect("a flag").split_whitespace().collect();
        let [name, value] = flag[..] else {
            panic!("{flag:?}");
        };
        // A rule that is taken, so that only the missing file is wrong.
        let ended = run(&["check", name, value, "/no/such/file"]);
        assert!(ended.stderr.contains("/no/such/file"), "{}", ended.stderr);
        let chart = format!("policy.rules.{value}");
        assert!(text.contains(&chart), "{chart} is not in {text}");
    }
}

#[test]
fn every_name_has_a_text_that_begins_with_it_and_the_list_has_every_one_of_today() {
    let list = words(&run(&["explain"]).stdout);
    for topic in Topic::all() {
        let name = topic.name();
        assert!(topic.explanation().starts_with(&format!("{name} is ")));
        let is_of_today = matches!(
            topic,
            Topic::Rule(_) | Topic::Type(_) | Topic::Reason(_) | Topic::Phase(_)
        );
        assert!(!is_of_today || list.contains(name), "{name} is not listed");
    }
}

#[rstest]
#[case("phase-conflct", "did you mean phase-conflict?")]
#[case("executioncomplete", "did you mean ExecutionComplete?")]
#[case("TaskFail", "did you mean TaskFailed?")]
#[case("zebra", "`wfe-webhook explain` lists them")]
#[case("\u{1b}[31m", "\"\\u{1b}[31m\"")]
fn an_unknown_name_ends_with_2_and_what_it_may_mean(#[case] name: &str, #[case] words: &str) {
    let Ended {
        code,
        stdout,
        stderr,
    } = run(&["explain", name]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains(words), "{stderr}");
}
