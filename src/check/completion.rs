//! Puts a patch of the conditions into an object's text, and leaves all else as it is written.

use json_patch::Patch;
use serde_json::{Value, json};

use super::json::{self, Fields};

/// Why a patch does not fit an object. The webhook's own patches always do.
#[derive(Debug, thiserror::Error)]
pub enum CompletionError {
    /// There is no place for conditions.
    #[error("the patch changes conditions, and `status` is no object")]
    NoStatus,
    /// It is for another object.
    #[error("the patch does not apply: {0}")]
    Patch(#[from] json_patch::PatchError),
    /// It takes the list away.
    #[error("the patch leaves no list of conditions")]
    NoList,
}

/// The object's text after `patch`, which changes nothing but items of `status.conditions`, each as a whole.
///
/// # Errors
///
/// When the patch does not fit the object.
pub fn complete(object: &str, patch: &Patch) -> Result<String, CompletionError> {
    let status = Fields::of(object).and_then(|fields| fields.get("status"));
    let status = status.ok_or(CompletionError::NoStatus)?;
    let fields = Fields::of(status).ok_or(CompletionError::NoStatus)?;
    let written = fields.written("conditions");
    let items = written.and_then(json::elements);

    // The patch is applied to a list of indices, so that no item goes through a number type on its way.
    let mut skeleton = json!({"status": {}});
    if let Some(items) = &items {
        skeleton["status"]["conditions"] = (0..items.len()).collect();
    }
    json_patch::patch(&mut skeleton, patch)?;
    let patched = skeleton["status"]["conditions"].as_array();

    let layout = Layout::of(object, status, written.unwrap_or(status));
    let list: Vec<String> = patched
        .ok_or(CompletionError::NoList)?
        .iter()
        .map(|item| {
            let kept = item.as_u64().and_then(|index| usize::try_from(index).ok());
            match kept.and_then(|index| items.as_ref()?.get(index)) {
                Some(text) => (*text).to_owned(),
                None => layout.print(item),
            }
        })
        .collect();
    let list = layout.list(&list);

    let mut text = object.to_owned();
    if let Some(written) = written {
        text.replace_range(json::range_in(object, written), &list);
    } else {
        let start = json::range_in(object, status).start + 1;
        text.insert_str(start, &layout.first_member(&list, fields.is_empty()));
    }
    Ok(text)
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
