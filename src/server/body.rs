//! Reading a request's body within its limits.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::EXPECT;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::limits::{BODY_LIMIT, LEAST_SPEED, SMALL_BODY};
use super::memory::{MemoryBudget, Share};
use super::refusal::Refusal;

/// What all bodies share, so that neither many of them nor large ones can fill a small container or keep it busy.
#[derive(Clone, Debug)]
pub(super) struct Bodies {
    memory: MemoryBudget,
    /// The turn to read on in a body that is discarded.
    discarding: Arc<Semaphore>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self {
            memory: MemoryBudget::default(),
            discarding: Arc::new(Semaphore::new(1)),
        }
    }
}

/// A complete body, and its share of the memory.
#[derive(Debug)]
pub(super) struct Collected {
    /// The body.
    pub bytes: Bytes,
    /// Covers it.
    pub share: Share,
}

/// When a body is given up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The end of the request's head.
    pub begun: Instant,
    /// For the whole body.
    pub timeout: Duration,
}

impl Pace {
    /// The deadline for the next part of a body of which so much was received.
    fn deadline(self, received: usize) -> Instant {
        let received = u32::try_from(received).unwrap_or(u32::MAX);
        let pace = self.timeout / 2 + Duration::from_secs(1) * received / LEAST_SPEED;
        self.begun + pace.min(self.timeout)
    }
}

/// How much is discarded of a body whose request is already answered.
const DISCARD_LIMIT: usize = 2 * BODY_LIMIT;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);

/// After each part of this size beyond what a body may have there is a pause, for one body at a time: together at most
/// 128 MiB a second of it are discarded. An allowed body is read as fast as it comes, for Go's client may treat a write that
/// lasts longer than its answer as a lost call.
const DISCARD_PART: usize = 128 * 1024;
const DISCARD_PAUSE: Duration = Duration::from_millis(1);

impl Bodies {
    /// The whole body; without a copy where it came in one piece.
    ///
    /// # Errors
    ///
    /// When it is too large, too slow or broken, or when the memory of all requests is used up.
    pub(super) async fn collect(&self, mut body: Body, pace: Pace) -> Result<Collected, Refusal> {
        let mut share = self.memory.share();
        match gather(&mut body, &mut share, pace).await {
            Ok(bytes) => Ok(Collected { bytes, share }),
            Err(refusal) => {
                if let Refusal::TooLarge | Refusal::Shed = refusal {
                    self.discard(body, refusal.body_allowed());
                }
                Err(refusal)
            }
        }
    }

    /// Discards the body of a refused request, unless the client waits for permission to send it. As much of it as is
    /// `allowed` is read as fast as it comes.
    pub(super) fn discard_refused(&self, headers: &HeaderMap, body: Body, allowed: usize) {
        if !headers.contains_key(EXPECT) {
            self.discard(body, allowed);
        }
    }

    /// Discards the rest of a body while its answer is on the way.
    ///
    /// A connection that is closed over unread bytes is reset, and the client may lose the answer that explains why.
    fn discard(&self, body: Body, allowed: usize) {
        if !body.is_end_stream() {
            let discarding = Arc::clone(&self.discarding);
            tokio::spawn(discard_all(body, allowed, discarding));
        }
    }
}

async fn discard_all(mut body: Body, allowed: usize, turns: Arc<Semaphore>) {
    let mut left = DISCARD_LIMIT;
    let mut part = 0;
    let deadline = Instant::now() + DISCARD_TIMEOUT;
    while let Ok(Some(chunk)) = next_chunk(&mut body, deadline).await {
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

/// Memory is taken as bytes arrive, not as the head declares them: a slow body must not keep others from having it.
async fn gather(body: &mut Body, share: &mut Share, pace: Pace) -> Result<Bytes, Refusal> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > BODY_LIMIT {
        return Err(Refusal::TooLarge);
    }
    let Some(first) = next_chunk(body, pace.deadline(0)).await? else {
        return Ok(Bytes::new());
    };
    share.resize(first.len())?;
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(declared.clamp(first.len(), SMALL_BODY.max(first.len())));
    whole.extend_from_slice(&first);
    while let Some(chunk) = next_chunk(body, pace.deadline(whole.len())).await? {
        let needed = whole.len() + chunk.len();
        if needed > BODY_LIMIT {
            return Err(Refusal::TooLarge);
        }
        if needed > whole.capacity() {
            let most = declared.clamp(needed, BODY_LIMIT);
            let capacity = (whole.capacity() * 2).clamp(needed, most);
            share.resize(capacity)?;
            whole.reserve_exact(capacity - whole.len());
        }
        whole.extend_from_slice(&chunk);
        if needed > SMALL_BODY {
            // A client that sends as fast as it can gets its turn after all others.
            tokio::task::yield_now().await;
        }
    }
    Ok(whole.into())
}

async fn next_chunk(body: &mut Body, deadline: Instant) -> Result<Option<Bytes>, Refusal> {
    let next = async {
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
            let frame = frame.map_err(|_| Refusal::BrokenBody)?;
            if let Ok(chunk) = frame.into_data() {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    };
    tokio::time::timeout_at(deadline, next)
        .await
        .unwrap_or(Err(Refusal::SlowBody))
}
