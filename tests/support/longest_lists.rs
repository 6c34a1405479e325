//! Lists of as many conditions as are looked at, of the kinds that cost most.

use serde_json::{Value, json};

use crate::hostile::{Large, Side, with_value};
use crate::reviews::{condition, own};

/// The most conditions that are looked at.
pub const MOST_CONDITIONS: usize = 1_024;

/// Where a filler goes in an item.
const FILLER: &str = "~filler";

/// Reviews that have such a list in both objects, by name. Each list has about `bytes` bytes.
pub fn reviews(bytes: usize) -> Vec<(&'static str, Vec<u8>)> {
    let lists = longest_lists(bytes).into_iter();
    lists
        .map(|Large { name, place, value }| (name, with_value(Side::Both, place, &value)))
        .collect()
}

/// The lists. Each has about `bytes` bytes.
pub fn longest_lists(bytes: usize) -> Vec<Large> {
    let list = |name, piece: &[u8], item: &dyn Fn(usize) -> Value| Large {
        name,
        place: "/status/conditions",
        value: list(bytes, piece, item),
    };
    vec![
        list(
            "conditions without a field",
            b"x",
            &|_| json!({"a": FILLER}),
        ),
        list("conditions of null", b"x", &|_| {
            json!({
                "type": null, "status": null, "reason": null, "message": null, "lastTransitionTime": null,
                "observedGeneration": null, "a": FILLER,
            })
        }),
        list("conditions with every field broken", b"x", &|at| {
            json!({
                "type": format!("{at}{FILLER}"), "status": "true", "reason": "", "message": 7, "lastTransitionTime": "now",
                "observedGeneration": -1,
            })
        }),
        list("conditions of lists", b"x", &|_| {
            json!({
                "type": [[]], "status": [[]], "reason": [[]], "message": [FILLER], "lastTransitionTime": [[]],
            })
        }),
        list("conditions of unknown types", b"x", &|at| {
            with_message(
                condition(&format!("TektonPipelineCompleted{at}"), "True", "Usual"),
                FILLER,
            )
        }),
        list("conditions of one type", b"x", &|_| {
            with_message(condition("AuditRecorded", "True", "AuditSucceeded"), FILLER)
        }),
        list("conditions of third parties", b"x", &|at| {
            with_message(
                condition(&format!("example.com/Check{at}"), "True", "Usual"),
                FILLER,
            )
        }),
        list("own conditions", b"x", &|_| {
            let own = own("TektonPipelineComplete", "False", "PipelineFailed");
            let message = format!("{FILLER}{}", own["message"].as_str().unwrap_or_default());
            with_message(own, &message)
        }),
        list("conditions of escapes", br"\u0041", &|at| {
            json!({
                "type": format!("{at}{FILLER}"), "status": FILLER, "reason": FILLER, "message": FILLER,
                "lastTransitionTime": FILLER,
            })
        }),
        list("conditions of control characters", br"\u0007", &|at| {
            json!({
                "type": format!("{at}{FILLER}"), "status": FILLER, "reason": FILLER, "lastTransitionTime": FILLER,
            })
        }),
        list("conditions that are not UTF-8", b"\xff", &|at| {
            with_message(condition(&format!("Nonsense{at}"), "True", "Usual"), FILLER)
        }),
    ]
}

fn with_message(mut condition: Value, message: &str) -> Value {
    condition["message"] = message.into();
    condition
}

/// A list in which every filler is as many `piece`s as it takes to get to `bytes`.
fn list(bytes: usize, piece: &[u8], item: &dyn Fn(usize) -> Value) -> Vec<u8> {
    let items: Vec<String> = (0..MOST_CONDITIONS)
        .map(|at| item(at).to_string())
        .collect();
    let list = format!("[{}]", items.join(","));
    let parts: Vec<&str> = list.split(FILLER).collect();
    let fixed: usize = parts.iter().map(|part| part.len()).sum();
    let pieces = bytes.saturating_sub(fixed) / (piece.len() * (parts.len() - 1));
    let filler = piece.repeat(pieces);
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    parts.join(&filler[..])
}
