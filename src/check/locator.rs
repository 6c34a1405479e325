//! Where a value is in a file's text.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_saphyr::{Location, Spanned};

use super::document::{Format, yaml_options};
use super::json::{self, Members};

/// One step from a value to a value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To a member of an object, the last one of that name.
    Member(String),
    /// To an item of a list.
    Item(usize),
    /// To the name of a member of an object, the last one of that name. No step follows.
    Name(String),
}

/// Where an item is in a file.
#[derive(Clone, Debug)]
pub struct ItemPlace {
    /// Which document, counted from zero.
    pub document: usize,
    /// The way to it in the document.
    pub steps: Vec<Step>,
    /// Its bytes in the document as JSON.
    pub range: Range<usize>,
}

/// Where something is in a file's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// All of a text or number, and what introduces an object or a list.
    pub bytes: Range<usize>,
    /// Whether it is all of the value that was looked for.
    pub is_whole: bool,
}

/// Finds values in the text of a file whose documents could be read.
#[derive(Debug)]
pub struct Locator<'t> {
    text: &'t str,
    documents: Documents<'t>,
}

#[derive(Debug)]
enum Documents<'t> {
    Json(Vec<&'t str>),
    Yaml(Vec<Spanned<Shape>>),
}

impl<'t> Locator<'t> {
    /// Reads the text once more, now for the places.
    #[must_use]
    pub fn of(text: &'t str, format: Format) -> Self {
        let documents = match format {
            Format::Json => Documents::Json(
                serde_json::Deserializer::from_str(text)
                    .into_iter::<&RawValue>()
                    .map_while(|value| Some(value.ok()?.get()))
                    .collect(),
            ),
            Format::Yaml => Documents::Yaml(
                serde_saphyr::from_multiple_with_options(text, yaml_options()).unwrap_or_default(),
            ),
        };
        Self { text, documents }
    }

    /// Where a value is in an item of a document; where a step leads nowhere, the last value on the way.
    #[must_use]
    pub fn find(&self, item: &ItemPlace, steps: &[Step]) -> Found {
        let found = match &self.documents {
            // A long list is not read again for each of its items.
            Documents::Json(documents) => documents
                .get(item.document)
                .and_then(|document| document.get(item.range.clone()))
                .map(|item| find_json(self.text, item, steps)),
            Documents::Yaml(documents) => documents
                .get(item.document)
                .map(|document| find_yaml(document, item.steps.iter().chain(steps))),
        };
        // A library's spans are not trusted to fit.
        found
            .filter(|found| self.text.get(found.bytes.clone()).is_some())
            .unwrap_or_default()
    }
}

fn find_json(file: &str, item: &str, steps: &[Step]) -> Found {
    let mut found = item;
    let mut is_reached = true;
    for step in steps {
        let next = match step {
            Step::Member(name) => Members::of(found).and_then(|members| members.written(name)),
            Step::Name(name) => Members::of(found)
                .and_then(|members| members.written(name))
                .and_then(|value| name_before(found, value)),
            Step::Item(index) => {
                json::elements(found).and_then(|elements| elements.get(*index).copied())
            }
        };
        let Some(next) = next else {
            is_reached = false;
            break;
        };
        found = next;
    }
    let mut bytes = json::range_in(file, found);
    let is_scalar = !found.starts_with(['{', '[']);
    if !is_scalar {
        bytes.end = bytes.start + 1;
    }
    Found {
        bytes,
        is_whole: is_reached && is_scalar,
    }
}

/// The name of a member, with its quotes. One that has quotes in it is cut off; no field that a rule knows has any.
fn name_before<'t>(object: &'t str, value: &str) -> Option<&'t str> {
    let before = &object[..json::range_in(object, value).start];
    let name = before.trim_end().strip_suffix(':')?.trim_end();
    let start = name.strip_suffix('"')?.rfind('"')?;
    Some(&name[start..])
}

fn find_yaml<'s>(document: &Spanned<Shape>, steps: impl Iterator<Item = &'s Step>) -> Found {
    let mut found = document;
    let mut is_reached = true;
    // A block has no text of its own: what introduces it is the key.
    let mut key: Option<&Location> = None;
    for step in steps {
        let next = match (step, &found.value) {
            (Step::Member(name) | Step::Name(name), Shape::Map(members)) => members
                .iter()
                .rfind(|(key, _)| key.value == *name)
                .map(|(key, value)| (Some(&key.referenced), value)),
            (Step::Item(index), Shape::List(items)) => items.get(*index).map(|item| (None, item)),
            _ => None,
        };
        let Some((next_key, next)) = next else {
            is_reached = false;
            break;
        };
        (key, found) = (next_key, next);
        if let (Step::Name(_), Some(key)) = (step, key) {
            return Found {
                bytes: bytes(key),
                is_whole: true,
            };
        }
    }
    let location = match (&found.value, key) {
        (Shape::Scalar, _) | (Shape::List(_), None) => &found.defined,
        (_, Some(key)) => key,
        // An item of a list begins with its first key.
        (Shape::Map(members), None) => members
            .first()
            .map_or(&found.defined, |(key, _)| &key.referenced),
    };
    Found {
        bytes: bytes(location),
        is_whole: is_reached && matches!(found.value, Shape::Scalar),
    }
}

fn bytes(location: &Location) -> Range<usize> {
    let span = location.span();
    let number = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
    let start = number(span.byte_offset()).unwrap_or_default();
    start..start + number(span.byte_len()).unwrap_or_default()
}

/// A value of YAML without what it says.
#[derive(Debug)]
enum Shape {
    Scalar,
    List(Vec<Spanned<Shape>>),
    Map(Vec<(Spanned<String>, Spanned<Shape>)>),
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_none<E: Error>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        Shape::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Shape::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Shape::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use super::{ItemPlace, Locator, Step};
    use crate::check::{Document, read};

    fn steps(path: &str) -> Vec<Step> {
        let parts = path.split('.').filter(|part| !part.is_empty());
        let step = |part: &str| {
            if let Some(name) = part.strip_suffix(':') {
                return Step::Name(name.to_owned());
            }
            part.parse()
                .map_or_else(|_| Step::Member(part.to_owned()), Step::Item)
        };
        parts.map(step).collect()
    }

    /// What is found is marked by the text itself: its line, and the value.
    #[test]
    fn a_value_is_found_in_yaml_and_in_json() {
        let yaml = "# é\na: 1\nb:\n- &x\n  t: \"q\"\n  u: |\n    text\n- <<: *x\n  u: 2\nd: {k: v, l: [3]}\na: 4\n---\nz: last\n";
        let json = "{\"a\": 1, \"b\": [{\"t\": \"q\"}, {\"u\": 2}],\n\"é\": {}, \"a\": 4}\n{\"z\": \"last\"}";
        for (text, document, path, line, found, is_whole) in [
            (yaml, 0, "a", 11, "4", true),
            (yaml, 0, "b", 3, "b", false),
            (yaml, 0, "b.0", 5, "t", false),
            (yaml, 0, "b.0.t", 5, "\"q\"", true),
            (yaml, 0, "b.0.none", 5, "t", false),
            (yaml, 0, "b.1.t", 5, "\"q\"", true),
            (yaml, 0, "b.1.u", 9, "2", true),
            (yaml, 0, "b.7", 3, "b", false),
            (yaml, 0, "d.k", 10, "v", true),
            (yaml, 0, "d.l.0", 10, "3", true),
            (yaml, 0, "", 2, "a", false),
            (yaml, 0, "a:", 11, "a", true),
            (yaml, 0, "b:", 3, "b", true),
            (yaml, 0, "d.k:", 10, "k", true),
            (yaml, 0, "d.none:", 10, "d", false),
            (yaml, 1, "z", 13, "last", true),
            (yaml, 7, "z", 1, "", false),
            (json, 0, "a", 2, "4", true),
            (json, 0, "b", 1, "[", false),
            (json, 0, "b.0.t", 1, "\"q\"", true),
            (json, 0, "b.1.u", 1, "2", true),
            (json, 0, "é", 2, "{", false),
            (json, 0, "é:", 2, "\"é\"", true),
            (json, 0, "b.0.t:", 1, "\"t\"", true),
            (json, 0, "none:", 1, "{", false),
            (json, 0, "none", 1, "{", false),
            (json, 1, "z", 3, "\"last\"", true),
        ] {
            let format = read(text.as_bytes()).unwrap()[0].format;
            let documents = read(text.as_bytes()).unwrap();
            let item = ItemPlace {
                document,
                steps: Vec::new(),
                range: 0..documents.get(document).map_or(0, Document::length),
            };
            let at = Locator::of(text, format).find(&item, &steps(path));
            let found_line = text[..at.bytes.start].matches('\n').count() + 1;
            assert_eq!(
                (found_line, &text[at.bytes]),
                (line, found),
                "{document} {path}"
            );
            assert_eq!(at.is_whole, is_whole, "{document} {path}");
        }
    }
}
