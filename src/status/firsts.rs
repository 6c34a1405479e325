use std::collections::HashMap;

use super::{Condition, Status};
use crate::vocabulary::Vocabulary;

/// Finds the first well-shaped condition of a type: it stands for the type, and later ones are duplicates.
#[derive(Debug)]
pub struct Firsts<'s> {
    status: &'s Status<'s>,
    /// The webhook's own conditions under this vocabulary are ignored.
    without_own_of: Option<&'static Vocabulary>,
    by_type: Option<HashMap<&'s str, usize>>,
}

/// From this many items on a hash table is built, so that a long list costs no quadratic time.
const HASHED_FROM: usize = 24;

impl<'s> Firsts<'s> {
    /// Prepares the look-up in `status`.
    #[must_use]
    pub fn new(status: &'s Status<'s>) -> Self {
        Self::prepare(status, None)
    }

    /// The same, as if the webhook's own conditions under `vocabulary` were not there.
    #[must_use]
    pub fn without_own(status: &'s Status<'s>, vocabulary: &'static Vocabulary) -> Self {
        Self::prepare(status, Some(vocabulary))
    }

    fn prepare(status: &'s Status<'s>, without_own_of: Option<&'static Vocabulary>) -> Self {
        let mut firsts = Self {
            status,
            without_own_of,
            by_type: None,
        };
        let items = status.conditions.present();
        if items.is_some_and(|items| items.len() >= HASHED_FROM) {
            let mut by_type = HashMap::new();
            for (index, condition) in firsts.conditions() {
                by_type.entry(&*condition.condition_type).or_insert(index);
            }
            firsts.by_type = Some(by_type);
        }
        firsts
    }

    fn conditions(&self) -> impl Iterator<Item = (usize, &'s Condition<'s>)> + use<'s> {
        let without_own_of = self.without_own_of;
        self.status.conditions().filter(move |(_, condition)| {
            !without_own_of.is_some_and(|vocabulary| condition.is_own(vocabulary))
        })
    }

    /// The first well-shaped condition of the type, with its index.
    #[must_use]
    pub fn get(&self, condition_type: &str) -> Option<(usize, &'s Condition<'s>)> {
        match &self.by_type {
            None => self
                .conditions()
                .find(|(_, condition)| condition.condition_type == condition_type),
            Some(by_type) => {
                let index = *by_type.get(condition_type)?;
                Some((index, self.status.item(index)?.condition()?))
            }
        }
    }
}
