use std::cmp::Reverse;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::complete::{Change, Written};

/// An RFC 6902 patch of `status.conditions`, borrowed from what it puts there.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Patch<'c>(Vec<Operation<'c>>);

#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Operation<'c> {
    Add { path: Path, value: Value<'c> },
    Replace { path: Path, value: Value<'c> },
    Remove { path: Path },
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Value<'c> {
    Item(&'c Written<'c>),
    List(Vec<&'c Written<'c>>),
}

/// A JSON pointer.
#[derive(Debug)]
enum Path {
    List,
    Item(usize),
    End,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("/status/conditions")?;
        match self {
            Self::List => Ok(()),
            Self::Item(index) => write!(f, "/{index}"),
            Self::End => f.write_str("/-"),
        }
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
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
        let path = Path::Item(index);
        match renewed {
            Some(condition) => Operation::Replace {
                path,
                value: Value::Item(condition),
            },
            None => Operation::Remove { path },
        }
    });
    let mut added = changes.iter().filter_map(|change| match change {
        Change::Add(condition) | Change::Restore(condition) => Some(condition),
        Change::Renew { .. } | Change::Remove { .. } => None,
    });
    if has_list {
        let added = added.map(|condition| Operation::Add {
            path: Path::End,
            value: Value::Item(condition),
        });
        return Patch(in_place.chain(added).collect());
    }
    let list = added.next().map(|first| Operation::Add {
        path: Path::List,
        value: Value::List([first].into_iter().chain(added).collect()),
    });
    Patch(in_place.chain(list).collect())
}
