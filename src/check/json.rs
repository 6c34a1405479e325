//! A shallow look at JSON text: the members of one object, the elements of one list.

use std::ops::Range;

use crate::json::{Raw, Reader};

/// The members of an object, in order.
pub(super) struct Members<'a>(Vec<(String, Raw<'a>)>);

impl<'a> Members<'a> {
    /// The members of `text`, or `None` when it is not an object.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let mut members = Vec::new();
        let is_object = Reader::new(text).object(|key, json| {
            members.push((key.to_owned(), json.raw()?));
            Ok(())
        });
        is_object.ok()?.then_some(Self(members))
    }

    /// The text of a member, the last one of that name; `null` counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.member(name).map(Raw::text)
    }

    /// As [`Members::get`], but gives a `null` that is there.
    pub(super) fn written(&self, name: &str) -> Option<&'a str> {
        self.last(name).map(Raw::text)
    }

    /// A member that is a string.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        Some(self.member(name)?.string()?.into_owned())
    }

    fn member(&self, name: &str) -> Option<Raw<'a>> {
        self.last(name).filter(|value| !value.is_null())
    }

    fn last(&self, name: &str) -> Option<Raw<'a>> {
        let mut backwards = self.0.iter().rev();
        let found = backwards.find(|(key, _)| key == name);
        found.map(|(_, value)| *value)
    }

    /// The members' names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there is no member.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The texts of a list's elements, or `None` when `text` is not a list.
pub(super) fn elements(text: &str) -> Option<Vec<&str>> {
    let mut elements = Vec::new();
    let is_list = Reader::new(text).list(|json| {
        elements.push(json.raw()?.text());
        Ok(())
    });
    is_list.ok()?.then_some(elements)
}

/// Where `part`, a slice of `whole`, is in it.
pub(super) fn range_in(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

/// `text` as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
