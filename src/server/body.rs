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

/// What all bodies share, so that neither many of them nor large ones can fill a small container or keep it busy.
#[derive(Clone, Debug)]
pub struct Bodies {
    /// The memory of large bodies, in KiB.
    memory: Arc<Semaphore>,
    /// The turn to read on in a body that is thrown away.
    discarding: Arc<Semaphore>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self {
            memory: Arc::new(Semaphore::new(LARGE_BODIES / 1024)),
            discarding: Arc::new(Semaphore::new(1)),
        }
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
    memory: Arc<Semaphore>,
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
        let more = Arc::clone(&self.memory)
            .try_acquire_many_owned(more)
            .map_err(|_| Refusal::Shed)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }
}

/// What is thrown away of a body whose request is already answered.
const DISCARD_LIMIT: usize = 2 * BODY_LIMIT;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);

/// After each part of this size beyond what a body may have there is a pause, for one body at a time: together at most
/// 128 MiB a second of it are thrown away. An allowed body is read as fast as it comes, for Go's client may take a write that
/// lasts longer than its answer for a lost call.
const DISCARD_PART: usize = 128 * 1024;
const DISCARD_PAUSE: Duration = Duration::from_millis(1);

impl Bodies {
    /// The whole body; without a copy where it came in one piece.
    pub async fn collect(&self, mut body: Body) -> Result<Collected, Refusal> {
        let mut share = Share {
            memory: Arc::clone(&self.memory),
            held: None,
        };
        match gather(&mut body, &mut share).await {
            Ok(bytes) => Ok(Collected {
                bytes,
                _share: share,
            }),
            Err(refusal) => {
                if let Refusal::TooLarge | Refusal::Shed = refusal {
                    self.discard(body, refusal.body_allowed());
                }
                Err(refusal)
            }
        }
    }

    /// Throws the body of a refused request away, unless the client waits for leave to send it. As much of it as is
    /// `allowed` is read as fast as it comes.
    pub fn discard_refused(&self, headers: &HeaderMap, body: Body, allowed: usize) {
        if !headers.contains_key(EXPECT) {
            self.discard(body, allowed);
        }
    }

    /// Throws the rest of a body away while its answer is on the way.
    ///
    /// A connection that is closed over unread bytes is reset, and the client may lose the answer that explains why.
    fn discard(&self, body: Body, allowed: usize) {
        if !body.is_end_stream() {
            let discarding = Arc::clone(&self.discarding);
            tokio::spawn(tokio::time::timeout(
                DISCARD_TIMEOUT,
                throw_away(body, allowed, discarding),
            ));
        }
    }
}

async fn throw_away(mut body: Body, allowed: usize, turns: Arc<Semaphore>) {
    let mut left = DISCARD_LIMIT;
    let mut part = 0;
    while let Ok(Some(chunk)) = next_chunk(&mut body).await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
        part += chunk.len();
        if part >= DISCARD_PART {
            part = 0;
            if DISCARD_LIMIT - left <= allowed {
                tokio::task::yield_now().await;
                continue;
            }
            let _turn = turns.acquire().await;
            tokio::time::sleep(DISCARD_PAUSE).await;
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
        if needed > SMALL_BODY {
            // Whoever sends as fast as it can has its turn after all the others.
            tokio::task::yield_now().await;
        }
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
