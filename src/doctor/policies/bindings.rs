//! What policies are bound to do.

use serde_json::Value;

use super::super::line::CheckLine;
use super::{PRINT, Part};

/// What a policy is bound to do, by all of its bindings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Bound {
    /// Their `validationActions`; a mutating one has none.
    pub(in super::super) actions: Vec<String>,
    /// What leaves out writes in every one of them, or in the policy.
    pub(in super::super) narrowed: Vec<&'static str>,
}

impl Bound {
    /// Of the bindings that name the policy; nothing where none does.
    pub(super) fn of(bindings: &[Value], policy: &str) -> Option<Self> {
        let mut bound: Option<Self> = None;
        for binding in bindings
            .iter()
            .filter(|binding| binding["spec"]["policyName"] == *policy)
        {
            let spec = &binding["spec"];
            let mut narrowed = narrowing(&spec["matchResources"]);
            if has_items(&spec["matchResources"]["resourceRules"]) {
                narrowed.push("resourceRules");
            }
            if spec["paramRef"].is_object() {
                narrowed.push("paramRef");
            }
            let actions = spec["validationActions"].as_array().into_iter().flatten();
            let actions = actions.filter_map(Value::as_str).map(str::to_owned);
            // One that sees every write decides, however others are narrowed.
            let known = bound.get_or_insert_with(|| Self {
                narrowed: narrowed.clone(),
                ..Self::default()
            });
            if narrowed.is_empty() && !known.narrowed.is_empty() {
                *known = Self::default();
            }
            if narrowed.is_empty() == known.narrowed.is_empty() {
                known.actions.extend(actions);
            }
        }
        bound
    }

    /// Whether one of them has this in `validationActions`.
    pub(in super::super) fn does(&self, action: &str) -> bool {
        self.actions.iter().any(|does| does == action)
    }
}

/// The fields of `matchResources` or `matchConstraints` that leave out writes.
pub(super) fn narrowing(resources: &Value) -> Vec<&'static str> {
    let selects = |field: &str| {
        let selector = &resources[field];
        let labels = selector["matchLabels"].as_object();
        labels.is_some_and(|labels| !labels.is_empty()) || has_items(&selector["matchExpressions"])
    };
    let mut fields: Vec<&'static str> = ["namespaceSelector", "objectSelector"]
        .into_iter()
        .filter(|field| selects(field))
        .collect();
    if has_items(&resources["excludeResourceRules"]) {
        fields.push("excludeResourceRules");
    }
    fields
}

fn has_items(list: &Value) -> bool {
    list.as_array().is_some_and(|items| !items.is_empty())
}

/// The lines about the bindings of a policy, which may be missing itself.
pub(super) fn check(
    part: Part,
    policy: &str,
    bindings: &[Value],
    is_there: bool,
) -> Vec<CheckLine> {
    let about = format!("binding of {policy}");
    let Some(bound) = Bound::of(bindings, policy) else {
        if !is_there {
            return Vec::new();
        }
        let does = part
            .bound_to()
            .map_or("completes nothing", |_| "judges nothing");
        return vec![CheckLine::error(
            about,
            format!("there is none, so that the policy {does}"),
            PRINT,
        )];
    };
    if !is_there {
        return vec![CheckLine::error(
            about,
            format!(
                "there is no {} {policy}, so that the binding does nothing",
                part.kind_name()
            ),
            format!(
                "{PRINT}; or kubectl delete {}binding {policy}",
                part.kind_name().to_ascii_lowercase()
            ),
        )];
    }
    let mut lines = Vec::new();
    if !bound.narrowed.is_empty() {
        lines.push(CheckLine::warning(
            about.clone(),
            format!("writes are left out by {}", bound.narrowed.join(" and ")),
            "nothing, if that is intended; else remove the field",
        ));
    }
    lines.push(actions(part, about, &bound));
    lines
}

fn actions(part: Part, about: String, bound: &Bound) -> CheckLine {
    let Some((action, means)) = part.bound_to() else {
        return CheckLine::ok(about, "what is implied is added");
    };
    let stricter = part != Part::Deny && bound.does("Deny");
    if bound.does(action) && !stricter {
        return CheckLine::ok(
            about,
            format!(
                "{}: what breaks its rules {means}",
                bound.actions.join(", ")
            ),
        );
    }
    CheckLine::warning(
        about,
        format!(
            "validationActions is {} instead of {action}: what breaks its rules {}",
            bound.actions.join(", "),
            if stricter {
                "is refused".to_owned()
            } else {
                format!("is not {}", means.trim_start_matches("is "))
            }
        ),
        format!("nothing, if that is intended, as for a trial; else set it to [{action}]"),
    )
}
