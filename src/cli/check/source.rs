//! The text of a file, and places in it.

use std::cell::OnceCell;
use std::ops::Range;

use crate::check::{Format, ItemPlace, Locator, Step};
use crate::text::is_hidden;

/// A longer line is not shown.
const MAX_LINE: usize = 400;

/// The text of a file; places are worked out when the first one is asked for.
#[derive(Debug)]
pub(super) struct Source<'t> {
    text: &'t str,
    format: Format,
    index: OnceCell<Index<'t>>,
}

#[derive(Debug)]
struct Index<'t> {
    locator: Locator<'t>,
    /// Where each line begins.
    lines: Vec<usize>,
    /// How many characters there are before each block, so that a long line is not counted again for each place in it.
    blocks: Vec<usize>,
}

/// Bytes in a block.
const BLOCK: usize = 4096;

impl<'t> Index<'t> {
    fn of(text: &'t str, format: Format) -> Self {
        let mut characters = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            let before = characters;
            characters += starts(block);
            before
        });
        Self {
            locator: Locator::of(text, format),
            blocks: blocks.collect(),
            lines: std::iter::once(0)
                .chain(text.match_indices('\n').map(|(at, _)| at + 1))
                .collect(),
        }
    }

    /// How many characters begin before a byte of the text.
    fn characters_before(&self, text: &str, at: usize) -> usize {
        let block = at / BLOCK;
        let before = self.blocks.get(block).copied().unwrap_or_default();
        before + starts(&text.as_bytes()[block * BLOCK..at])
    }
}

/// How many characters of UTF-8 begin in some bytes.
fn starts(bytes: &[u8]) -> usize {
    let is_start = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
    bytes.iter().filter(is_start).count()
}

/// A place in a file. Lines and columns are counted from one, columns in characters; the end is behind the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Located {
    pub line: usize,
    pub column: usize,
    pub end_column: usize,
    /// The line, unless it is too long to be shown, and the bytes of the place in it.
    pub excerpt: Option<(String, Range<usize>)>,
    /// Whether the place is all of the value that was looked for, so that another can be put there.
    pub is_whole: bool,
}

impl<'t> Source<'t> {
    pub(super) const fn new(text: &'t str, format: Format) -> Self {
        Self {
            text,
            format,
            index: OnceCell::new(),
        }
    }

    /// The place of the value that the steps lead to, or of the last one on the way.
    pub(super) fn locate(&self, item: &ItemPlace, steps: &[Step]) -> Located {
        let index = self.index.get_or_init(|| Index::of(self.text, self.format));
        let found = index.locator.find(item, steps);
        let is_whole = found.is_whole;
        let found = found.bytes;
        let line = index.lines.partition_point(|start| *start <= found.start);
        let start = line.checked_sub(1).and_then(|it| index.lines.get(it));
        let start = start.copied().unwrap_or_default();
        let end = index.lines.get(line).copied().unwrap_or(self.text.len());
        let text = self.text[start..end].trim_end_matches(['\r', '\n']);
        // What goes on in the next line is marked to the end of its first one.
        let from = (found.start - start).min(text.len());
        let to = (found.end - start).clamp(from, text.len());
        let before_line = index.characters_before(self.text, start);
        let column = |at: usize| index.characters_before(self.text, start + at) - before_line + 1;
        Located {
            line,
            column: column(from),
            end_column: column(to),
            is_whole: is_whole && found.end == start + to,
            excerpt: (text.len() <= MAX_LINE).then(|| excerpt(text, from..to)),
        }
    }
}

/// A line without what a terminal would act on or not show, and where a part of it is then.
fn excerpt(line: &str, part: Range<usize>) -> (String, Range<usize>) {
    let visible = |text: &str| -> String {
        let visible = |character| {
            if character != '\t' && is_hidden(character) {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            }
        };
        text.chars().map(visible).collect()
    };
    let before = visible(&line[..part.start]);
    let marked = visible(&line[part.clone()]);
    let after = visible(&line[part.end..]);
    let range = before.len()..before.len() + marked.len();
    ([before, marked, after].concat(), range)
}
