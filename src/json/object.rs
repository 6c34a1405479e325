use super::{Malformed, Raw, Reader};

/// The fields of an object that something reads.
pub(crate) trait Fields<'a>: Default {
    /// Takes the value of `key`, or skips it where nothing reads it. Called for each key as it comes, so that the last
    /// one of a duplicate key wins.
    ///
    /// # Errors
    ///
    /// When the value is not valid JSON.
    fn read_field(&mut self, key: &str, json: &mut Reader<'a>) -> Result<(), Malformed>;
}

/// A field that takes any JSON value.
pub(crate) trait Read<'a> {
    /// Takes the next value in place of what stands.
    ///
    /// # Errors
    ///
    /// When the value is not valid JSON.
    fn read(&mut self, json: &mut Reader<'a>) -> Result<(), Malformed>;
}

/// `null` is absent.
impl<'a> Read<'a> for Option<Raw<'a>> {
    fn read(&mut self, json: &mut Reader<'a>) -> Result<(), Malformed> {
        *self = Some(json.raw()?).filter(|raw| !raw.is_null());
        Ok(())
    }
}

/// Anything but an object is absent. The fields are filled where they stand, so that large objects are never moved.
impl<'a, T: Fields<'a>> Read<'a> for Option<T> {
    fn read(&mut self, json: &mut Reader<'a>) -> Result<(), Malformed> {
        let fields = self.insert(T::default());
        if !json.object(|key, json| fields.read_field(key, json))? {
            *self = None;
        }
        Ok(())
    }
}

/// Implements [`Fields`] for a struct: JSON key => field, everything else skipped.
macro_rules! fields {
    ($name:ident<$lifetime:lifetime> { $($key:literal => $field:ident),+ $(,)? }) => {
        impl<$lifetime> $crate::json::Fields<$lifetime> for $name<$lifetime> {
            fn read_field(
                &mut self,
                key: &str,
                json: &mut $crate::json::Reader<$lifetime>,
            ) -> Result<(), $crate::json::Malformed> {
                match key {
                    $($key => $crate::json::Read::read(&mut self.$field, json),)+
                    _ => json.skip(),
                }
            }
        }
    };
}
pub(crate) use fields;
