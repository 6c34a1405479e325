//! The stored objects that writes are judged against.

use super::document::{Document, ItemContent, ObjectText, Unusable};

/// Objects as they are stored.
#[derive(Clone, Debug, Default)]
pub struct StoredObjects(Vec<StoredObject>);

#[derive(Clone, Debug)]
struct StoredObject {
    key: ObjectKey,
    text: String,
}

type ObjectKey = (Option<String>, Option<String>);

/// Why stored objects cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// Not an object.
    #[error("document {document} {problem}")]
    Unusable {
        /// Counted from one.
        document: usize,
        /// Why not.
        problem: Unusable,
    },
    /// A review, which has its own stored object.
    #[error("document {0} is an AdmissionReview; expected stored WorkflowExecutions")]
    Review(usize),
    /// Two of the same namespace and name.
    #[error("has two objects called {0}")]
    Twice(String),
}

impl StoredObjects {
    /// The objects of the given documents.
    ///
    /// # Errors
    ///
    /// When a document holds something else, or an object comes twice.
    pub fn of(documents: &[Document]) -> Result<Self, StoredError> {
        let mut stored = Self::default();
        for (document, content) in (1..).zip(documents) {
            for item in content.items() {
                let item =
                    item.map_err(|(_, problem)| StoredError::Unusable { document, problem })?;
                let ItemContent::Object(object) = item.content else {
                    return Err(StoredError::Review(document));
                };
                if stored.0.iter().any(|other| other.key == key(&object)) {
                    return Err(StoredError::Twice(object.label()));
                }
                stored.0.push(StoredObject {
                    key: key(&object),
                    text: object.text.to_owned(),
                });
            }
        }
        Ok(stored)
    }

    /// The stored object with the namespace and the name of `object`.
    #[must_use]
    pub fn of_object(&self, object: &ObjectText<'_>) -> Option<&str> {
        let found = self.0.iter().find(|stored| stored.key == key(object));
        found.map(|stored| stored.text.as_str())
    }
}

fn key(object: &ObjectText<'_>) -> ObjectKey {
    (object.namespace.clone(), object.name.clone())
}
