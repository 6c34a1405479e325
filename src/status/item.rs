use std::borrow::Cow;

use super::{Condition, ShapeFault, shape};
use crate::json::{Fields, Items, Malformed, Raw, Reader, fields};

/// One item of `status.conditions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'s, 'a> {
    /// A well-shaped condition.
    Condition(&'s Condition<'a>),
    /// An object with a fault.
    Broken(&'s ItemFields<'a>),
    /// No object; `None` for `null`.
    Odd(Option<Raw<'a>>),
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

static EMPTY: ItemFields<'static> = ItemFields {
    condition_type: None,
    status: None,
    reason: None,
    message: None,
    time: None,
    observed_generation: None,
};

fields!(ItemFields<'a> {
    "type" => condition_type,
    "status" => status,
    "reason" => reason,
    "message" => message,
    "lastTransitionTime" => time,
    "observedGeneration" => observed_generation,
});

impl<'s, 'a> Item<'s, 'a> {
    /// The condition, where the item is well-shaped.
    #[must_use]
    pub const fn condition(self) -> Option<&'s Condition<'a>> {
        match self {
            Self::Condition(condition) => Some(condition),
            Self::Broken(_) | Self::Odd(_) => None,
        }
    }

    /// The type, where it is a string, whatever else is wrong with the item.
    #[must_use]
    pub fn readable_type(self) -> Option<Cow<'s, str>> {
        match self {
            Self::Condition(condition) => Some(Cow::Borrowed(&condition.condition_type)),
            Self::Broken(fields) => fields.condition_type?.string(),
            Self::Odd(_) => None,
        }
    }
}

impl<'a> ItemFields<'a> {
    /// What is wrong with the shape, one fault for each broken field.
    pub fn shape_faults(&self) -> impl Iterator<Item = ShapeFault<'a>> {
        shape::faults(self).into_iter().flatten()
    }
}

/// The items of `status.conditions`. Items without readable fields take little memory, so that a body of many small items
/// does not grow in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions<'a> {
    items: Vec<Kept<'a>>,
    well_shaped: Vec<Condition<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept<'a> {
    /// The index among the well-shaped ones.
    Condition(usize),
    Broken(Box<ItemFields<'a>>),
    Empty,
    Odd(Option<Box<Raw<'a>>>),
}

/// Most lists have no more conditions than this.
const USUAL: usize = 5;

impl<'a> Items<'a> for Conditions<'a> {
    fn push(&mut self, json: &mut Reader<'a>) -> Result<(), Malformed> {
        let mut item = json.clone();
        let mut fields = ItemFields::default();
        let kept = if !json.object(|key, json| fields.read_field(key, json))? {
            let value = item.raw()?;
            Kept::Odd((!value.is_null()).then(|| Box::new(value)))
        } else if let Some(condition) = shape::condition(&fields) {
            if self.well_shaped.is_empty() {
                self.well_shaped.reserve_exact(USUAL);
            }
            self.well_shaped.push(condition);
            Kept::Condition(self.well_shaped.len() - 1)
        } else if fields == EMPTY {
            Kept::Empty
        } else {
            Kept::Broken(Box::new(fields))
        };
        if self.items.is_empty() {
            self.items.reserve_exact(USUAL);
        }
        self.items.push(kept);
        Ok(())
    }
}

impl<'a> Conditions<'a> {
    /// How many items there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is no item.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The item at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Item<'_, 'a>> {
        Some(self.item(self.items.get(index)?))
    }

    /// All items, in the list's order.
    pub fn iter(&self) -> impl Iterator<Item = Item<'_, 'a>> {
        self.items.iter().map(|kept| self.item(kept))
    }

    fn item<'s>(&'s self, kept: &'s Kept<'a>) -> Item<'s, 'a> {
        match kept {
            Kept::Condition(index) => Item::Condition(&self.well_shaped[*index]),
            Kept::Broken(fields) => Item::Broken(fields),
            Kept::Empty => Item::Broken(&EMPTY),
            Kept::Odd(value) => Item::Odd(value.as_deref().copied()),
        }
    }
}
