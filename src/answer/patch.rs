use std::cmp::Reverse;

use crate::complete::{Change, Written};
use crate::json::Writer;

/// One operation of an RFC 6902 patch of `status.conditions`.
#[derive(Debug)]
pub enum Operation<'c> {
    /// Adds a condition at the end of the list.
    Add(&'c Written<'c>),
    /// Adds the list itself.
    AddList(Vec<&'c Written<'c>>),
    /// Replaces the item at an index.
    Replace(usize, &'c Written<'c>),
    /// Removes the item at an index.
    Remove(usize),
}

/// Room, in bytes, for one operation.
const USUAL_OPERATION: usize = 320;

/// A patch as JSON.
pub(super) fn to_json(patch: &[Operation<'_>]) -> Vec<u8> {
    let mut json = Writer::with_room(patch.len() * USUAL_OPERATION);
    json.raw("[");
    json.separated(patch, |json, operation| operation.write(json));
    json.raw("]");
    json.into_bytes()
}

impl Operation<'_> {
    fn write(&self, json: &mut Writer) {
        match self {
            Self::Add(condition) => {
                json.raw(r#"{"op":"add","path":"/status/conditions/-","value":"#);
                write_condition(condition, json);
            }
            Self::AddList(conditions) => {
                json.raw(r#"{"op":"add","path":"/status/conditions","value":["#);
                json.separated(conditions, |json, condition| {
                    write_condition(condition, json);
                });
                json.raw("]");
            }
            Self::Replace(index, condition) => {
                json.raw(r#"{"op":"replace","path":"/status/conditions/"#);
                json.raw(&index.to_string());
                json.raw(r#"","value":"#);
                write_condition(condition, json);
            }
            Self::Remove(index) => {
                json.raw(r#"{"op":"remove","path":"/status/conditions/"#);
                json.raw(&index.to_string());
                json.raw("\"");
            }
        }
        json.raw("}");
    }
}

fn write_condition(condition: &Written<'_>, json: &mut Writer) {
    json.raw(r#"{"lastTransitionTime":"#);
    json.string(&condition.time);
    if let Some(message) = &condition.message {
        json.raw(r#","message":"#);
        json.string(message);
    }
    if let Some(generation) = condition.observed_generation {
        json.raw(r#","observedGeneration":"#);
        json.raw(&generation.to_string());
    }
    json.raw(r#","reason":"#);
    json.string(condition.reason);
    json.raw(r#","status":"#);
    json.string(condition.status.name());
    json.raw(r#","type":"#);
    json.string(condition.condition_type);
    json.raw("}");
}

/// The patch that makes `changes` (spec section 5): `replace` and `remove` by index, highest first, then `add` at the
/// end of the list, or of the whole list where there is none.
#[must_use]
pub fn patch<'c>(changes: &'c [Change<'_>], has_list: bool) -> Vec<Operation<'c>> {
    let mut in_place: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Renew { index, condition } => Some((*index, Some(condition))),
            Change::Remove { index, .. } => Some((*index, None)),
            Change::Add(_) | Change::Restore(_) => None,
        })
        .collect();
    in_place.sort_unstable_by_key(|(index, _)| Reverse(*index));
    let in_place = in_place.into_iter().map(|(index, renewed)| {
        renewed.map_or(Operation::Remove(index), |condition| {
            Operation::Replace(index, condition)
        })
    });
    let mut added = changes.iter().filter_map(|change| match change {
        Change::Add(condition) | Change::Restore(condition) => Some(condition),
        Change::Renew { .. } | Change::Remove { .. } => None,
    });
    if has_list {
        return in_place.chain(added.map(Operation::Add)).collect();
    }
    let list = added
        .next()
        .map(|first| Operation::AddList([first].into_iter().chain(added).collect()));
    in_place.chain(list).collect()
}
