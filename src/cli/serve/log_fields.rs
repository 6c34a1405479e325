//! The fields of an event as one line of plain text: the message, then `name="text"` or `name=value`.
//!
//! As `tracing_subscriber` writes the fields of this program where there are no colours, but without asking for styles: a
//! line for each review is the largest part of what a review costs beyond its judgement.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use crate::text::is_hidden;

/// Formats fields without colours.
#[derive(Clone, Copy, Debug)]
pub struct PlainFields;

impl<'w> FormatFields<'w> for PlainFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut line = Line {
            writer,
            is_empty: true,
            result: Ok(()),
        };
        fields.record(&mut line);
        line.result
    }
}

struct Line<'w> {
    writer: Writer<'w>,
    is_empty: bool,
    result: fmt::Result,
}

impl Line<'_> {
    fn add(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        self.result = self.result.and_then(|()| {
            if !self.is_empty {
                self.writer.write_char(' ')?;
            }
            self.is_empty = false;
            if field.name() != "message" {
                self.writer.write_str(field.name())?;
                self.writer.write_char('=')?;
            }
            value(&mut self.writer)
        });
    }
}

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let is_plain = |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        self.add(field, |writer| {
            if !value.bytes().all(is_plain) {
                return write!(writer, "{value:?}");
            }
            writer.write_char('"')?;
            writer.write_str(value)?;
            writer.write_char('"')
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, |writer| write!(Escaping(writer), "{value:?}"));
    }
}

/// Lets nothing through that would end the line or act on a terminal.
struct Escaping<'a, 'w>(&'a mut Writer<'w>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text.contains(is_hidden) {
            return self.0.write_str(text);
        }
        for character in text.chars() {
            if is_hidden(character) {
                write!(self.0, "{}", character.escape_debug())?;
            } else {
                self.0.write_char(character)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use tracing::Level;
    use tracing_subscriber::fmt::format::DefaultFields;
    use tracing_subscriber::fmt::{FormatFields, SubscriberBuilder};

    use super::PlainFields;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written<F>(fields: F, log: impl Fn()) -> String
    where
        F: for<'w> FormatFields<'w> + Send + Sync + 'static,
    {
        let written = Written::default();
        let sink = written.clone();
        let subscriber = SubscriberBuilder::default()
            .fmt_fields(fields)
            .with_ansi(false)
            .without_time()
            .with_max_level(Level::TRACE)
            .with_writer(move || sink.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn every_kind_of_field() {
        let nothing: Option<&str> = None;
        tracing::info!(
            text = "plain",
            quoted = "a \"b\" \\ c",
            umlaut = "J\u{f6}rg",
            newline = "a\nb",
            truth = true,
            number = -1,
            fraction = 1.0383e-5,
            nothing,
            shown = %"as it is",
            debugged = ?["x"],
            "review answered"
        );
        tracing::warn!(number = 1);
        tracing::error!("{} alone", "message");
    }

    #[test]
    fn fields_are_written_as_the_library_writes_them() {
        let text = written(PlainFields, every_kind_of_field);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert_eq!(text, written(DefaultFields::new(), every_kind_of_field));
    }

    #[test]
    fn nothing_that_is_shown_ends_the_line_or_acts_on_a_terminal() {
        let text = written(PlainFields, || {
            tracing::info!(shown = %"a\nb\u{1b}[31m\u{202e}", "{}", "c\r\nd");
        });
        assert_eq!(
            text,
            " INFO wfe_webhook::cli::serve::log_fields::tests: c\\r\\nd shown=a\\nb\\u{1b}[31m\\u{202e}\n"
        );
    }
}
