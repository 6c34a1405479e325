//! Text for a terminal: wrapped paragraphs, indented blocks, tables.

use std::fmt::Write as _;

/// The longest line, in characters, unless one word is longer.
const WIDTH: usize = 100;

/// `text` in lines of at most [`WIDTH`] characters, each after `indent` spaces.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let word_length = word.chars().count();
        if length > 0 && indent + length + 1 + word_length <= WIDTH {
            lines.push(' ');
            length += 1;
        } else {
            if length > 0 {
                lines.push('\n');
            }
            lines.push_str(&" ".repeat(indent));
            length = 0;
        }
        lines.push_str(word);
        length += word_length;
    }
    lines + "\n"
}

/// Lines behind a heading, each after four spaces, with an empty line around the heading.
pub(super) fn block(text: &mut String, heading: &str, lines: &str) {
    // Writing to a string cannot fail.
    let _ = write!(text, "\n{heading}:\n\n");
    for line in lines.trim_matches('\n').lines() {
        let _ = writeln!(text, "    {line}");
    }
}

/// Columns of text.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        let mut table = Self { rows: Vec::new() };
        table.row(head);
        table
    }

    pub(super) fn row(&mut self, cells: &[&str]) {
        let cells = cells.iter().map(|&cell| cell.to_owned());
        self.rows.push(cells.collect());
    }

    pub(super) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..columns).filter_map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(line, "{cell:width$}  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, WIDTH, wrapped};

    #[test]
    fn a_paragraph_is_broken_between_words_and_never_longer_than_a_line() {
        let text = "word ".repeat(60);
        let lines = wrapped(text.trim_end(), 4);
        assert_eq!(lines.split_whitespace().collect::<Vec<_>>(), ["word"; 60]);
        for line in lines.lines() {
            assert!(
                line.len() <= WIDTH && line.starts_with("    word"),
                "{line}"
            );
        }
        assert_eq!(lines.lines().next().map(str::len), Some(4 + 19 * 5 - 1));
        let long = "x".repeat(2 * WIDTH);
        assert_eq!(
            wrapped(&format!("a {long} b"), 0),
            format!("a\n{long}\nb\n")
        );
    }

    #[test]
    fn the_columns_of_a_table_stand_below_each_other() {
        let mut table = Table::new(&["a", "bb"]);
        table.row(&["ccc", ""]);
        table.row(&["", "d"]);
        assert_eq!(table.text(), "a    bb\nccc\n     d\n");
    }
}
