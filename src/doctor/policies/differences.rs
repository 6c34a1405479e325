//! What differs between two policies in what they judge and complete.

use serde_json::Value;

use super::options::is_printed;
use super::printed::{id, items};

/// A text without white space, which a chart or an editor may have changed.
pub(super) fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The parts of a policy's `spec` that differ, or that only one has, each once.
pub(super) fn differences(installed: &Value, printed: &Value) -> Vec<String> {
    let (installed, printed) = (expressions(installed), expressions(printed));
    let only = |one: &[Expression], other: &[Expression]| -> Vec<String> {
        let only = one.iter().filter(|part| !other.contains(part));
        only.map(|part| part.name.clone()).collect()
    };
    let mut differences = only(&installed, &printed);
    for name in only(&printed, &installed) {
        if !differences.contains(&name) {
            differences.push(name);
        }
    }
    differences
}

/// An expression of a policy, with those that belong to it.
#[derive(PartialEq)]
struct Expression {
    name: String,
    texts: Vec<String>,
}

fn expressions(spec: &Value) -> Vec<Expression> {
    let part = |name: String, of: &Value, fields: &[&str]| {
        let texts = fields
            .iter()
            .filter_map(|field| of.pointer(field)?.as_str());
        Expression {
            name,
            texts: texts.map(bare).collect(),
        }
    };
    let name = |of: &Value| of["name"].as_str().unwrap_or_default().to_owned();
    let mut parts = Vec::new();
    for it in items(&spec["matchConditions"]).filter(|it| is_printed(it)) {
        let name = format!("the match condition {}", name(it));
        parts.push(part(name, it, &["/expression"]));
    }
    for it in items(&spec["variables"]) {
        parts.push(part(
            format!("the variable {}", name(it)),
            it,
            &["/expression"],
        ));
    }
    for it in items(&spec["validations"]) {
        let fields = ["/expression", "/messageExpression"];
        let name = match id(it) {
            "" => "a validation of no rule".to_owned(),
            id => format!("the rule {id}"),
        };
        parts.push(part(name, it, &fields));
    }
    for it in items(&spec["mutations"]) {
        let fields = ["/patchType", "/jsonPatch/expression"];
        parts.push(part("the mutation".to_owned(), it, &fields));
    }
    for it in items(&spec["auditAnnotations"]) {
        let key = it["key"].as_str().unwrap_or_default();
        let name = format!("the audit annotation {key}");
        parts.push(part(name, it, &["/valueExpression"]));
    }
    parts
}
