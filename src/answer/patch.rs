use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::{Map, Value};

use crate::complete::{Change, Written};

/// The RFC 6902 patch that makes `changes` (spec section 5): `replace` and `remove` by index, highest first, then `add`
/// at the end of the list, or of the whole list where there is none.
#[must_use]
pub fn patch(changes: &[Change<'_>], has_list: bool) -> Patch {
    let mut in_place: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Renew { index, derived } => Some((*index, Some(derived))),
            Change::Remove { index, .. } => Some((*index, None)),
            Change::Add(_) | Change::Restore(_) => None,
        })
        .collect();
    in_place.sort_unstable_by_key(|(index, _)| std::cmp::Reverse(*index));
    let mut operations: Vec<_> = in_place
        .into_iter()
        .map(|(index, renewed)| {
            let path = pointer(Some(&index.to_string()));
            match renewed {
                Some(derived) => PatchOperation::Replace(ReplaceOperation {
                    path,
                    value: value(&derived.into()),
                }),
                None => PatchOperation::Remove(RemoveOperation { path }),
            }
        })
        .collect();
    let added: Vec<_> = changes
        .iter()
        .filter(|change| matches!(change, Change::Add(_) | Change::Restore(_)))
        .map(|change| value(&change.condition()))
        .collect();
    if has_list {
        operations.extend(added.into_iter().map(|value| {
            PatchOperation::Add(AddOperation {
                path: pointer(Some("-")),
                value,
            })
        }));
    } else if !added.is_empty() {
        operations.push(PatchOperation::Add(AddOperation {
            path: pointer(None),
            value: Value::Array(added),
        }));
    }
    Patch(operations)
}

fn pointer(item: Option<&str>) -> PointerBuf {
    PointerBuf::from_tokens(["status", "conditions"].into_iter().chain(item))
}

fn value(condition: &Written<'_>) -> Value {
    let mut item = Map::new();
    let mut set = |name: &str, value: Value| {
        item.insert(name.to_owned(), value);
    };
    set("lastTransitionTime", condition.time.as_ref().into());
    if let Some(message) = condition.message {
        set("message", message.into());
    }
    if let Some(generation) = condition.observed_generation {
        set("observedGeneration", generation.into());
    }
    set("reason", condition.reason.into());
    set("status", condition.status.name().into());
    set("type", condition.condition_type.into());
    Value::Object(item)
}
