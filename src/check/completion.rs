//! Puts a patch of the conditions into an object's text, and leaves all else as it is written.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::{Value, json};

use super::json::{self, Members};
use crate::admission::Judgement;
use crate::answer::{Operation, patch};
use crate::complete::Written;

/// Why a patch does not fit an object. The webhook's own patches always do.
#[derive(Debug, thiserror::Error)]
pub enum CompletionError {
    /// There is no place for conditions.
    #[error("the patch changes conditions, and `status` is not an object")]
    NoStatus,
    /// It is for another object.
    #[error("the patch does not apply: {0}")]
    Patch(#[from] json_patch::PatchError),
    /// It takes the list away.
    #[error("the patch leaves no list of conditions")]
    NoList,
}

/// An object after completion.
#[derive(Clone, Debug)]
pub struct CompletedObject {
    /// Its text.
    pub text: String,
    /// For each condition its index before completion; none where completion wrote it.
    pub origins: Vec<Option<usize>>,
}

/// The object after the changes of a judgement. Nothing but items of `status.conditions` changes, each as a whole.
///
/// # Errors
///
/// When the changes do not fit the object.
pub(super) fn complete(
    object: &str,
    judgement: &Judgement<'_>,
) -> Result<CompletedObject, CompletionError> {
    let status = Members::of(object).and_then(|members| members.get("status"));
    let status = status.ok_or(CompletionError::NoStatus)?;
    let members = Members::of(status).ok_or(CompletionError::NoStatus)?;
    let written = members.written("conditions");
    let items = written.and_then(json::elements);

    // The patch is applied to a list of indices, so that no item goes through a number type on its way.
    let mut skeleton = json!({"status": {}});
    if let Some(items) = &items {
        skeleton["status"]["conditions"] = (0..items.len()).collect();
    }
    let operations = patch(&judgement.changes, items.is_some());
    let patch = Patch(operations.iter().map(operation).collect());
    json_patch::patch(&mut skeleton, &patch)?;
    let patched = skeleton["status"]["conditions"].as_array();

    let layout = Layout::of(object, status, written.unwrap_or(status));
    let (origins, list): (Vec<_>, Vec<_>) = patched
        .ok_or(CompletionError::NoList)?
        .iter()
        .map(|item| {
            let kept = item.as_u64().and_then(|index| usize::try_from(index).ok());
            match kept.and_then(|index| items.as_ref()?.get(index)) {
                Some(text) => (kept, (*text).to_owned()),
                None => (None, layout.print(item)),
            }
        })
        .unzip();
    let list = layout.list(&list);

    let mut text = object.to_owned();
    if let Some(written) = written {
        text.replace_range(json::range_in(object, written), &list);
    } else {
        let start = json::range_in(object, status).start + 1;
        text.insert_str(start, &layout.first_member(&list, members.is_empty()));
    }
    Ok(CompletedObject { text, origins })
}

/// An operation of the completion as one of RFC 6902.
fn operation(operation: &Operation<'_>) -> PatchOperation {
    let path = |last: &dyn std::fmt::Display| {
        PointerBuf::from_tokens(["status", "conditions", &last.to_string()])
    };
    match operation {
        Operation::Add(condition) => PatchOperation::Add(AddOperation {
            path: path(&"-"),
            value: value(condition),
        }),
        Operation::AddList(conditions) => PatchOperation::Add(AddOperation {
            path: PointerBuf::from_tokens(["status", "conditions"]),
            value: conditions
                .iter()
                .map(|condition| value(condition))
                .collect(),
        }),
        Operation::Replace(index, condition) => PatchOperation::Replace(ReplaceOperation {
            path: path(index),
            value: value(condition),
        }),
        Operation::Remove(index) => PatchOperation::Remove(RemoveOperation { path: path(index) }),
    }
}

fn value(condition: &Written<'_>) -> Value {
    let mut value = json!({
        "lastTransitionTime": condition.time,
        "reason": condition.reason,
        "status": condition.status.name(),
        "type": condition.condition_type,
    });
    if let Some(message) = &condition.message {
        value["message"] = json!(message);
    }
    if let Some(generation) = condition.observed_generation {
        value["observedGeneration"] = json!(generation);
    }
    value
}

/// How the text around the conditions is laid out: on one line, or indented.
struct Layout<'a> {
    /// The indentation of the members of `status`, and what one level adds to it; none on one line.
    indent: Option<(&'a str, &'a str)>,
}

impl<'a> Layout<'a> {
    /// `near` is the list as written, else the status that it goes into.
    fn of(object: &'a str, status: &str, near: &str) -> Self {
        let start = json::range_in(object, status).start;
        let outer = indentation(object, start);
        let inner = if near.len() == status.len() && status.contains('\n') {
            // The first member's line follows the opening brace.
            indentation(object, start + status.find('\n').unwrap_or_default() + 1)
        } else {
            indentation(object, json::range_in(object, near).start)
        };
        let unit = inner.strip_prefix(outer).filter(|unit| !unit.is_empty());
        Self {
            indent: unit.map(|unit| (inner, unit)),
        }
    }

    fn print(&self, item: &Value) -> String {
        let Some((inner, unit)) = self.indent else {
            return item.to_string();
        };
        let line = format!("\n{inner}{unit}");
        let pretty = format!("{item:#}");
        let mut text = String::new();
        for (number, part) in pretty.lines().enumerate() {
            // Serialized with two spaces for each level; a condition is flat.
            let member = part.strip_prefix("  ");
            if number > 0 {
                text += &line;
                text += member.map_or("", |_| unit);
            }
            text += member.unwrap_or(part);
        }
        text
    }

    fn list(&self, items: &[String]) -> String {
        match self.indent {
            Some((inner, unit)) if !items.is_empty() => {
                let line = format!("\n{inner}{unit}");
                format!("[{line}{}\n{inner}]", items.join(&format!(",{line}")))
            }
            _ => format!("[{}]", items.join(",")),
        }
    }

    fn first_member(&self, list: &str, alone: bool) -> String {
        let line = self
            .indent
            .map_or(String::new(), |(inner, _)| format!("\n{inner}"));
        let space = if self.indent.is_some() { " " } else { "" };
        let comma = if alone { "" } else { "," };
        format!("{line}\"conditions\":{space}{list}{comma}")
    }
}

/// The blanks at the start of the line that `position` is in.
fn indentation(text: &str, position: usize) -> &str {
    let line = text[..position]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let rest = &text[line..];
    let end = rest.find(|blank| blank != ' ' && blank != '\t');
    &rest[..end.unwrap_or(rest.len())]
}
