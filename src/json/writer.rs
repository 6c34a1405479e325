use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::string::{escape, plain_length};

/// JSON that is put together in one buffer.
#[derive(Debug)]
pub(crate) struct Writer(String);

impl Writer {
    /// Nothing yet, with room for so many bytes.
    #[must_use]
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Adds JSON as it is.
    pub(crate) fn raw(&mut self, json: &str) {
        self.0.push_str(json);
    }

    /// Adds a string.
    pub(crate) fn string(&mut self, text: &str) {
        self.0.push('"');
        let mut rest = text;
        loop {
            let (plain, special) = rest.split_at(plain_length(rest.as_bytes()));
            self.0.push_str(plain);
            let Some((special, after)) = special.split_at_checked(1) else {
                break;
            };
            escape(special, &mut self.0);
            rest = after;
        }
        self.0.push('"');
    }

    /// Adds bytes in base64, as a string.
    pub(crate) fn base64(&mut self, bytes: &[u8]) {
        self.0.push('"');
        STANDARD.encode_string(bytes, &mut self.0);
        self.0.push('"');
    }

    /// Adds `items` with commas between them, each by `write`.
    pub(crate) fn separated<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            write(self, item);
        }
    }

    /// All of it.
    #[must_use]
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Writer;

    fn written(write: impl FnOnce(&mut Writer)) -> String {
        let mut json = Writer::with_room(0);
        write(&mut json);
        String::from_utf8(json.into_bytes()).unwrap()
    }

    #[test]
    fn every_control_character_is_escaped_as_serde_json_does() {
        let all: String = (0..=0x100).filter_map(char::from_u32).collect();
        assert_eq!(
            written(|json| json.string(&all)),
            serde_json::to_string(&all).unwrap()
        );
    }

    proptest! {
        #[test]
        fn any_string_is_written_as_serde_json_writes_it(text in "[\\x00-\\x7f\u{e9}\u{65e5}]{0,40}") {
            prop_assert_eq!(
                written(|json| json.string(&text)),
                serde_json::to_string(&text).unwrap()
            );
        }
    }

    #[test]
    fn commas_stand_between_items_alone() {
        for (items, expected) in [(&[][..], ""), (&["1"], "1"), (&["1", "2", "3"], "1,2,3")] {
            assert_eq!(
                written(|json| json.separated(items, |json, item| json.raw(item))),
                expected
            );
        }
    }
}
