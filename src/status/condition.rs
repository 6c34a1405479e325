use std::borrow::Cow;
use std::collections::HashMap;

use super::{Instant, Status, shape};
use crate::json::{Object, Raw, fields};
use crate::vocabulary::ConditionStatus;

/// What the message of a condition ends in that the webhook wrote (spec section 5).
pub const MARK: &str = " (derived by wfe-webhook)";

/// A well-shaped condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition<'a> {
    /// `type`.
    pub condition_type: Cow<'a, str>,
    /// `status`.
    pub status: ConditionStatus,
    /// `reason`.
    pub reason: Cow<'a, str>,
    /// `message`.
    pub message: Option<Cow<'a, str>>,
    /// `lastTransitionTime`, the text as it came.
    pub time: Cow<'a, str>,
    /// `lastTransitionTime` as a point in time.
    pub instant: Instant,
    /// `observedGeneration`.
    pub observed_generation: Option<i64>,
}

impl Condition<'_> {
    /// Whether the message ends in the mark of the webhook.
    #[must_use]
    pub fn bears_mark(&self) -> bool {
        self.message
            .as_deref()
            .is_some_and(|message| message.ends_with(MARK))
    }
}

/// One object in the list of conditions.
#[derive(Clone, Debug)]
pub struct Item<'a>(Shaped<'a>);

/// Boxed, so that a list of many empty objects takes little room.
#[derive(Clone, Debug)]
enum Shaped<'a> {
    Well(Box<Condition<'a>>),
    Broken(Box<ItemFields<'a>>),
    Empty,
}

/// The fields of an item as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemFields<'a> {
    pub(super) condition_type: Option<Raw<'a>>,
    pub(super) status: Option<Raw<'a>>,
    pub(super) reason: Option<Raw<'a>>,
    pub(super) message: Option<Raw<'a>>,
    pub(super) time: Option<Raw<'a>>,
    pub(super) observed_generation: Option<Raw<'a>>,
}

fields!(ItemFields<'a> {
    b"type" => condition_type,
    b"status" => status,
    b"reason" => reason,
    b"message" => message,
    b"lastTransitionTime" => time,
    b"observedGeneration" => observed_generation,
});

impl<'a> Object<'a> for Item<'a> {
    type Fields = ItemFields<'a>;
}

impl<'a> From<ItemFields<'a>> for Item<'a> {
    fn from(fields: ItemFields<'a>) -> Self {
        Self(match shape::condition(&fields) {
            Some(condition) => Shaped::Well(Box::new(condition)),
            None if fields == ItemFields::default() => Shaped::Empty,
            None => Shaped::Broken(Box::new(fields)),
        })
    }
}

impl<'a> Item<'a> {
    /// The condition, where the item is well-shaped.
    #[must_use]
    pub fn condition(&self) -> Option<&Condition<'a>> {
        match &self.0 {
            Shaped::Well(condition) => Some(condition),
            Shaped::Broken(_) | Shaped::Empty => None,
        }
    }

    /// The type, where it is a string, whatever else is wrong with the item.
    #[must_use]
    pub fn readable_type(&self) -> Option<Cow<'_, str>> {
        match &self.0 {
            Shaped::Well(condition) => Some(Cow::Borrowed(&condition.condition_type)),
            Shaped::Broken(fields) => fields.condition_type?.string(),
            Shaped::Empty => None,
        }
    }

    /// What is wrong with the shape, one fault for each broken field; none when the item is well-shaped.
    pub fn shape_faults(&self) -> impl Iterator<Item = shape::ShapeFault<'a>> {
        let faults = match &self.0 {
            Shaped::Well(_) => None,
            Shaped::Broken(fields) => Some(shape::faults(fields)),
            Shaped::Empty => Some(shape::faults(&ItemFields::default())),
        };
        faults.into_iter().flatten().flatten()
    }
}

/// Finds the first well-shaped condition of a type: it stands for the type, and later ones are duplicates.
#[derive(Debug)]
pub struct Firsts<'s> {
    status: &'s Status<'s>,
    by_type: Option<HashMap<&'s str, usize>>,
}

/// From this many items on a hash table is built, so that a list of thousands costs no quadratic time.
const HASHED_FROM: usize = 24;

impl<'s> Firsts<'s> {
    /// Prepares the look-up in `status`.
    #[must_use]
    pub fn new(status: &'s Status<'s>) -> Self {
        let by_type = (status.items().len() >= HASHED_FROM).then(|| {
            let mut by_type = HashMap::new();
            for (index, condition) in status.conditions() {
                by_type.entry(&*condition.condition_type).or_insert(index);
            }
            by_type
        });
        Self { status, by_type }
    }

    /// The first well-shaped condition of the type, with its index.
    #[must_use]
    pub fn get(&self, condition_type: &str) -> Option<(usize, &'s Condition<'s>)> {
        match &self.by_type {
            None => self
                .status
                .conditions()
                .find(|(_, condition)| condition.condition_type == condition_type),
            Some(by_type) => {
                let index = *by_type.get(condition_type)?;
                let condition = self.status.items()[index].present()?.condition()?;
                Some((index, condition))
            }
        }
    }
}
