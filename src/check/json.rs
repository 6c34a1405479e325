//! A shallow look at JSON text: the members of one object, the elements of one list.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::json::{Key, Raw};

/// The members of an object, in order.
pub struct Fields<'a>(Vec<(Key<'a>, Raw<'a>)>);

impl<'a> Fields<'a> {
    /// The members of `text`, or `None` when it is no object.
    pub fn of(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The text of a member, the last one of that name; `null` counts as absent.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.member(name).map(Raw::text)
    }

    /// As [`Fields::get`], but gives a `null` that is there.
    pub fn written(&self, name: &str) -> Option<&'a str> {
        self.last(name).map(Raw::text)
    }

    /// A member that is a string.
    pub fn string(&self, name: &str) -> Option<String> {
        Some(self.member(name)?.string()?.into_owned())
    }

    fn member(&self, name: &str) -> Option<Raw<'a>> {
        self.last(name).filter(|value| !value.is_null())
    }

    fn last(&self, name: &str) -> Option<Raw<'a>> {
        let mut backwards = self.0.iter().rev();
        let found = backwards.find(|(key, _)| key.bytes() == name.as_bytes());
        found.map(|(_, value)| *value)
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Fields(members))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// The texts of a list's elements, or `None` when `text` is no list.
pub fn elements(text: &str) -> Option<Vec<&str>> {
    let elements: Vec<Raw<'_>> = serde_json::from_str(text).ok()?;
    Some(elements.into_iter().map(Raw::text).collect())
}

/// Where `part`, a slice of `whole`, stands in it.
pub fn range_in(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

/// `text` as a JSON string.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
