//! Reading a request's body within its limits.

use std::future::poll_fn;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::EXPECT;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::{BODY_LIMIT, LARGE_BODIES, SMALL_BODY};
use super::refusal::Refusal;

/// The memory that all large bodies share, in KiB, so that as many requests as may be in flight cannot fill a small
/// container with bodies at the limit.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Semaphore>);

impl Default for Memory {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_BODIES / 1024)))
    }
}

/// A body, and its part of the memory.
#[derive(Debug)]
pub struct Collected {
    bytes: Bytes,
    _share: Share,
}

impl Deref for Collected {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

#[derive(Debug)]
struct Share {
    memory: Memory,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// Takes what `bytes` need beyond a small body.
    fn grow_to(&mut self, bytes: usize) -> Result<(), Refusal> {
        if bytes <= SMALL_BODY {
            return Ok(());
        }
        let held = self
            .held
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let more = bytes.div_ceil(1024).saturating_sub(held);
        let more = u32::try_from(more).map_err(|_| Refusal::TooLarge)?;
        let more = Arc::clone(&self.memory.0)
            .try_acquire_many_owned(more)
            .map_err(|_| Refusal::Shed)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }
}

/// The whole body; without a copy where it came in one piece.
pub async fn collect(mut body: Body, memory: &Memory) -> Result<Collected, Refusal> {
    let mut share = Share {
        memory: memory.clone(),
        held: None,
    };
    match gather(&mut body, &mut share).await {
        Ok(bytes) => Ok(Collected {
            bytes,
            _share: share,
        }),
        Err(refusal) => {
            if let Refusal::TooLarge | Refusal::Shed = refusal {
                discard(body);
            }
            Err(refusal)
        }
    }
}

async fn gather(body: &mut Body, share: &mut Share) -> Result<Bytes, Refusal> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > BODY_LIMIT {
        return Err(Refusal::TooLarge);
    }
    share.grow_to(declared)?;
    let Some(first) = next_chunk(body).await? else {
        return Ok(Bytes::new());
    };
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(declared.max(first.len()));
    whole.extend_from_slice(&first);
    while let Some(chunk) = next_chunk(body).await? {
        let needed = whole.len() + chunk.len();
        if needed > BODY_LIMIT {
            return Err(Refusal::TooLarge);
        }
        if needed > whole.capacity() {
            let capacity = (whole.capacity() * 2).clamp(needed, BODY_LIMIT);
            share.grow_to(capacity)?;
            whole.reserve_exact(capacity - whole.len());
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
