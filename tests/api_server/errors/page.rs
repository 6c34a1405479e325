//! The page as the tests read it.

const ERRORS: &str = include_str!("../../../docs/errors.md");
const RUNBOOK: &str = include_str!("../../../docs/runbook.md");

/// Under *At once*: a link to the section of the runbook whose commands are meant.
const LINK: &str = "(runbook.md#out-of-the-way-at-once)";

/// One error.
pub struct Section {
    /// As it stands on the page, without the marks of the heading.
    pub heading: String,
    text: String,
}

pub fn sections() -> Vec<Section> {
    let sections = ERRORS.split("\n## ").skip(1);
    let section = |section: &str| {
        let (heading, text) = section.split_once('\n').expect("a heading is a line");
        Section {
            heading: heading.to_owned(),
            text: text.to_owned(),
        }
    };
    sections.map(section).collect()
}

impl Section {
    /// Asserts that the text of the heading was printed, that each text of the section was, and that all that was printed is
    /// one of them.
    pub fn assert_shows(&self, printed: &[String]) {
        let heading = &self.heading;
        let name = heading.split('`').nth(1).expect("a text in the heading");
        assert!(
            printed
                .iter()
                .any(|text| text.lines().any(|line| contains(line, name))),
            "{heading} was not printed: {printed:#?}"
        );
        let told: Vec<&str> = fences(&self.text, "text").collect();
        let shows = |shown: &str, printed: &str| {
            let mut lines = printed.lines();
            shown
                .lines()
                .all(|shown| lines.any(|line| contains(line, shown)))
        };
        for text in &told {
            assert!(
                printed.iter().any(|printed| shows(text, printed)),
                "{heading}: nothing printed\n{text}\nbut {printed:#?}"
            );
        }
        for printed in printed {
            assert!(
                told.iter().any(|told| shows(told, printed)),
                "{heading}: the page does not show\n{printed}"
            );
        }
    }

    /// What the page says of each rule, as the rows of a table.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        let rows = self
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("| [`"));
        rows.map(|row| {
            let (rule, rest) = row.split_once("`]").expect("a link");
            let said = rest.split('`').nth(1).expect("a text");
            (rule, said)
        })
    }

    /// The commands under *See it*.
    pub fn see_it(&self) -> Vec<String> {
        let (_, rest) = self.text.split_once("**See it.**").expect("See it");
        let (text, _) = rest.split_once("**Do.**").expect("Do");
        fences(text, "sh").flat_map(commands).collect()
    }

    /// The ways out under *At once*, each with its commands.
    pub fn at_once(&self) -> Vec<Vec<String>> {
        let (_, text) = self.text.split_once("**At once.**").expect("At once");
        let mut ways: Vec<Vec<String>> = fences(text, "sh").map(commands).collect();
        if text.contains(LINK) {
            ways.extend(out_of_the_way());
        }
        ways
    }
}

/// The two ways of the runbook, the milder one first.
fn out_of_the_way() -> [Vec<String>; 2] {
    let (_, section) = RUNBOOK
        .split_once("\n## Out of the way at once\n")
        .expect("the section");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let mut ways = fences(section, "sh").map(commands);
    let mut next = || ways.next().expect("two ways");
    let [delete, ignore] = [next(), next()];
    [ignore, delete]
}

/// The blocks of code of a language.
fn fences<'a>(text: &'a str, language: &str) -> impl Iterator<Item = &'a str> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    let start = format!("{language}\n");
    blocks.filter_map(move |block| block.strip_prefix(&start))
}

/// Each line is a command, unless the one before goes on.
fn commands(block: &str) -> Vec<String> {
    let joined = block.trim().replace("\\\n", "");
    joined.lines().map(str::to_owned).collect()
}

/// Whether a line has a text in it, in which `…` stands for anything.
pub fn contains(line: &str, text: &str) -> bool {
    let mut rest = line;
    text.split('…').all(|piece| {
        let found = rest.split_once(piece);
        rest = found.map_or("", |(_, rest)| rest);
        found.is_some()
    })
}

#[test]
fn a_gap_stands_for_anything_and_the_rest_for_itself() {
    assert!(contains("valid for a, b, not c.svc", "valid for … not …"));
    assert!(contains("with 2 conflicts: ", "with … conflict"));
    assert!(!contains("valid for a, b", "valid for … not …"));
    assert!(!contains("not a, valid for b", "valid for … not …"));
}
