use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Number;

use super::Raw;

/// An object's key, or any string, as bytes: neither its UTF-8 nor its surrogates are checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key<'a>(Cow<'a, [u8]>);

impl Key<'_> {
    /// The decoded bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(bytes)))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(bytes.to_vec())))
            }
        }
        deserializer.deserialize_bytes(KeyVisitor)
    }
}

/// The fields of an object that something reads.
pub trait Fields<'de>: Default {
    /// Takes the value of `key`; one that nothing reads is to be skipped with `IgnoredAny`. Called once for each key as
    /// it comes, so that the last one of a duplicate key wins.
    ///
    /// # Errors
    ///
    /// When the JSON ends or is malformed.
    fn read<A: MapAccess<'de>>(&mut self, key: &[u8], map: &mut A) -> Result<(), A::Error>;
}

/// What is made of an object once all its fields are read.
pub trait Object<'de>: From<Self::Fields> {
    /// The fields.
    type Fields: Fields<'de>;
}

/// What a field holds that should hold a `T`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<'a, T> {
    /// Nothing, or `null`.
    #[default]
    Absent,
    /// A `T`.
    Present(T),
    /// Something else.
    Odd(Odd<'a>),
}

impl<T> Field<'_, T> {
    /// The `T`, where there is one.
    pub const fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Odd(_) => None,
        }
    }
}

/// A value of a type that nothing expects, kept to be shown and compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Odd<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// An array: its first items, and how many it has.
    Array(Vec<Raw<'a>>, usize),
    /// An object: its first fields, and how many it has.
    Object(Vec<(Key<'a>, Raw<'a>)>, usize),
    /// A list of more than [`MAX_ITEMS`] objects.
    LongList(usize),
}

/// How much of an odd array or object is kept.
const KEPT: usize = 32;

/// The longest list whose items are looked at. A well-shaped condition takes over 80 bytes and an API server takes
/// requests of 3 MiB, so that no one can write so many.
pub const MAX_ITEMS: usize = 65_536;

impl fmt::Display for Odd<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::Array(items, count) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{}", separator(at), item.text())?;
                }
                f.write_str(if *count > items.len() { ",...]" } else { "]" })
            }
            Self::Object(fields, count) => {
                f.write_str("{")?;
                for (at, (key, value)) in fields.iter().enumerate() {
                    let key = String::from_utf8_lossy(key.bytes());
                    write!(f, "{}{key:?}:{}", separator(at), value.text())?;
                }
                f.write_str(if *count > fields.len() { ",...}" } else { "}" })
            }
            Self::LongList(count) => write!(f, "a list of {count} items"),
        }
    }
}

const fn separator(at: usize) -> &'static str {
    if at == 0 { "" } else { "," }
}

/// Takes what is left of an array, keeps the first items, and counts all.
fn keep_first<'de, A: SeqAccess<'de>>(items: &mut A) -> Result<Odd<'de>, A::Error> {
    let mut kept = Vec::new();
    while kept.len() < KEPT {
        let Some(item) = items.next_element()? else {
            let count = kept.len();
            return Ok(Odd::Array(kept, count));
        };
        kept.push(item);
    }
    let count = KEPT + count_rest(items)?;
    Ok(Odd::Array(kept, count))
}

fn count_rest<'de, A: SeqAccess<'de>>(items: &mut A) -> Result<usize, A::Error> {
    let mut count = 0;
    while items.next_element::<IgnoredAny>()?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// Every visit of a scalar where an object or a list belongs.
macro_rules! odd_scalars {
    ($lifetime:lifetime) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON value")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Field::Absent)
        }

        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok(Field::Odd(Odd::Bool(value)))
        }

        fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
            Ok(Field::Odd(Odd::Number(value.into())))
        }

        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            Ok(Field::Odd(Odd::Number(value.into())))
        }

        fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
            // JSON knows no other number than a finite one.
            let number = Number::from_f64(value).unwrap_or_else(|| 0.into());
            Ok(Field::Odd(Odd::Number(number)))
        }

        fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
            Ok(Field::Odd(Odd::Text(value.to_owned())))
        }
    };
}

impl<'de: 'a, 'a, T: Object<'de>> Deserialize<'de> for Field<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Object<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Field<'de, T>;
            odd_scalars!('de);

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = T::Fields::default();
                while let Some(key) = map.next_key::<Key<'de>>()? {
                    fields.read(key.bytes(), &mut map)?;
                }
                Ok(Field::Present(fields.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                keep_first(&mut items).map(Field::Odd)
            }
        }
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

impl<'de: 'a, 'a, T: Object<'de>> Deserialize<'de> for Field<'a, Vec<Field<'a, T>>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: Object<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = Field<'de, Vec<Field<'de, T>>>;
            odd_scalars!('de);

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                let mut count = 0;
                while let Some(field) = map.next_entry::<Key<'de>, Raw<'de>>()? {
                    count += 1;
                    if count <= KEPT {
                        fields.push(field);
                    }
                }
                Ok(Field::Odd(Odd::Object(fields, count)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    if list.is_empty() {
                        list.reserve(8);
                    }
                    list.push(item);
                    if list.len() > MAX_ITEMS {
                        let count = list.len() + count_rest(&mut items)?;
                        return Ok(Field::Odd(Odd::LongList(count)));
                    }
                }
                Ok(Field::Present(list))
            }
        }
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// Skips the value of a key that nothing reads.
///
/// # Errors
///
/// When the JSON ends or is malformed.
pub fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

/// Implements [`Fields`] for a struct: JSON key => field, everything else skipped.
macro_rules! fields {
    ($name:ident<$lifetime:lifetime> { $($key:literal => $field:ident),+ $(,)? }) => {
        impl<$lifetime> $crate::json::Fields<$lifetime> for $name<$lifetime> {
            fn read<A: serde::de::MapAccess<$lifetime>>(
                &mut self,
                key: &[u8],
                map: &mut A,
            ) -> Result<(), A::Error> {
                match key {
                    $($key => self.$field = map.next_value()?,)+
                    _ => $crate::json::skip(map)?,
                }
                Ok(())
            }
        }

        impl<$lifetime> $crate::json::Object<$lifetime> for $name<$lifetime> {
            type Fields = Self;
        }
    };
}
pub(crate) use fields;
