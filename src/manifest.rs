//! Objects of the API server as YAML documents for `kubectl apply`.

use serde::Serialize;
use serde::ser::Error;
use serde_saphyr::SerializeError;

/// One document. Its fields are in the order of their names.
///
/// # Errors
///
/// Never with objects of the API; the serializer's signature asks for it.
pub(crate) fn document(object: &impl Serialize) -> Result<String, SerializeError> {
    // By way of one type: a writer of YAML for each kind would add to the program's size.
    let object = serde_json::to_value(object).map_err(SerializeError::custom)?;
    // Expressions have several lines. A caBundle is one long word: folded into a block it would be no easier to read.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let yaml = serde_saphyr::to_string_with_options(&object, options)?;
    Ok(format!("---\n{yaml}"))
}
