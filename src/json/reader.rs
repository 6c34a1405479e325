use std::borrow::Cow;

use super::nesting::{Container, Nesting};
use super::{Raw, string};

/// Why a text is not valid JSON: what is expected at [`Reader::position`]. It is small, so that it costs nothing on success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// An object, a list, a string, a number, `true`, `false` or `null`.
    #[error("expected a value")]
    Value,
    /// A digit of a number.
    #[error("expected a digit")]
    Digit,
    /// The quote at a string's end.
    #[error("expected a quote")]
    Quote,
    /// An escape that JSON knows.
    #[error("expected an escape of JSON")]
    Escape,
    /// A control character escaped.
    #[error("expected no control character")]
    NoControlCharacter,
    /// A field's name.
    #[error("expected a field's name in quotes")]
    Name,
    /// What comes after a field's name.
    #[error("expected a colon")]
    Colon,
    /// What comes after an item or a field.
    #[error("expected a comma or a closing bracket")]
    CommaOrBracket,
    /// Nothing more.
    #[error("expected the end of the text")]
    End,
}

type Result<T> = std::result::Result<T, Malformed>;

/// A place in a JSON text (RFC 8259). Each method moves past one value.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// The beginning of `text`.
    #[must_use]
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// How many bytes have been read; after an error, where it is.
    #[must_use]
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    /// The text of the next value.
    ///
    /// # Errors
    ///
    /// When it is not valid JSON.
    pub(crate) fn raw(&mut self) -> Result<Raw<'a>> {
        let first = self.token();
        let start = self.at;
        let is_plain = if first == b'"' {
            self.at += 1;
            self.string_rest()?
        } else {
            self.skip()?;
            false
        };
        Ok(Raw::new(&self.text[start..self.at], is_plain))
    }

    /// The next value's fields, each given with the reader at its value; returns whether the value was an object, and
    /// skips what is none. `field` must move past the value.
    ///
    /// # Errors
    ///
    /// When it is not valid JSON, or `field` fails.
    pub(crate) fn object(
        &mut self,
        mut field: impl FnMut(&str, &mut Self) -> Result<()>,
    ) -> Result<bool> {
        if !self.skip_bracket(b'{') {
            return self.skip().map(|()| false);
        }
        if self.skip_bracket(b'}') {
            return Ok(true);
        }
        loop {
            let key = self.key()?;
            field(&key, self)?;
            if !self.goes_on(b'}')? {
                return Ok(true);
            }
        }
    }

    /// The next value's items, each given by the reader at it; returns whether the value was a list, and skips
    /// what is none. `item` must move past the item.
    ///
    /// # Errors
    ///
    /// When it is not valid JSON, or `item` fails.
    pub(crate) fn list(&mut self, mut item: impl FnMut(&mut Self) -> Result<()>) -> Result<bool> {
        if !self.skip_bracket(b'[') {
            return self.skip().map(|()| false);
        }
        if self.skip_bracket(b']') {
            return Ok(true);
        }
        loop {
            item(self)?;
            if !self.goes_on(b']')? {
                return Ok(true);
            }
        }
    }

    /// Skips the next value. It may be nested as deep as it likes.
    ///
    /// # Errors
    ///
    /// When it is not valid JSON.
    pub(crate) fn skip(&mut self) -> Result<()> {
        let mut open = Nesting::default();
        loop {
            match self.token() {
                b'{' => {
                    self.at += 1;
                    if !self.skip_bracket(b'}') {
                        open.push(Container::Object);
                        self.skip_key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if !self.skip_bracket(b']') {
                        open.push(Container::List);
                        continue;
                    }
                }
                first => self.skip_scalar(first)?,
            }
            loop {
                let Some(container) = open.innermost() else {
                    return Ok(());
                };
                if self.goes_on(container.closing_bracket())? {
                    if container == Container::Object {
                        self.skip_key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    /// Whether nothing but white space is left.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.at == self.text.len()
    }

    /// The end of the text.
    ///
    /// # Errors
    ///
    /// When anything but white space is left.
    pub(crate) fn end(&mut self) -> Result<()> {
        if self.is_at_end() {
            return Ok(());
        }
        Err(Malformed::End)
    }

    fn key(&mut self) -> Result<Cow<'a, str>> {
        let start = self.at_key()?;
        let is_plain = self.string_rest()?;
        let end = self.at - 1;
        self.colon()?;
        let key = &self.text[start..end];
        if is_plain {
            return Ok(Cow::Borrowed(key));
        }
        Ok(Cow::Owned(string::decode(key, usize::MAX)))
    }

    fn skip_key(&mut self) -> Result<()> {
        self.at_key()?;
        self.string_rest()?;
        self.colon()
    }

    fn at_key(&mut self) -> Result<usize> {
        if self.token() != b'"' {
            return Err(Malformed::Name);
        }
        self.at += 1;
        Ok(self.at)
    }

    fn colon(&mut self) -> Result<()> {
        if self.token() != b':' {
            return Err(Malformed::Colon);
        }
        self.at += 1;
        Ok(())
    }

    /// Moves past a bracket if it comes next.
    fn skip_bracket(&mut self, bracket: u8) -> bool {
        let comes = self.token() == bracket;
        self.at += usize::from(comes);
        comes
    }

    /// Whether another item follows, or else the end.
    fn goes_on(&mut self, bracket: u8) -> Result<bool> {
        let token = self.token();
        if token != b',' && token != bracket {
            return Err(Malformed::CommaOrBracket);
        }
        self.at += 1;
        Ok(token == b',')
    }

    fn skip_scalar(&mut self, first: u8) -> Result<()> {
        match first {
            b'"' => {
                self.at += 1;
                self.string_rest().map(|_| ())
            }
            b'-' | b'0'..=b'9' => self.skip_number(),
            b't' => self.skip_word("true"),
            b'f' => self.skip_word("false"),
            b'n' => self.skip_word("null"),
            _ => Err(Malformed::Value),
        }
    }

    fn skip_word(&mut self, word: &str) -> Result<()> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(Malformed::Value);
        }
        self.at += word.len();
        Ok(())
    }

    fn skip_number(&mut self) -> Result<()> {
        self.skip_if(b"-");
        if !self.skip_if(b"0") {
            self.skip_digits()?;
        }
        if self.skip_if(b".") {
            self.skip_digits()?;
        }
        if self.skip_if(b"eE") {
            self.skip_if(b"+-");
            self.skip_digits()?;
        }
        Ok(())
    }

    fn skip_if(&mut self, any: &[u8]) -> bool {
        let skips = self.rest().first().is_some_and(|byte| any.contains(byte));
        self.at += usize::from(skips);
        skips
    }

    fn skip_digits(&mut self) -> Result<()> {
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit());
        let count = digits.count();
        if count == 0 {
            return Err(Malformed::Digit);
        }
        self.at += count;
        Ok(())
    }

    /// Moves past a string whose first quote has been read. Returns whether it has no escapes.
    #[inline]
    fn string_rest(&mut self) -> Result<bool> {
        let rest = self.rest();
        let length = string::plain_length(rest);
        if rest.get(length) == Some(&b'"') {
            self.at += length + 1;
            return Ok(true);
        }
        self.at += length;
        self.string_rest_from_escape().map(|()| false)
    }

    #[cold]
    fn string_rest_from_escape(&mut self) -> Result<()> {
        loop {
            match self.rest() {
                [b'"', ..] => {
                    self.at += 1;
                    return Ok(());
                }
                [b'\\', rest @ ..] => {
                    let Some(length) = string::escape_length(rest) else {
                        return Err(Malformed::Escape);
                    };
                    self.at += 1 + length;
                }
                [] => return Err(Malformed::Quote),
                _ => return Err(Malformed::NoControlCharacter),
            }
            self.at += string::plain_length(self.rest());
        }
    }

    /// The first byte of what comes next; 0, which begins nothing, at the end.
    #[inline]
    fn token(&mut self) -> u8 {
        match self.text.as_bytes().get(self.at) {
            Some(&byte) if byte > b' ' => byte,
            _ => self.token_after_space(),
        }
    }

    #[cold]
    fn token_after_space(&mut self) -> u8 {
        self.skip_space();
        self.rest().first().copied().unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.rest().iter().take_while(is_space).count();
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
