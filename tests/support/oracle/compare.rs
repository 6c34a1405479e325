//! Holds the product against the second formulation, for one review, in full.

use crate::judged::{Judged, judged};
use jiff::Timestamp;
use serde_json::Value;
use wfe_webhook::admission::{Outcome, Webhook};
use wfe_webhook::policy::{Completion, Policy};
use wfe_webhook::rules::Rule;

use super::times::Moment;
use super::{Verdict, completed, concerns_us, is_exempt, json_patch, verdicts};
use crate::answers::{self, Answer};

/// The clock of the tests: some time after every plausible time that they write.
pub const NOW: &str = "2026-11-23T12:00:00.5Z";

/// [`NOW`] as the product takes it.
pub fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

/// Compares what both make of a review.
///
/// # Errors
///
/// The first difference, in words.
pub fn compare(body: &[u8], policy: &Policy, now: Timestamp) -> Result<(), String> {
    let review: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let moment = Moment::read(&now.to_string()).expect("the clock is a time");
    let differ = |difference: String| {
        let [object, stored] = ["object", "oldObject"].map(|name| {
            let object = &review["request"][name];
            format!(
                "{}, generation {}",
                object["status"], object["metadata"]["generation"]
            )
        });
        let group = &review["request"]["resource"]["group"];
        format!("{difference}\nin {group}\nobject: {object}\nstored: {stored}\n{policy:?}")
    };
    compare_validate(body, &review, policy, now, &moment).map_err(differ)?;
    compare_mutate(body, &review, policy, now, &moment).map_err(differ)
}

/// The decision and its answer, with every check that holds for each of them.
fn ask(
    webhook: Webhook,
    body: &[u8],
    review: &Value,
    policy: &Policy,
    now: Timestamp,
) -> Result<(Judged, Answer), String> {
    let decision = judged(webhook, body, policy, now).map_err(|error| error.to_string())?;
    let uid = review["request"]["uid"].as_str().unwrap_or_default();
    let answer = answers::read(webhook, &decision.answer, uid)?;
    compare_head(&decision, review)?;
    Ok((decision, answer))
}

/// What a decision says of the request.
fn compare_head(decision: &Judged, review: &Value) -> Result<(), String> {
    let request = &review["request"];
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let version = |object: &str| {
        let version = &request[object]["metadata"]["resourceVersion"];
        version.as_str().map(str::to_owned)
    };
    same(
        "uid",
        &decision.uid.as_str(),
        &word(&request["uid"]).as_str(),
    )?;
    same(
        "user",
        &decision.user.as_str(),
        &word(&request["userInfo"]["username"]).as_str(),
    )?;
    same("dry run", &decision.dry_run, &(request["dryRun"] == true))?;
    same(
        "stale",
        &decision.stale,
        &(version("object") != version("oldObject")),
    )
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, product: &T, oracle: &T) -> Result<(), String> {
    if product == oracle {
        Ok(())
    } else {
        Err(format!(
            "{what} differ\nproduct: {product:?}\noracle:  {oracle:?}"
        ))
    }
}

fn compare_validate(
    body: &[u8],
    review: &Value,
    policy: &Policy,
    now: Timestamp,
    moment: &Moment,
) -> Result<(), String> {
    let (decision, answer) = ask(Webhook::Validate, body, review, policy, now)?;
    let outcome = decision.outcome;
    if !concerns_us(review) {
        same("outcome", &outcome, &Outcome::Ignored)?;
        return same("warnings of an ignored write", &answer.warnings.len(), &1);
    }
    let expected = verdicts(review, policy, moment);
    let product: Vec<_> = decision
        .findings
        .iter()
        .map(|it| (it.rule.id(), &it.path, &it.condition, it.action))
        .collect();
    let oracle: Vec<_> = expected
        .iter()
        .map(|it| (it.rule, &it.path, &it.condition, it.action))
        .collect();
    same("findings", &product, &oracle)?;
    for finding in &decision.findings {
        same(
            "the rule that a message names",
            &answers::rule_of(&finding.message),
            &Some(finding.rule),
        )?;
    }
    let of_action = |action| {
        expected
            .iter()
            .filter(|it| it.action == action)
            .collect::<Vec<&Verdict>>()
    };
    let denied = of_action("deny");
    if is_exempt(review, policy) {
        same("outcome", &outcome, &Outcome::Exempt)?;
        return same("what an exempt writer is told", &answer.warnings.len(), &0);
    }
    let outcome_expected = if denied.is_empty() {
        Outcome::Allowed
    } else {
        Outcome::Denied
    };
    same("outcome", &outcome, &outcome_expected)?;
    same("allowed", &answer.allowed, &denied.is_empty())?;
    let warned = of_action("warn");
    same(
        "whether there are warnings",
        &answer.warnings.is_empty(),
        &warned.is_empty(),
    )?;
    if denied.len() <= 50 {
        let fields: Vec<_> = answer
            .causes
            .iter()
            .map(|cause| cause.field.as_str())
            .collect();
        let paths: Vec<_> = denied.iter().map(|it| it.path.as_str()).collect();
        same("the causes' fields", &fields, &paths)?;
        for (cause, verdict) in answer.causes.iter().zip(&denied) {
            same(
                "a cause's rule",
                &answers::rule_of(&cause.message).map(Rule::id),
                &Some(verdict.rule),
            )?;
        }
    }
    Ok(())
}

fn compare_mutate(
    body: &[u8],
    review: &Value,
    policy: &Policy,
    now: Timestamp,
    moment: &Moment,
) -> Result<(), String> {
    let (decision, answer) = ask(Webhook::Mutate, body, review, policy, now)?;
    let outcome = decision.outcome;
    if !concerns_us(review) {
        same("outcome", &outcome, &Outcome::Ignored)?;
        return same("patch", &answer.patch, &None);
    }
    let expected = completed(review, policy, moment).filter(|it| !it.changes.is_empty());
    let mut product: Vec<_> = decision
        .changes
        .into_iter()
        .map(|it| {
            (
                it.condition.to_owned(),
                it.status.to_owned(),
                it.reason,
                it.change,
            )
        })
        .collect();
    let mut oracle = expected
        .as_ref()
        .map(|it| it.changes.clone())
        .unwrap_or_default();
    product.sort();
    oracle.sort();
    same("what is derived", &product, &oracle)?;
    let is_exempt = is_exempt(review, policy);
    let patched = expected.filter(|_| policy.completion() == Completion::Patch);
    let outcome_expected = match &patched {
        _ if is_exempt => Outcome::Exempt,
        Some(_) => Outcome::Patched,
        None => Outcome::Allowed,
    };
    same("outcome", &outcome, &outcome_expected)?;
    let Some(patched) = patched else {
        return same("patch", &answer.patch, &None);
    };
    let patch = answer.patch.ok_or("no patch")?;
    let edits = patched.undone_edits.iter();
    let edits: Vec<_> = edits.map(|at| format!("status.conditions[{at}]")).collect();
    let warned: Vec<_> = answer
        .warnings
        .iter()
        .map(|warning| warning.split(": ").next().unwrap_or_default().to_owned())
        .collect();
    if edits.len() <= 20 {
        same("the edits that are undone", &warned, &edits)?;
    }
    compare_patch(&review["request"]["object"], &patch, &patched.conditions)
}

/// Whether a patch applies, keeps to its part of the object, and gives the expected list.
fn compare_patch(object: &Value, patch: &Value, expected: &[Value]) -> Result<(), String> {
    check_order(patch)?;
    let mut result = object.clone();
    json_patch::apply(&mut result, patch)?;
    let conditions = result["status"]["conditions"].take();
    let list = conditions
        .as_array()
        .ok_or("conditions are no list any more")?;
    if list != expected {
        let expected = Value::from(expected.to_vec());
        return Err(format!(
            "conditions differ\nproduct: {conditions}\noracle:  {expected}"
        ));
    }
    let mut before = object.clone();
    before["status"]["conditions"] = Value::Null;
    same("the rest of the object", &result, &before)
}

/// First changes of items by falling index, then additions at the end.
fn check_order(patch: &Value) -> Result<(), String> {
    let mut last = usize::MAX;
    let mut adding = false;
    for operation in patch.as_array().ok_or("a patch is a list")? {
        let place = operation["path"].as_str().unwrap_or_default();
        let fields = operation.as_object().map_or(0, serde_json::Map::len);
        match operation["op"].as_str() {
            Some("add") if fields == 3 => {
                adding = true;
                let whole =
                    place == "/status/conditions" && patch.as_array().map(Vec::len) == Some(1);
                if !whole && place != "/status/conditions/-" {
                    return Err(format!("an addition at {place}"));
                }
            }
            Some("replace" | "remove") if !adding => {
                let index = place
                    .strip_prefix("/status/conditions/")
                    .and_then(|index| index.parse().ok())
                    .filter(|index| *index < last)
                    .ok_or_else(|| format!("a change at {place} out of order"))?;
                last = index;
            }
            _ => return Err(format!("the operation {operation} is out of place")),
        }
    }
    Ok(())
}
