use std::collections::HashMap;

use super::{Condition, Status};

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
        let items = status.conditions.present();
        let is_long = items.is_some_and(|items| items.len() >= HASHED_FROM);
        let by_type = is_long.then(|| {
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
                Some((index, self.status.item(index)?.condition()?))
            }
        }
    }
}
