//! Bodies that no API server sends: broken text, numbers without bounds, depth, and megabytes of little things.

use serde_json::{Value, json};

use crate::reviews::{Review, condition};

/// A write that is allowed and completed, with one foreign condition, over the same status.
pub fn plain() -> Review {
    let status = json!({
        "phase": "Running", "conditions": [condition("AuditRecorded", "True", "AuditSucceeded")],
    });
    Review::tekton().status(status.clone()).stored(status)
}

/// Which of the two objects of a write holds something hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Written,
    Stored,
    Both,
}

impl Side {
    pub const ALL: [Self; 3] = [Self::Written, Self::Stored, Self::Both];

    /// The pointers at a place of the object.
    fn pointers(self, place: &str) -> Vec<String> {
        let objects: &[&str] = match self {
            Self::Written => &["object"],
            Self::Stored => &["oldObject"],
            Self::Both => &["object", "oldObject"],
        };
        let pointer = |object| format!("/request/{object}{place}");
        objects.iter().map(pointer).collect()
    }
}

/// The plain write with the JSON text `value` at a place of its objects.
pub fn with_value(side: Side, place: &str, value: &[u8]) -> Vec<u8> {
    at(&side.pointers(place), value)
}

/// The plain write with the JSON text `value` at some pointers.
pub fn at(pointers: &[impl AsRef<str>], value: &[u8]) -> Vec<u8> {
    const HERE: &str = "~here";
    let mut review = plain().value().clone();
    for pointer in pointers {
        let (parent, key) = pointer.as_ref().rsplit_once('/').expect("a pointer");
        match review.pointer_mut(parent) {
            Some(Value::Array(items)) => {
                items[key.parse::<usize>().expect("an index")] = json!(HERE);
            }
            Some(Value::Object(fields)) => drop(fields.insert(key.to_owned(), json!(HERE))),
            _ => panic!("no parent of {}", pointer.as_ref()),
        }
    }
    replace(
        &review.to_string().into_bytes(),
        format!("{HERE:?}").as_bytes(),
        value,
    )
}

/// A body in which every `what` is `by`.
pub fn replace(body: &[u8], what: &[u8], by: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(body.len() + by.len());
    let mut rest = body;
    while let Some(at) = rest.windows(what.len()).position(|part| part == what) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(by);
        rest = &rest[at + what.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

/// `depth` lists, each in the other.
pub fn nested_lists(depth: usize) -> Vec<u8> {
    [vec![b'['; depth], vec![b']'; depth]].concat()
}

/// `depth` objects, each in the other.
pub fn nested_objects(depth: usize) -> Vec<u8> {
    [br#"{"a":"#.repeat(depth), b"0".to_vec(), vec![b'}'; depth]].concat()
}

/// The most that an API server takes of a writer.
const THREE_MEBIBYTES: usize = 3 << 20;

/// A list of as many copies of an item as fill 3 MiB.
fn three_mebibytes_of(item: &str) -> Vec<u8> {
    list_of(THREE_MEBIBYTES / (item.len() + 1), |_| item.to_owned())
}

/// A list of so many items.
fn list_of(count: usize, item: impl FnMut(usize) -> String) -> Vec<u8> {
    let items: Vec<String> = (0..count).map(item).collect();
    format!("[{}]", items.join(",")).into_bytes()
}

/// 3 MiB of well-shaped conditions, each of its own unknown type.
fn unknown_conditions() -> Vec<u8> {
    let mut item = condition("Nonsense00000", "True", "Any");
    let length = item.to_string().len() + 1;
    list_of(THREE_MEBIBYTES / length, |at| {
        item["type"] = json!(format!("Nonsense{at:05}"));
        item.to_string()
    })
}

/// The longest list whose items are looked at.
const LONGEST: usize = 1_024;

/// As many items as are looked at, of 3 MiB in all: what judges them has the most to do.
fn longest_of(item: impl Fn(usize, &str) -> String) -> Vec<u8> {
    let filler = "x".repeat(THREE_MEBIBYTES / LONGEST - 200);
    list_of(LONGEST, |at| item(at, &filler))
}

/// A named value of megabytes, and the place where it stands.
pub struct Large {
    pub name: &'static str,
    pub place: &'static str,
    pub value: Vec<u8>,
}

impl Large {
    fn new(name: &'static str, place: &'static str, value: Vec<u8>) -> Self {
        Self { name, place, value }
    }
}

/// Values that are expensive to read or to judge.
pub fn large() -> Vec<Large> {
    [large_lists(), deep(), large_objects(), large_scalars()]
        .into_iter()
        .flatten()
        .collect()
}

fn large_lists() -> Vec<Large> {
    let known = condition("AuditRecorded", "True", "AuditSucceeded").to_string();
    let empty = |count| list_of(count, |_| "{}".to_owned());
    [
        ("conditions of unknown types", unknown_conditions()),
        ("conditions of one type", three_mebibytes_of(&known)),
        ("a million empty conditions", empty(1_000_000)),
        ("1,024 empty conditions", empty(LONGEST)),
        (
            "1,024 conditions of unknown types",
            longest_of(|at, filler| {
                let mut item = condition(&format!("Nonsense{at}"), "True", "Any");
                item["message"] = json!(filler);
                item.to_string()
            }),
        ),
        (
            "1,024 conditions of one type",
            longest_of(|_, filler| {
                let mut item = condition("AuditRecorded", "True", "AuditSucceeded");
                item["message"] = json!(filler);
                item.to_string()
            }),
        ),
        (
            "1,024 conditions broken in each field",
            longest_of(|at, filler| {
                json!({
                    "type": format!("{at}{}", &filler[..400]), "status": filler[..600], "reason": filler[..1_100],
                    "lastTransitionTime": filler[..600], "message": 1, "observedGeneration": filler[..100],
                })
                .to_string()
            }),
        ),
        ("conditions that are null", three_mebibytes_of("null")),
        ("conditions that are numbers", three_mebibytes_of("0")),
        ("conditions that are lists", three_mebibytes_of("[]")),
        (
            "conditions with a type alone",
            three_mebibytes_of(r#"{"type":"A"}"#),
        ),
    ]
    .map(|(name, value)| Large::new(name, "/status/conditions", value))
    .into()
}

fn deep() -> Vec<Large> {
    let (conditions, ignored) = ("/status/conditions", "/spec/ignored");
    vec![
        Large::new("100,000 lists in a list", conditions, nested_lists(100_000)),
        Large::new(
            "100,000 objects in an object",
            conditions,
            nested_objects(100_000),
        ),
        Large::new(
            "1,500,000 lists in an ignored field",
            ignored,
            nested_lists(1_500_000),
        ),
        Large::new(
            "500,000 objects in an ignored field",
            ignored,
            nested_objects(500_000),
        ),
    ]
}

fn large_objects() -> Vec<Large> {
    [
        ("members of an ignored object", "/spec/ignored", r#""a":0"#),
        ("members of a status", "/status", r#""a":0"#),
        ("one phase over and over", "/status", r#""phase":"Running""#),
        (
            "one list of conditions over and over",
            "/status",
            r#""conditions":[{}]"#,
        ),
    ]
    .map(|(name, place, member)| {
        let list = three_mebibytes_of(member);
        let object = [b"{", &list[1..list.len() - 1], b"}"].concat();
        Large::new(name, place, object)
    })
    .into()
}

fn large_scalars() -> Vec<Large> {
    let digits = vec![b'9'; THREE_MEBIBYTES];
    let texts = [
        ("a plain text in an ignored field", "/spec/ignored", "x"),
        ("escapes in an ignored field", "/spec/ignored", "\\u0041"),
        ("a plain text as phase", "/status/phase", "x"),
        ("escapes as phase", "/status/phase", "\\u0041"),
        (
            "a plain text as message",
            "/status/conditions/0/message",
            "x",
        ),
        (
            "escapes as message",
            "/status/conditions/0/message",
            "\\u0041",
        ),
        ("quotes as reason", "/status/conditions/0/reason", "\\\""),
    ]
    .map(|(name, place, piece)| {
        let text = piece.repeat(THREE_MEBIBYTES / piece.len());
        Large::new(name, place, format!("\"{text}\"").into_bytes())
    });
    let others = [
        Large::new(
            "numbers in an ignored field",
            "/spec/ignored",
            three_mebibytes_of("0"),
        ),
        Large::new("digits as generation", "/metadata/generation", digits),
    ];
    texts.into_iter().chain(others).collect()
}

/// The value at a pointer of the plain write.
pub fn plain_value(pointer: &str) -> Value {
    plain().value().pointer(pointer).cloned().expect("a place")
}
