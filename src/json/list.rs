use super::{Malformed, Raw, Read, Reader};

/// What a list is made into, item by item.
pub(crate) trait Items<'a>: Default {
    /// Takes the next item.
    ///
    /// # Errors
    ///
    /// When it is not valid JSON.
    fn push(&mut self, json: &mut Reader<'a>) -> Result<(), Malformed>;
}

/// A field that should hold a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum List<'a, T> {
    /// Nothing, or `null`.
    #[default]
    Absent,
    /// A list.
    Present(T),
    /// A list of more than [`MAX_ITEMS`] items, and how many.
    TooLong(usize),
    /// Something else.
    Odd(Raw<'a>),
}

/// The longest list whose items are read (spec section 3): it bounds the time and the memory that a review takes. No
/// real object has 50 conditions.
pub(crate) const MAX_ITEMS: usize = 1_024;

impl<T> List<'_, T> {
    /// What was made of the list, where there is one.
    pub const fn present(&self) -> Option<&T> {
        match self {
            Self::Present(items) => Some(items),
            Self::Absent | Self::TooLong(_) | Self::Odd(_) => None,
        }
    }
}

impl<'a, T: Items<'a>> Read<'a> for List<'a, T> {
    fn read(&mut self, json: &mut Reader<'a>) -> Result<(), Malformed> {
        let mut before = json.clone();
        let mut items = T::default();
        let mut count = 0;
        let is_list = json.list(|json| {
            count += 1;
            if count > MAX_ITEMS {
                return json.skip();
            }
            items.push(json)
        })?;
        *self = match count {
            _ if !is_list => Some(before.raw()?)
                .filter(|raw| !raw.is_null())
                .map_or(Self::Absent, Self::Odd),
            0..=MAX_ITEMS => Self::Present(items),
            _ => Self::TooLong(count),
        };
        Ok(())
    }
}
