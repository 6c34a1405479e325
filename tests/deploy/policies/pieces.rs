//! What the policies of the chart are assembled from: pieces of those that the program prints, with placeholders for what the
//! values add, and alternatives where the vocabulary or the completion decides.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Map, Value, json};
use wfe_webhook::match_conditions;
use wfe_webhook::policy::VocabularyChoice;
use wfe_webhook::rules::Rule;
use wfe_webhook::vocabulary;

/// What the program prints.
pub fn generated(flags: &[String]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"))
        .args(["generate", "policies"])
        .args(flags)
        .output()
        .unwrap();
    assert!(output.status.success(), "{flags:?}: {output:?}");
    serde_saphyr::from_multiple(&String::from_utf8(output.stdout).unwrap()).unwrap()
}

/// What `--vocabulary` may be.
pub fn vocabularies() -> [&'static str; VocabularyChoice::ALL.len()] {
    VocabularyChoice::ALL.map(|choice| choice.pinned().map_or("auto", |vocabulary| vocabulary.name))
}

/// The policies that complete and that deny, all rules being denied; the first where completion patches.
fn specs(vocabulary: &str, completion: &str, exempt: &[&str]) -> [Value; 2] {
    let mut flags = vec![
        format!("--vocabulary={vocabulary}"),
        format!("--completion={completion}"),
        "--extra-type=EXTRA_TYPES".to_owned(),
    ];
    flags.extend(exempt.iter().map(|flag| (*flag).to_owned()));
    flags.extend(Rule::ALL.map(|rule| format!("--rule={}=deny", rule.id())));
    for term in vocabulary::ALL.iter().flat_map(|it| it.terms) {
        let name = term.condition_type;
        let flag = format!("--extra-reason={name}=ExtraReasonsOf{name}");
        // A type of two vocabularies.
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    let printed = generated(&flags);
    let of = |name: &str| {
        let named =
            |it: &&Value| it["metadata"]["name"] == name && !it["spec"]["variables"].is_null();
        printed
            .iter()
            .find(named)
            .map_or(Value::Null, |it| it["spec"].clone())
    };
    ["wfe-webhook-complete", "wfe-webhook-deny"].map(of)
}

/// Where all of them are one value, that; else an object with each of them.
fn alternatives(of: &BTreeMap<&str, Value>) -> Value {
    let mut different: Vec<&Value> = of.values().collect();
    different.dedup();
    match different[..] {
        [one] => one.clone(),
        _ => json!(of),
    }
}

fn variables(spec: &Value) -> Vec<Value> {
    spec["variables"].as_array().cloned().unwrap_or_default()
}

/// Variables of the same names, their expressions as alternatives.
fn merged(all: &BTreeMap<&str, Value>) -> Vec<Value> {
    let names = |spec: &Value| -> Vec<Value> {
        variables(spec)
            .iter()
            .map(|it| it["name"].clone())
            .collect()
    };
    let first = all.values().next().unwrap();
    for spec in all.values() {
        assert_eq!(
            names(spec),
            names(first),
            "the same variables in the same order"
        );
    }
    let expression = |at: usize| {
        let of = |spec: &Value| variables(spec)[at]["expression"].clone();
        alternatives(
            &all.iter()
                .map(|(choice, spec)| (*choice, of(spec)))
                .collect(),
        )
    };
    let with_expression =
        |(at, name): (usize, Value)| json!({"name": name, "expression": expression(at)});
    names(first)
        .into_iter()
        .enumerate()
        .map(with_expression)
        .collect()
}

/// The variables where an option decides them; those are the ones that other options leave as they are.
fn by_both(vocabularies: &[Value], completions: &[Value]) -> Vec<Value> {
    let pairs = vocabularies.iter().zip(completions);
    pairs
        .map(|(by_vocabulary, by_completion)| {
            assert_eq!(by_vocabulary["name"], by_completion["name"]);
            let decided = |it: &Value| it["expression"].is_object();
            assert!(
                !(decided(by_vocabulary) && decided(by_completion)),
                "{}: both vocabulary and completion decide it, for which the chart has no alternatives",
                by_vocabulary["name"]
            );
            let by_completion_alone = decided(by_completion);
            if by_completion_alone { by_completion } else { by_vocabulary }.clone()
        })
        .collect()
}

/// The rest of each spec must be the same whatever is chosen.
fn rest(all: &BTreeMap<&str, Value>) -> Map<String, Value> {
    let without = |spec: &Value| {
        let mut spec = spec.as_object().unwrap().clone();
        spec.remove("variables");
        // The chart has its expression for the webhooks already.
        let conditions = spec.remove("matchConditions").unwrap();
        assert_eq!(conditions.as_array().unwrap().len(), 1);
        assert_eq!(conditions[0]["name"], match_conditions::NAME);
        spec
    };
    let first = without(all.values().next().unwrap());
    for (choice, spec) in all {
        assert_eq!(without(spec), first, "{choice}");
    }
    first
}

fn rule_of(validation: &Value) -> Rule {
    let message = validation["message"].as_str().unwrap();
    let (_, id) = message.trim_end_matches(']').rsplit_once('[').unwrap();
    Rule::from_id(id).unwrap()
}

/// Takes the part of each rule out of the audit annotation, and leaves a place for them.
fn broken_rules(annotations: &mut Value) -> Vec<String> {
    let annotations = annotations.as_array_mut().unwrap();
    assert_eq!(annotations.len(), 1);
    let expression = &mut annotations[0]["valueExpression"];
    let text = expression.as_str().unwrap();
    let inner = text
        .strip_prefix('(')
        .and_then(|it| it.strip_suffix(").join(',')"));
    let broken = inner.unwrap().split("\n+ ").map(str::to_owned).collect();
    *expression = json!("(BROKEN_RULES).join(',')");
    broken
}

/// All pieces, as the chart's file has them.
pub fn pieces() -> Value {
    let by = |at: usize, choices: &[(&'static str, [&str; 2])]| -> BTreeMap<&'static str, Value> {
        let of =
            |[vocabulary, completion]: [&str; 2]| specs(vocabulary, completion, &[])[at].clone();
        choices
            .iter()
            .map(|(name, choice)| (*name, of(*choice)))
            .collect()
    };
    let vocabularies = vocabularies().map(|it| (it, [it, "patch"]));
    let completions = [("patch", ["auto", "patch"]), ("other", ["auto", "off"])];
    assert_eq!(
        specs("auto", "audit", &[]),
        specs("auto", "off", &[]),
        "neither patches"
    );

    let completing = by(0, &vocabularies);
    let validating = by(1, &vocabularies);
    let mut complete = rest(&completing);
    let mut validate = rest(&validating);
    let mut of_completing = merged(&completing);
    let mut of_validating = by_both(&merged(&validating), &merged(&by(1, &completions)));

    let match_constraints = complete.remove("matchConstraints");
    assert_eq!(match_constraints, validate.remove("matchConstraints"));
    // Of every policy of rules, whichever they are: `failurePolicy` is a value.
    validate.remove("failurePolicy");
    let validations = validate.remove("validations").unwrap();
    let mut annotations = validate.remove("auditAnnotations").unwrap();
    assert!(validate.is_empty(), "{validate:?}");
    let broken = broken_rules(&mut annotations);

    // Each rule has a variable of its own, behind all others and in the same order.
    let validations = validations.as_array().unwrap();
    assert_eq!(broken.len(), validations.len());
    let of_rules = of_validating.split_off(of_validating.len() - validations.len());
    let rules = validations.iter().zip(of_rules).zip(broken);
    let rules: Vec<Value> = rules
        .map(|((validation, variable), broken)| {
            let rule = rule_of(validation);
            json!({
                "id": rule.id(), "action": rule.default_action().name(),
                "variable": variable, "broken": broken, "validation": validation,
            })
        })
        .collect();

    let pairs = of_completing.iter().zip(&of_validating);
    let shared = pairs.take_while(|(one, other)| one == other).count();
    complete.insert(
        "variables".to_owned(),
        of_completing.split_off(shared).into(),
    );
    let of_validating = of_validating.split_off(shared);

    let exempt = |flags: &[&str]| {
        let [completing, validating] =
            specs("auto", "patch", flags).map(|it| it["matchConditions"].clone());
        assert_eq!(completing[1], validating[1]);
        assert_eq!(validating.as_array().unwrap().len(), 2);
        validating[1].clone()
    };
    let (users, groups) = ("--exempt-user=EXEMPT_USERS", "--exempt-group=EXEMPT_GROUPS");
    json!({
        "matchConstraints": match_constraints,
        "exempt": {
            "users": exempt(&[users]), "groups": exempt(&[groups]), "usersAndGroups": exempt(&[users, groups]),
        },
        "variables": of_completing,
        "completing": complete,
        "validating": {"auditAnnotations": annotations, "variables": of_validating, "rules": rules},
    })
}

/// The text of the chart's file.
pub fn text() -> String {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let yaml = serde_saphyr::to_string_with_options(&pieces(), options).unwrap();
    format!(
        "# What the policies are assembled from: parts of what `wfe-webhook generate policies` prints. `auto`, `tekton`, `execution`\n\
         # and `patch`, `other` are alternatives by vocabulary and completion; EXTRA_TYPES and the like are where values go.\n\
         # Written by UPDATE_DOCS=1 cargo test --test deploy.\n{yaml}"
    )
}
