//! The Markdown files of the repository, as far as the checks need to read them.

use std::path::{Path, PathBuf};

/// A Markdown file.
pub struct Page {
    /// Relative to the repository.
    pub name: String,
    pub text: String,
}

/// A fenced code block.
pub struct Fence<'a> {
    pub language: &'a str,
    pub text: &'a str,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every page for users. Of the changelog it is the unreleased part: older versions had names of their own.
pub fn all() -> Vec<Page> {
    let mut names: Vec<PathBuf> = Vec::new();
    for folder in ["", "docs", "certs", "deploy/chart/wfe-webhook"] {
        let folder = root().join(folder);
        let entries = std::fs::read_dir(&folder).into_iter().flatten();
        names.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    names.retain(|name| name.extension().is_some_and(|extension| extension == "md"));
    names.sort();
    let pages: Vec<Page> = names
        .iter()
        .map(|path| {
            let name = path.strip_prefix(root()).expect("in the repository");
            let name = name.to_string_lossy().into_owned();
            let mut text = read(&name);
            if name == "CHANGELOG.md" {
                text.truncate(end_of_unreleased(&text));
            }
            Page { name, text }
        })
        .collect();
    assert!(pages.iter().any(|page| page.name == "README.md"));
    pages
}

/// Where the first released version of a changelog begins.
fn end_of_unreleased(changelog: &str) -> usize {
    let (unreleased, _) = changelog
        .split_once("\n## [Unreleased]\n")
        .expect("a changelog has an unreleased part");
    let start = unreleased.len() + 1;
    changelog[start..]
        .find("\n## [")
        .map_or(changelog.len(), |at| start + at + 1)
}

#[test]
fn the_history_in_the_changelog_is_not_read() {
    let changelog = "# Changelog\n\n## [Unreleased]\n\n`--new`\n\n## [0.1.0]\n\n`--old`\n";
    let end = end_of_unreleased(changelog);
    assert!(changelog[..end].ends_with("`--new`\n\n"));
    let without_history = "# Changelog\n\n## [Unreleased]\n\n`--new`\n";
    assert_eq!(end_of_unreleased(without_history), without_history.len());
}

impl Page {
    pub fn fences(&self) -> Vec<Fence<'_>> {
        fences(&self.text)
    }

    /// The text between backticks outside of code blocks.
    pub fn spans(&self) -> Vec<&str> {
        let mut rest = self.text.as_str();
        let mut spans = Vec::new();
        for fence in self.fences() {
            let start = offset(rest, fence.text);
            spans.extend(inline(&rest[..start]));
            rest = &rest[start + fence.text.len()..];
        }
        spans.extend(inline(rest));
        spans
    }

    /// The lines of code that a shell is meant to run, continued lines joined.
    pub fn commands(&self) -> Vec<String> {
        let shell = self
            .fences()
            .into_iter()
            .filter(|fence| matches!(fence.language, "sh" | "console" | "bash" | "shell"));
        shell.flat_map(|fence| commands(fence.text)).collect()
    }

    /// The targets of links to files of the repository, relative to it, without fragments.
    pub fn links(&self) -> Vec<PathBuf> {
        let folder = Path::new(&self.name).parent().expect("a file has a folder");
        self.text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target.split('#').next().unwrap_or_default())
            .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(' '))
            .map(|target| folder.join(target))
            .collect()
    }
}

/// The commands of a code block: comments out, continued lines and here-documents left to the line that starts them.
pub fn commands(text: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let trimmed = line.trim_end();
        match commands.last_mut() {
            Some(last) if open => {
                last.push('\n');
                last.push_str(trimmed);
            }
            _ if trimmed.is_empty() || trimmed.starts_with('#') => continue,
            _ => commands.push(trimmed.to_owned()),
        }
        open = trimmed.ends_with('\\') || trimmed.ends_with('|');
    }
    commands
}

/// The first code block after `marker`.
pub fn fence_after<'a>(text: &'a str, marker: &str) -> Fence<'a> {
    let at = text
        .find(marker)
        .unwrap_or_else(|| panic!("{marker} is in the page"));
    let mut fences = fences(&text[at..]);
    assert!(!fences.is_empty(), "a code block follows {marker}");
    fences.remove(0)
}

fn fences(text: &str) -> Vec<Fence<'_>> {
    let mut fences = Vec::new();
    let mut rest = text;
    while let Some(start) = find_fence(rest) {
        let (language, body) = rest[start + 3..].split_once('\n').expect("a line");
        let end = find_fence(body).expect("a code block that was opened is closed");
        fences.push(Fence {
            language: language.trim(),
            text: &body[..end],
        });
        rest = &body[end + 3..];
    }
    fences
}

fn find_fence(text: &str) -> Option<usize> {
    if text.starts_with("```") {
        return Some(0);
    }
    text.find("\n```").map(|at| at + 1)
}

fn inline(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").flat_map(|paragraph| {
        paragraph
            .split("```")
            .flat_map(|part| part.split('`').skip(1).step_by(2))
    })
}

/// Where `part`, a slice of `whole`, begins in it.
fn offset(whole: &str, part: &str) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}
