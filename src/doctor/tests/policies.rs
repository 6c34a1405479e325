use rstest::rstest;
use serde_json::{Value, json};

use super::super::line::Level::{self, Error, Ok, Warning};
use super::super::policies::{Beside, Bound, Listed, Policies};
use super::super::trial::{WriteResponse, by_policies};
use super::{CheckLine, assert_line};
use crate::kubernetes::CallError;
use crate::policies;
use crate::policy::{Completion, Mode, Policy, VocabularyChoice};
use crate::registration::{CONFIGURATION_NAME, FailurePolicy};
use crate::rules::{Action, Rule};

/// What `generate policies` prints.
fn printed(policy: &Policy) -> Vec<Value> {
    let printed = policies::Policies {
        policy: policy.clone(),
        failure_policy: FailurePolicy::Ignore,
        validating_only: false,
    };
    serde_saphyr::from_multiple(&printed.to_yaml().unwrap()).unwrap()
}

/// A cluster with these policies and bindings.
fn cluster(documents: Vec<Value>) -> Policies {
    let mut cluster = Policies {
        name: CONFIGURATION_NAME.to_owned(),
        mutating: Some(Listed::default()),
        validating: Some(Listed::default()),
        unread: None,
    };
    for document in documents {
        let kind = document["kind"].as_str().unwrap_or_default().to_owned();
        let listed = if kind.starts_with("Mutating") {
            cluster.mutating.as_mut().unwrap()
        } else {
            cluster.validating.as_mut().unwrap()
        };
        if kind.ends_with("Binding") {
            listed.bindings.push(document);
        } else {
            listed.policies.push(document);
        }
    }
    cluster
}

#[track_caller]
fn find<'a>(lines: &'a [CheckLine], words: &str) -> &'a CheckLine {
    let line = lines.iter().find(|line| line.to_string().contains(words));
    line.unwrap_or_else(|| panic!("no line has {words:?}: {lines:#?}"))
}

fn with(change: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = Policy::default();
    change(&mut policy);
    policy
}

/// Whatever the options, what this version prints is this version's, and the line says which they were.
#[rstest]
#[case::none(Policy::default(), "prints it")]
#[case::tekton(with(|it| it.vocabulary = VocabularyChoice::Tekton), "with --vocabulary tekton")]
#[case::execution(with(|it| it.vocabulary = VocabularyChoice::Execution), "with --vocabulary execution")]
#[case::types(with(|it| it.extra_types = vec!["Audited".to_owned(), "example.com/A".to_owned()]),
    "with --extra-type Audited --extra-type example.com/A")]
#[case::type_of_the_vocabulary(with(|it| it.extra_types = vec!["ExecutionComplete".to_owned()]),
    "with --extra-type ExecutionComplete")]
#[case::reasons(with(|it| it.extra_reasons = vec![("Ready".to_owned(), "NodeLost".to_owned()), ("ResourceLocked".to_owned(), "A".to_owned())]), "prints it with --extra-reason")]
#[case::users(with(|it| it.exempt_users = vec!["o'brien".to_owned(), "a\\b".to_owned()]),
    "with --exempt-user o'brien --exempt-user a\\b")]
#[case::groups(with(|it| it.exempt_groups = vec!["system:masters".to_owned()]),
    "with --exempt-group system:masters")]
#[case::completion(with(|it| it.completion = Some(Completion::Off)), "with --completion off")]
#[case::audit(with(|it| it.mode = Mode::Audit), "policy wfe-webhook-audit: 14 rules")]
#[case::off(with(|it| it.set_action(Rule::PhaseUnknown, Action::Off)), "policy wfe-webhook-deny: 11 rules")]
#[case::softer(with(|it| it.set_action(Rule::PhaseUnknown, Action::Audit)), "policy wfe-webhook-audit: 1 rule, as")]
fn what_is_printed_is_fine(#[case] policy: Policy, #[case] words: &str) {
    let lines = cluster(printed(&policy)).check(&[], Beside::Nothing);
    for line in &lines {
        assert_eq!(line.level, Ok, "{line}");
    }
    find(&lines, words);
}

/// White space is not what matters: a chart or an editor changes it.
#[test]
fn expressions_that_were_wrapped_are_fine() {
    let mut documents = printed(&Policy::default());
    for document in &mut documents {
        for field in ["variables", "validations"] {
            for it in document["spec"][field].as_array_mut().into_iter().flatten() {
                let wrapped = it["expression"].as_str().unwrap().replace('\n', " \n  ");
                it["expression"] = json!(wrapped + "\n");
            }
        }
    }
    for line in cluster(documents).check(&[], Beside::Webhook) {
        assert_eq!(line.level, Ok, "{line}");
    }
}

fn in_policy(documents: &mut [Value], name: &str, change: impl Fn(&mut Value)) {
    let ours = |it: &&mut Value| {
        it["metadata"]["name"] == *name && !it["kind"].as_str().unwrap().ends_with("Binding")
    };
    change(&mut documents.iter_mut().find(ours).unwrap()["spec"]);
}

fn in_binding(documents: &mut [Value], name: &str, change: impl Fn(&mut Value)) {
    let ours = |it: &&mut Value| {
        it["metadata"]["name"] == *name && it["kind"].as_str().unwrap().ends_with("Binding")
    };
    change(&mut documents.iter_mut().find(ours).unwrap()["spec"]);
}

type Change = fn(&mut Vec<Value>);

const DENY: &str = "wfe-webhook-deny";
const WARN: &str = "wfe-webhook-warn";
const COMPLETE: &str = "wfe-webhook-complete";

#[rstest]
#[case::variable(Warning, "is not what this version prints: the variable phases; it may", |all: &mut Vec<Value>| in_policy(all, DENY, |spec| {
    let variables = spec["variables"].as_array_mut().unwrap();
    variables.iter_mut().find(|it| it["name"] == "phases").unwrap()["expression"] = json!("[]");
}))]
#[case::no_variables(Warning, "the variable status, the variable stored, the variable listed, the variable listedTypes, ",
    |all: &mut Vec<Value>| in_policy(all, DENY, |spec| spec["variables"] = json!([])))]
#[case::unknown_rule(Warning, "is not what this version prints: the rule no-longer-known;", |all: &mut Vec<Value>| in_policy(all, DENY, |spec| {
    let validations = spec["validations"].as_array_mut().unwrap();
    validations.push(json!({"expression": "true", "message": "something [no-longer-known]"}));
}))]
#[case::no_rules(Warning, "is not what this version prints: no rule of this version;",
    |all: &mut Vec<Value>| in_policy(all, DENY, |spec| spec["validations"] = json!([])))]
#[case::exempt(Warning, "is not what this version prints: the match condition not-exempt;",
    |all: &mut Vec<Value>| in_policy(all, WARN, |spec| spec["matchConditions"].as_array_mut().unwrap().push(json!({"name": "not-exempt", "expression": "false"}))))]
#[case::condition(Warning, "policy wfe-webhook-warn: writes are left out by matchConditions",
    |all: &mut Vec<Value>| in_policy(all, WARN, |spec| spec["matchConditions"].as_array_mut().unwrap().push(json!({"name": "mine", "expression": "false"}))))]
#[case::needless(Warning, "is not what this version prints: the match condition something-to-say;",
    |all: &mut Vec<Value>| in_policy(all, WARN, |spec| spec["matchConditions"][0]["expression"] = json!("false")))]
#[case::known_reason(Warning, "is not what this version prints: the variable reasons;", |all: &mut Vec<Value>| in_policy(all, DENY, |spec| {
    let variables = spec["variables"].as_array_mut().unwrap();
    let reasons = variables.iter_mut().find(|it| it["name"] == "reasons").unwrap();
    reasons["expression"] = json!(reasons["expression"].as_str().unwrap().replacen("'PipelineCreated'", "", 1));
}))]
#[case::mutation(Warning, "policy wfe-webhook-complete: is not what this version prints: the mutation;",
    |all: &mut Vec<Value>| in_policy(all, COMPLETE, |spec| spec["mutations"][0]["jsonPatch"]["expression"] = json!("[]")))]
#[case::selected(Warning, "policy wfe-webhook-deny: writes are left out by objectSelector and excludeResourceRules",
    |all: &mut Vec<Value>| in_policy(all, DENY, |spec| {
        spec["matchConstraints"]["objectSelector"] = json!({"matchExpressions": [{"key": "a", "operator": "Exists"}]});
        spec["matchConstraints"]["excludeResourceRules"] = json!([{}]);
        spec["matchConstraints"]["namespaceSelector"] = json!({});
    }))]
#[case::fail(Ok, "failurePolicy Fail: a write is refused where an expression fails",
    |all: &mut Vec<Value>| in_policy(all, DENY, |spec| spec["failurePolicy"] = json!("Fail")))]
#[case::completing_or_failing(Warning, "policy wfe-webhook-complete: failurePolicy is Fail: a write is refused where an expression fails",
    |all: &mut Vec<Value>| in_policy(all, COMPLETE, |spec| spec["failurePolicy"] = json!("Fail")))]
#[case::stricter(Warning, "binding of wfe-webhook-warn: validationActions is Deny instead of Warn: what breaks its rules is refused",
    |all: &mut Vec<Value>| in_binding(all, WARN, |spec| spec["validationActions"] = json!(["Deny"])))]
#[case::softer(Warning, "binding of wfe-webhook-deny: validationActions is Warn, Audit instead of Deny: what breaks its rules is not refused",
    |all: &mut Vec<Value>| in_binding(all, DENY, |spec| spec["validationActions"] = json!(["Warn", "Audit"])))]
#[case::noted_as_well(Ok, "binding of wfe-webhook-deny: Deny, Audit: what breaks its rules is refused",
    |all: &mut Vec<Value>| in_binding(all, DENY, |spec| spec["validationActions"] = json!(["Deny", "Audit"])))]
#[case::parameters(Warning, "binding of wfe-webhook-complete: writes are left out by paramRef",
    |all: &mut Vec<Value>| in_binding(all, COMPLETE, |spec| spec["paramRef"] = json!({"name": "a"})))]
#[case::one_sees_all(Ok, "binding of wfe-webhook-deny: Deny: what breaks its rules is refused", |all: &mut Vec<Value>| {
    let mut other = all.iter().find(|it| it["kind"] == "ValidatingAdmissionPolicyBinding").unwrap().clone();
    other["spec"]["matchResources"] = json!({"resourceRules": [{}]});
    other["spec"]["validationActions"] = json!(["Audit"]);
    all.insert(0, other);
})]
#[case::different_options(Warning, "policies: were printed with different options: wfe-webhook-complete with no such options, wfe-webhook-deny with --vocabulary tekton;",
    |all: &mut Vec<Value>| {
        let tekton = with(|it| it.vocabulary = VocabularyChoice::Tekton);
        let other = printed(&tekton).into_iter().find(|it| it["metadata"]["name"] == DENY).unwrap();
        let at = all.iter().position(|it| it["metadata"]["name"] == DENY).unwrap();
        all[at] = other;
    })]
#[case::types(Warning, "policy wfe-webhook-deny: the API server warns of 2 of its expressions, of spec.variables[1].expression: ERROR: undefined field 'x'",
    |all: &mut Vec<Value>| {
        let deny = all.iter_mut().find(|it| it["metadata"]["name"] == DENY).unwrap();
        let warning = json!({"fieldRef": "spec.variables[1].expression", "warning": "ERROR: undefined field 'x'\n"});
        deny["status"] = json!({"typeChecking": {"expressionWarnings": [warning, warning]}});
    })]
#[case::older_label(Ok, "policy wfe-webhook-deny: 12 rules, as this version prints it (printed by 0.0.9)", |all: &mut Vec<Value>| {
    let deny = all.iter_mut().find(|it| it["metadata"]["name"] == DENY).unwrap();
    deny["metadata"]["labels"]["app.kubernetes.io/version"] = json!("0.0.9");
})]
fn what_was_changed_is_named(#[case] level: Level, #[case] words: &str, #[case] change: Change) {
    let mut documents = printed(&Policy::default());
    change(&mut documents);
    let lines = cluster(documents).check(&[], Beside::Completing);
    assert_line(find(&lines, words), level, words);
    let others = lines.iter().filter(|line| line.level != Ok).count();
    assert_eq!(others, usize::from(level != Ok), "{lines:#?}");
}

/// A policy that knows no completed conditions, where they are completed.
#[rstest]
#[case::alone(Beside::Nothing, false)]
#[case::unknown(Beside::Webhook, false)]
#[case::completing(Beside::Completing, true)]
fn completed_conditions_that_would_be_refused_are_a_warning(
    #[case] webhook: Beside,
    #[case] is_warned: bool,
) {
    let policy = with(|it| it.completion = Some(Completion::Off));
    let lines = cluster(printed(&policy)).check(&[], webhook);
    let warned = lines.iter().filter(|line| line.level == Warning);
    assert_eq!(warned.count(), usize::from(is_warned), "{lines:#?}");
    if is_warned {
        find(
            &lines,
            "was printed with --completion off, and conditions are completed here",
        );
    }
}

#[rstest]
#[case::none_there(
    true,
    true,
    Beside::Webhook,
    "none: the API server judges and completes nothing by itself"
)]
#[case::kind_not_served(
    false,
    false,
    Beside::Webhook,
    "none: this API server does not serve ValidatingAdmissionPolicy, which Kubernetes has since 1.30"
)]
fn what_is_not_there_is_no_error(
    #[case] validating: bool,
    #[case] mutating: bool,
    #[case] webhook: Beside,
    #[case] words: &str,
) {
    let mut cluster = cluster(Vec::new());
    if !validating {
        cluster.validating = None;
    }
    if !mutating {
        cluster.mutating = None;
    }
    let lines = cluster.check(&[], webhook);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_line(&lines[0], Ok, words);
}

#[test]
fn without_the_kind_that_completes_the_line_says_so() {
    let mut cluster = cluster(printed(&Policy::default()));
    cluster.mutating = None;
    let lines = cluster.check(&[], Beside::Nothing);
    let words = "no conditions are completed, as this API server does not serve MutatingAdmissionPolicy, which Kubernetes has since 1.36;";
    assert_line(&lines[0], Ok, words);
}

/// What is not known is not said, and the writes are those that no policy can hide.
#[rstest]
#[case::some(printed(&Policy::default()))]
#[case::none(Vec::new())]
fn what_could_not_be_read_is_a_warning(#[case] documents: Vec<Value>) {
    let mut cluster = cluster(documents);
    cluster.mutating = None;
    let why = CallError::Refused("cannot list".to_owned());
    cluster.unread = Some(why.into());
    assert!(!cluster.are_absent());
    let lines = cluster.check(&[], Beside::Nothing);
    assert_line(
        &lines[0],
        Warning,
        "policies: not checked: the cluster refuses",
    );
    let others = lines.iter().filter(|line| line.about == "policies");
    assert_eq!(others.count(), 1, "{lines:#?}");
}

fn written(code: u16, body: Value, warnings: &[&str]) -> WriteResponse {
    WriteResponse {
        code,
        warnings: warnings.iter().map(|&it| it.to_owned()).collect(),
        body,
    }
}

fn bound(actions: &[&str], narrowed: &[&'static str]) -> Bound {
    Bound {
        actions: actions.iter().map(|&it| it.to_owned()).collect(),
        narrowed: narrowed.to_vec(),
    }
}

const REFUSAL: &str = "is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: x [condition-unknown-type]";
const OF_POLICY: &str = "299 - \"Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p': x [condition-unknown-type]\"";

#[rstest]
#[case::refused(written(422, json!({"message": REFUSAL}), &[]), bound(&["Deny"], &[]), Ok, "is refused by p")]
#[case::by_the_webhook(written(422, json!({"message": "no [condition-unknown-type]"}), &[]), bound(&["Deny"], &[]), Error, "is refused by the webhook alone, though p is bound to Deny; fix: run it again")]
#[case::by_another(written(422, json!({"message": "no"}), &[]), bound(&["Deny"], &[]), Warning, "not checked: HTTP 422")]
#[case::may_not(written(403, json!({"message": "cannot patch resource"}), &[]), bound(&["Deny"], &[]), Warning, "grant patch")]
#[case::passed(written(200, json!({}), &[]), bound(&["Deny"], &[]), Error, "passes, though p is bound to Deny")]
#[case::narrowed(written(200, json!({}), &[]), bound(&["Deny"], &["objectSelector"]), Warning, "the policy or its binding leaves out writes")]
#[case::warned(written(200, json!({}), &[OF_POLICY]), bound(&["Warn"], &[]), Warning, "passes with a warning, as p is bound")]
#[case::not_warned(written(200, json!({}), &["299 - \"x [condition-unknown-type]\""]), bound(&["Warn"], &[]), Error, "without the warning of p")]
#[case::noted(written(200, json!({}), &[]), bound(&["Audit"], &[]), Warning, "is in the audit log, which is not read here")]
fn the_write_that_policies_must_stop(
    #[case] written: WriteResponse,
    #[case] bound: Bound,
    #[case] level: Level,
    #[case] words: &str,
) {
    assert_line(&by_policies::refused(&written, "p", &bound), level, words);
}

#[rstest]
#[case::completed(written(200, json!({"status": {"conditions": [{}, {}]}}), &[]), json!({}), &[], Ok, "is completed, by 2")]
#[case::bare(written(200, json!({}), &[]), json!({"phase": "Running", "startTime": "2026-01-01T00:00:00Z"}), &[], Error, "was not completed")]
#[case::ended(written(200, json!({}), &[]), json!({"phase": "Failed", "startTime": "2026-01-01T00:00:00Z"}), &[], Error, "was not completed")]
#[case::other_time(written(200, json!({}), &[]), json!({"phase": "Skipped", "startTime": "2026-01-01T00:00:00Z"}), &[], Warning, "has no time to take over")]
#[case::no_time(written(200, json!({}), &[]), json!({"phase": "Running"}), &[], Warning, "has no time to take over")]
#[case::narrowed(written(200, json!({}), &[]), json!({"phase": "Skipped", "skipDetails": {"skippedAt": "2026-01-01T00:00:00Z"}}), &["paramRef"], Warning, "leaves out writes")]
#[case::refused(written(409, json!({"message": "conflict"}), &[]), json!({}), &[], Warning, "HTTP 409: conflict")]
fn the_write_that_the_policy_must_complete(
    #[case] written: WriteResponse,
    #[case] status: Value,
    #[case] narrowed: &[&'static str],
    #[case] level: Level,
    #[case] words: &str,
) {
    let object = json!({"status": status});
    let line = by_policies::completed(&written, &object, &bound(&[], narrowed));
    assert_line(&line, level, words);
}
