//! Files with documents, and the objects in a document.

use std::ops::Range;

use serde::Deserialize as _;
use serde_json::value::RawValue;

use super::json::{self, Members};
use super::locator::{ItemPlace, Step};
use super::node::Node;
use crate::text::printable;
use crate::vocabulary::GROUPS;

/// Levels of nesting that are read from YAML. JSON has no limit, since what no rule reads is not taken apart.
const YAML_DEPTH: usize = 1_000;

/// How a document was written, and is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// Why a file holds no documents that can be read.
#[derive(Debug, thiserror::Error)]
pub enum SyntaxError {
    /// Not text.
    #[error("is not UTF-8 text, from byte {0} on")]
    Encoding(usize),
    /// Neither JSON nor YAML; the error is of the one that it looks like.
    #[error("is neither JSON nor YAML: {0}")]
    Json(#[source] serde_json::Error),
    /// Neither JSON nor YAML; the error is of the one that it looks like.
    #[error("is not valid YAML: {0}")]
    Yaml(String),
    /// Only blanks, comments and separators.
    #[error("has no document")]
    Empty,
}

/// Why a document, or an item of a list, cannot be judged.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unusable {
    /// No object, or one without a kind.
    #[error("has no apiVersion and kind; expected {EXPECTED}")]
    NoKind,
    /// An object of another kind.
    #[error("is a {kind} of {api_version}; expected {EXPECTED}")]
    WrongKind {
        /// Its kind.
        kind: String,
        /// Its apiVersion.
        api_version: String,
    },
    /// A list of nothing.
    #[error("is an empty list: nothing to check")]
    EmptyList,
    /// A review without `request.object`.
    #[error("is an AdmissionReview without request.object: nothing to check")]
    EmptyReview,
}

const EXPECTED: &str = "a WorkflowExecution of workflowexecution.kubernaut.ai or kubernaut.ai, a List of them, \
                        or an AdmissionReview of admission.k8s.io/v1";

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// How it was written.
    pub format: Format,
    /// The document as JSON: what was written, or what the YAML means.
    text: String,
}

/// What of a document can be judged, or the number in a list and the reason why not.
pub type ItemResult<'a> = Result<DocumentItem<'a>, (Option<usize>, Unusable)>;

/// Something in a document that can be judged.
#[derive(Clone, Debug)]
pub struct DocumentItem<'a> {
    /// Counted from one where the document is a list.
    pub number: Option<usize>,
    /// What it is.
    pub content: ItemContent<'a>,
    /// Where the object that completion may change is in the document.
    pub range: Range<usize>,
}

/// What is judged.
#[derive(Clone, Debug)]
pub enum ItemContent<'a> {
    /// An object, of which a write is made up.
    Object(ObjectText<'a>),
    /// A write as an API server sent it.
    Review(&'a str),
}

/// A `WorkflowExecution`.
#[derive(Clone, Debug)]
pub struct ObjectText<'a> {
    /// The object's text.
    pub text: &'a str,
    /// The API group, one of the two.
    pub group: String,
    /// The API version.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The text of `metadata`, an empty object when absent.
    pub metadata: &'a str,
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: Option<String>,
}

/// The text of a file, without a byte order mark.
///
/// # Errors
///
/// When the file is not text.
pub fn text(file: &[u8]) -> Result<&str, SyntaxError> {
    let text =
        std::str::from_utf8(file).map_err(|error| SyntaxError::Encoding(error.valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Reads the documents of a file: one JSON value after the other, or YAML with several documents.
///
/// # Errors
///
/// When the file is not text, is neither JSON nor YAML, or has no document.
pub fn read(file: &[u8]) -> Result<Vec<Document>, SyntaxError> {
    let text = text(file)?;
    // YAML may begin so as well, so it gets its turn when JSON fails.
    let documents = if text.trim_start().starts_with(['{', '[']) {
        read_json(text).or_else(|error| read_yaml(text).map_err(|_| SyntaxError::Json(error)))?
    } else {
        read_yaml(text)?
    };
    if documents.is_empty() {
        return Err(SyntaxError::Empty);
    }
    Ok(documents)
}

fn read_json(text: &str) -> Result<Vec<Document>, serde_json::Error> {
    serde_json::Deserializer::from_str(text)
        .into_iter::<&RawValue>()
        .map(|value| {
            Ok(Document {
                format: Format::Json,
                text: value?.get().to_owned(),
            })
        })
        .collect()
}

/// How YAML is read: as kubectl reads it, and however large.
pub(super) fn yaml_options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        // As for JSON: both are kept, and the last one counts.
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        // A list of a whole cluster may be large; what aliases may add to it keeps its limit.
        budget: serde_saphyr::budget! {
            max_depth: YAML_DEPTH,
            flow_nesting_limit: YAML_DEPTH,
            max_documents: usize::MAX,
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
        },
        // As kubectl reads them.
        legacy_octal_numbers: true,
        with_snippet: false,
    }
}

fn read_yaml(text: &str) -> Result<Vec<Document>, SyntaxError> {
    let failed = |error: &dyn ToString| SyntaxError::Yaml(error.to_string());
    serde_saphyr::from_multiple_with_options::<Node>(text, yaml_options())
        .map_err(|error| failed(&error))?
        .iter()
        .map(|node| {
            Ok(Document {
                format: Format::Yaml,
                text: serde_json::to_string(node).map_err(|error| failed(&error))?,
            })
        })
        .collect()
}

impl ObjectText<'_> {
    /// `NAMESPACE/NAME`, as far as they are known, fit to be printed.
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.name.as_deref().map_or("(no name)".into(), printable);
        match &self.namespace {
            Some(namespace) => format!("{}/{name}", printable(namespace)),
            None => name.into_owned(),
        }
    }
}

impl Document {
    /// What can be judged in the document, and what cannot.
    #[must_use]
    pub fn items(&self) -> Vec<ItemResult<'_>> {
        let whole = (None, self.text.as_str());
        let Some(head) = Head::of(&self.text) else {
            return vec![Err((None, Unusable::NoKind))];
        };
        match (head.group.as_str(), head.kind.as_str()) {
            ("admission.k8s.io", "AdmissionReview") => vec![self.review(&head)],
            ("", "List") => self.list(&head, None),
            (group, "WorkflowExecutionList") if GROUPS.contains(&group) => {
                self.list(&head, Some(&head))
            }
            _ => vec![self.object(whole, None)],
        }
    }

    fn list<'a>(&'a self, head: &Head<'a>, of: Option<&Head<'a>>) -> Vec<ItemResult<'a>> {
        let items = head.members.get("items").and_then(json::elements);
        match items {
            Some(items) if !items.is_empty() => (1..)
                .zip(items)
                .map(|(number, text)| self.object((Some(number), text), of))
                .collect(),
            _ => vec![Err((None, Unusable::EmptyList))],
        }
    }

    fn review<'a>(&'a self, head: &Head<'a>) -> ItemResult<'a> {
        let request = head.members.get("request").and_then(Members::of);
        let object = request.and_then(|request| request.get("object"));
        let object = object.ok_or((None, Unusable::EmptyReview))?;
        Ok(DocumentItem {
            number: None,
            content: ItemContent::Review(&self.text),
            range: json::range_in(&self.text, object),
        })
    }

    /// `of` is the head of a typed list, whose items may leave their own kind out.
    fn object<'a>(
        &'a self,
        (number, text): (Option<usize>, &'a str),
        of: Option<&Head<'a>>,
    ) -> ItemResult<'a> {
        let head = Head::of(text).or_else(|| {
            let of = of?;
            Some(Head {
                members: Members::of(text)?,
                group: of.group.clone(),
                version: of.version.clone(),
                kind: "WorkflowExecution".to_owned(),
            })
        });
        let head = head.ok_or((number, Unusable::NoKind))?;
        if !GROUPS.contains(&head.group.as_str()) || head.kind != "WorkflowExecution" {
            let wrong = Unusable::WrongKind {
                api_version: head.api_version(),
                kind: head.kind,
            };
            return Err((number, wrong));
        }
        let metadata = head.members.get("metadata").unwrap_or("{}");
        let names = Members::of(metadata);
        let name = |key| names.as_ref().and_then(|names| names.string(key));
        Ok(DocumentItem {
            number,
            range: json::range_in(&self.text, text),
            content: ItemContent::Object(ObjectText {
                text,
                group: head.group,
                version: head.version,
                kind: head.kind,
                metadata,
                namespace: name("namespace"),
                name: name("name"),
            }),
        })
    }

    /// Where an item of [`Document::items`] is, in the document of this number.
    #[must_use]
    pub fn place_of(&self, document: usize, item: &DocumentItem<'_>) -> ItemPlace {
        let steps = match (&item.content, item.number) {
            (ItemContent::Review(_), _) => ["request", "object"]
                .map(|name| Step::Member(name.to_owned()))
                .to_vec(),
            (ItemContent::Object(_), Some(number)) => {
                vec![Step::Member("items".to_owned()), Step::Item(number - 1)]
            }
            (ItemContent::Object(_), None) => Vec::new(),
        };
        ItemPlace {
            document,
            steps,
            range: item.range.clone(),
        }
    }

    /// How many bytes the document has as JSON.
    #[cfg(test)]
    pub(super) fn length(&self) -> usize {
        self.text.len()
    }

    /// The text at a range of [`DocumentItem::range`].
    #[must_use]
    pub fn part(&self, range: &Range<usize>) -> &str {
        &self.text[range.clone()]
    }

    /// Puts other objects in the place of some, and prints the document as it was written.
    ///
    /// # Errors
    ///
    /// When the document cannot be written as YAML.
    pub fn print(&self, mut changes: Vec<(Range<usize>, String)>) -> Result<String, String> {
        changes.sort_by_key(|(range, _)| range.start);
        let mut text = String::with_capacity(self.text.len());
        let mut done = 0;
        for (range, object) in changes {
            text += &self.text[done..range.start];
            text += &object;
            done = range.end;
        }
        text += &self.text[done..];
        match self.format {
            Format::Json => Ok(text + "\n"),
            Format::Yaml => print_yaml(&text),
        }
    }
}

fn print_yaml(text: &str) -> Result<String, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // No deeper than `YAML_DEPTH` and what completion adds: the document came from YAML.
    deserializer.disable_recursion_limit();
    let node = Node::deserialize(&mut deserializer).map_err(|error| error.to_string())?;
    // Text of several lines in blocks, as kubectl prints it; long lines stay whole.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(&node, options).map_err(|error| error.to_string())
}

/// The group, version and kind of an object.
struct Head<'a> {
    members: Members<'a>,
    group: String,
    version: String,
    kind: String,
}

impl<'a> Head<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let members = Members::of(text)?;
        let api_version = members.string("apiVersion")?;
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        Some(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: members.string("kind")?,
            members,
        })
    }

    fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }
}
