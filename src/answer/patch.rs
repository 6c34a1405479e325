use std::cmp::Reverse;

use crate::complete::{Change, Written};
use crate::json::Writer;

/// An RFC 6902 patch of `status.conditions`, borrowed from what it puts there.
#[derive(Debug)]
pub struct Patch<'c>(Vec<Operation<'c>>);

#[derive(Debug)]
enum Operation<'c> {
    /// At the end of the list.
    Add(&'c Written<'c>),
    /// The list itself.
    AddList(Vec<&'c Written<'c>>),
    Replace(usize, &'c Written<'c>),
    Remove(usize),
}

/// Room, in bytes, for one operation.
const USUAL_OPERATION: usize = 320;

impl Patch<'_> {
    /// The patch as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Writer::with_room(self.0.len() * USUAL_OPERATION);
        json.raw("[");
        json.separated(&self.0, |json, operation| operation.write(json));
        json.raw("]");
        json.into_bytes()
    }
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
pub fn patch<'c>(changes: &'c [Change<'_>], has_list: bool) -> Patch<'c> {
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
        return Patch(in_place.chain(added.map(Operation::Add)).collect());
    }
    let list = added
        .next()
        .map(|first| Operation::AddList([first].into_iter().chain(added).collect()));
    Patch(in_place.chain(list).collect())
}
