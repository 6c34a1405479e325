//! Lists that are read page by page, so that their length costs no memory.

use kube::api::{ListParams, Request};
use serde::Deserialize;

use super::{ApiServer, CallError};

/// Objects on a page: some megabytes at most, as an API server's own clients ask for.
const PAGE: u32 = 500;

/// A list that is being read.
pub(crate) struct Pages<'a> {
    server: &'a ApiServer,
    path: String,
    selector: Option<&'a str>,
    next: Next,
}

enum Next {
    /// The page that this token stands for; the first one has none.
    Page(Option<String>),
    End,
}

/// A part of a list.
pub(crate) struct Page {
    /// The list with some of its items, as JSON.
    pub(crate) text: String,
    /// How many items follow, where the API server says so.
    pub(crate) remaining: Option<u64>,
}

#[derive(Deserialize)]
struct Head {
    metadata: ListMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListMetadata {
    #[serde(rename = "continue")]
    token: Option<String>,
    remaining_item_count: Option<u64>,
}

impl<'a> Pages<'a> {
    /// The list at `path` of the objects whose labels the selector selects.
    pub(crate) fn of(server: &'a ApiServer, path: String, selector: Option<&'a str>) -> Self {
        Self {
            server,
            path,
            selector,
            next: Next::Page(None),
        }
    }

    /// The next page; none behind the last one, and where the resource does not exist.
    pub(crate) async fn next(&mut self) -> Result<Option<Page>, CallError> {
        let Next::Page(asked) = &self.next else {
            return Ok(None);
        };
        let text = match self.read(asked.clone()).await {
            Ok(text) => text,
            Err(kube::Error::Api(status)) if status.code == 404 && asked.is_none() => {
                self.next = Next::End;
                return Ok(None);
            }
            // The snapshot that the token stands for is too old. The API server gives one that goes on with what is there now.
            Err(kube::Error::Api(status)) if status.code == 410 && asked.is_some() => {
                let token = status.metadata.as_ref().and_then(|it| it.continue_.clone());
                let token = token.ok_or_else(|| CallError::Refused(status.message.clone()))?;
                let text = self.read(Some(token)).await;
                text.map_err(|error| self.server.call_error(error))?
            }
            Err(error) => return Err(self.server.call_error(error)),
        };
        let head: Head =
            serde_json::from_str(&text).map_err(|error| self.server.unusable(&error))?;
        let token = head.metadata.token.filter(|token| !token.is_empty());
        if token.is_some() && token == *asked {
            let problem = "the list goes on with the page that was just read";
            return Err(self.server.unusable(&problem));
        }
        self.next = token.map_or(Next::End, |token| Next::Page(Some(token)));
        Ok(Some(Page {
            text,
            remaining: head.metadata.remaining_item_count,
        }))
    }

    async fn read(&self, token: Option<String>) -> Result<String, kube::Error> {
        let parameters = ListParams {
            label_selector: self.selector.map(str::to_owned),
            limit: Some(PAGE),
            continue_token: token,
            ..ListParams::default()
        };
        let request = Request::new(&self.path)
            .list(&parameters)
            .map_err(kube::Error::BuildRequest)?;
        self.server.client().request_text(request).await
    }
}
