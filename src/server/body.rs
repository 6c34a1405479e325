//! Reading a request's body within its limits.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::EXPECT;

use super::limits::BODY_LIMIT;
use super::refusal::Refusal;

/// The most memory that a declared length alone gets.
const TRUSTED_LENGTH: usize = 64 * 1024;

/// The whole body; without a copy where it came in one piece.
pub async fn collect(mut body: Body) -> Result<Bytes, Refusal> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > BODY_LIMIT {
        discard(body);
        return Err(Refusal::TooLarge);
    }
    let Some(first) = next_chunk(&mut body).await? else {
        return Ok(Bytes::new());
    };
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(declared.min(TRUSTED_LENGTH).max(first.len()));
    whole.extend_from_slice(&first);
    while let Some(chunk) = next_chunk(&mut body).await? {
        if whole.len() + chunk.len() > BODY_LIMIT {
            discard(body);
            return Err(Refusal::TooLarge);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

async fn next_chunk(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| Refusal::BrokenBody)?;
        if let Ok(chunk) = frame.into_data() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

/// What is thrown away of a body whose request is already answered.
const DISCARD_LIMIT: usize = 2 * BODY_LIMIT;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);

/// Throws the rest of a body away while its answer is on the way.
///
/// A connection that is closed over unread bytes is reset, and the client may lose the answer that explains why.
pub fn discard(mut body: Body) {
    if body.is_end_stream() {
        return;
    }
    tokio::spawn(tokio::time::timeout(DISCARD_TIMEOUT, async move {
        let mut left = DISCARD_LIMIT;
        while let Ok(Some(chunk)) = next_chunk(&mut body).await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    }));
}

/// Throws the body of a refused request away, unless the client waits for leave to send it.
pub fn discard_refused(headers: &HeaderMap, body: Body) {
    if !headers.contains_key(EXPECT) {
        discard(body);
    }
}
