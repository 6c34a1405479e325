//! Megabytes of what is dear to read or to judge are answered as a handful of it would be.

use wfe_webhook::admission::{Outcome, Webhook};

use crate::hostile::{Large, Side, large, with_value};
use crate::places::{ask, rules};

/// The rules that deny the large values, by name.
const DENIED: &[(&str, &[&str])] = &[
    ("conditions of unknown types", &["condition-shape"]),
    ("conditions of one type", &["condition-shape"]),
    ("a million empty conditions", &["condition-shape"]),
    ("1,024 empty conditions", &["condition-shape"]),
    (
        "1,024 conditions of unknown types",
        &["condition-unknown-type"],
    ),
    ("1,024 conditions of one type", &["condition-duplicate"]),
    (
        "1,024 conditions broken in each field",
        &["condition-shape"],
    ),
    ("conditions that are null", &["condition-shape"]),
    ("conditions that are numbers", &["condition-shape"]),
    ("conditions that are lists", &["condition-shape"]),
    ("conditions with a type alone", &["condition-shape"]),
    ("100,000 lists in a list", &["condition-shape"]),
    ("100,000 objects in an object", &["condition-shape"]),
    ("members of a status", &["phase-transition"]),
    (
        "one list of conditions over and over",
        &["phase-transition", "condition-shape"],
    ),
    ("a plain text as phase", &["phase-unknown"]),
    ("escapes as phase", &["phase-unknown"]),
    ("a plain text as message", &["condition-shape"]),
    ("escapes as message", &["condition-shape"]),
    ("quotes as reason", &["condition-shape"]),
];

#[test]
fn megabytes_of_one_thing_are_answered_like_a_handful() {
    let mut denials = 0;
    for Large { name, place, value } in large() {
        println!("{name}");
        let denied = DENIED.iter().find(|(of, _)| *of == name);
        let denied = denied.map_or(&[][..], |(_, rules)| rules);
        denials += usize::from(!denied.is_empty());
        let outcome = if denied.is_empty() {
            Outcome::Allowed
        } else {
            Outcome::Denied
        };
        for side in Side::ALL {
            let body = with_value(side, place, &value);
            ask(Webhook::Mutate, &body);
            let answered = ask(Webhook::Validate, &body).outcome;
            let [found, _] = rules(&body);
            if side == Side::Written {
                assert_eq!((answered, &found[..]), (outcome, denied), "{name}");
            } else {
                assert_eq!(
                    (answered, found),
                    (Outcome::Allowed, vec![]),
                    "{name}, {side:?}"
                );
            }
        }
    }
    assert_eq!(denials, DENIED.len(), "a name that no value has");
}
