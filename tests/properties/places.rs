//! Where a value is: a printer that knows where it puts each value is compared with the locator that has to find it.

use std::ops::Range;

use proptest::prelude::*;
use wfe_webhook::check::{Format, ItemPlace, Locator, Step, read};

/// A value, with how it is written.
#[derive(Clone, Debug)]
enum Tree {
    /// A text, its style, and what stands before it.
    Text(String, Style, Prefix),
    /// A list in a block or in brackets.
    List(Vec<Tree>, bool),
    /// An object in a block or in braces. Its keys are numbers from zero.
    Map(Vec<Tree>, bool),
}

#[derive(Clone, Copy, Debug)]
enum Style {
    Plain,
    Single,
    Double,
}

#[derive(Clone, Copy, Debug)]
enum Prefix {
    Nothing,
    Tag,
    Anchor,
}

/// Text of every width, without what ends a plain scalar.
const TEXT: &str = "[a-z\u{e9}\u{65e5}\u{1f600}][a-z \u{e9}\u{301}\u{65e5}\u{1f600}\u{200d}]{0,6}[a-z\u{e9}\u{65e5}]";

fn trees() -> impl Strategy<Value = Tree> {
    let style = prop_oneof![Just(Style::Plain), Just(Style::Single), Just(Style::Double)];
    let prefix = prop_oneof![
        Just(Prefix::Nothing),
        Just(Prefix::Tag),
        Just(Prefix::Anchor)
    ];
    let leaf =
        (TEXT, style, prefix).prop_map(|(text, style, prefix)| Tree::Text(text, style, prefix));
    let inner = leaf.prop_recursive(4, 24, 4, |inner| {
        let some = prop::collection::vec(inner, 1..4);
        prop_oneof![
            (some.clone(), any::<bool>()).prop_map(|(items, flow)| Tree::List(items, flow)),
            (some, any::<bool>()).prop_map(|(items, flow)| Tree::Map(items, flow)),
        ]
    });
    prop::collection::vec(inner, 1..4).prop_map(|items| Tree::Map(items, false))
}

/// A text while it is written, and the places of its values.
struct Printer {
    text: String,
    line_end: &'static str,
    comment: String,
    anchors: usize,
    places: Vec<(Vec<Step>, Range<usize>)>,
}

impl Printer {
    fn line(&mut self, indent: usize) {
        self.text += self.line_end;
        self.text += &" ".repeat(indent);
    }

    fn mark(&mut self, way: &[Step], written: &str) {
        let start = self.text.len();
        self.text += written;
        self.places.push((way.to_vec(), start..self.text.len()));
    }

    fn leaf(&mut self, (text, style, prefix): (&str, Style, Prefix), way: &[Step], is_json: bool) {
        match prefix {
            Prefix::Tag if !is_json => self.text += "!!str ",
            Prefix::Anchor if !is_json => {
                self.anchors += 1;
                let anchor = format!("&a{} ", self.anchors);
                self.text += &anchor;
            }
            _ => {}
        }
        let written = match style {
            _ if is_json => format!("\"{text}\""),
            // So that no text is a number, a truth or nothing.
            Style::Plain => format!("x{text}"),
            Style::Single => format!("'{text}'"),
            Style::Double => format!("\"{text}\""),
        };
        self.mark(way, &written);
    }

    fn key(&mut self, number: usize, way: &[Step], is_json: bool) -> Vec<Step> {
        let name = format!("k{number}");
        let written = if is_json {
            format!("\"{name}\"")
        } else {
            name.clone()
        };
        self.mark(&[way, &[Step::Name(name.clone())]].concat(), &written);
        self.text += ": ";
        [way, &[Step::Member(name)]].concat()
    }

    /// On one line, as YAML and JSON have it.
    fn flow(&mut self, tree: &Tree, way: &[Step], is_json: bool) {
        match tree {
            Tree::Text(text, style, prefix) => self.leaf((text, *style, *prefix), way, is_json),
            Tree::List(items, _) => {
                self.text += "[ ";
                for (index, item) in items.iter().enumerate() {
                    self.text += if index > 0 { " , " } else { "" };
                    self.flow(item, &[way, &[Step::Item(index)]].concat(), is_json);
                }
                self.text += " ]";
            }
            Tree::Map(items, _) => {
                self.text += "{";
                for (index, item) in items.iter().enumerate() {
                    self.text += if index > 0 { " ,  " } else { "" };
                    let way = self.key(index, way, is_json);
                    self.flow(item, &way, is_json);
                }
                self.text += "}";
            }
        }
    }

    fn block(&mut self, tree: &Tree, indent: usize, way: &[Step]) {
        match tree {
            Tree::List(items, false) => {
                for (index, item) in items.iter().enumerate() {
                    self.line(indent);
                    self.text += "-   ";
                    self.block(item, indent + 2, &[way, &[Step::Item(index)]].concat());
                }
            }
            Tree::Map(items, false) => {
                for (index, item) in items.iter().enumerate() {
                    self.line(indent);
                    let way = self.key(index, way, false);
                    self.block(item, indent + 2, &way);
                }
            }
            flow => {
                self.flow(flow, way, false);
                let comment = self.comment.clone();
                self.text += &comment;
            }
        }
    }
}

/// Holds the locator to the places that were written in each document.
fn all_are_found(
    text: &str,
    format: Format,
    places: &[(usize, Vec<Step>, Range<usize>)],
) -> Result<(), TestCaseError> {
    let documents = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    prop_assert_eq!(documents[0].format, format);
    let locator = Locator::of(text, format);
    for (document, steps, expected) in places {
        let item = ItemPlace {
            document: *document,
            steps: Vec::new(),
            range: 0..text.trim().len(),
        };
        let found = locator.find(&item, steps);
        prop_assert_eq!(&found.bytes, expected, "{:?} in\n{}", steps, text);
        prop_assert!(found.is_whole, "{steps:?} in\n{text}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_value_and_name_of_yaml_is_found_where_it_was_written(
        trees in prop::collection::vec(trees(), 1..3),
        line_end in prop_oneof![Just("\n"), Just("\r\n")],
        comment in prop_oneof![Just(""), Just(" # \u{65e5}\u{301}: [x]")],
    ) {
        let mut printer = Printer {
            text: format!("# {comment}"),
            line_end,
            comment: comment.to_owned(),
            anchors: 0,
            places: Vec::new(),
        };
        let mut places = Vec::new();
        for (document, tree) in trees.iter().enumerate() {
            printer.line(0);
            printer.text += "---";
            printer.block(tree, 0, &[]);
            places.extend(printer.places.drain(..).map(|(steps, at)| (document, steps, at)));
        }
        printer.line(0);
        all_are_found(&printer.text, Format::Yaml, &places)?;
    }

    #[test]
    fn every_value_and_name_of_json_is_found_where_it_was_written(tree in trees()) {
        let mut printer = Printer {
            text: "\n ".to_owned(),
            line_end: "\n",
            comment: String::new(),
            anchors: 0,
            places: Vec::new(),
        };
        printer.flow(&tree, &[], true);
        let places: Vec<_> = printer.places.drain(..).map(|(steps, at)| (0, steps, at)).collect();
        all_are_found(&printer.text, Format::Json, &places)?;
    }
}
