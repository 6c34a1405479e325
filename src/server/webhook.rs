//! `/mutate` and `/validate`: from a request to its review's answer, or to a refusal.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use axum::routing::any;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::body::{Bodies, Collected, Pace};
use super::go_duration;
use super::limits::{BODY_LIMIT, Limits, SMALL_BODY, SMALL_OBJECTS};
use super::log::{self, LineLimits};
use super::memory::Share;
use super::refusal::{self, Refusal};
use super::tls::UnauthorizedClient;
use crate::admission::{Judgement, Webhook};
use crate::answer;
use crate::events::Recorder;
use crate::metrics::Metrics;
use crate::policy::Policy;
use crate::review::{self, Review};

/// The function that judges: [`crate::admission::judge`], except in tests.
pub type Judge = for<'r> fn(Webhook, &'r Review<'r>, &'r Policy, Timestamp) -> Judgement<'r>;

/// The API server rounds its `timeout` up to whole seconds and spends some of it on the way: this part of it, at most
/// [`MAX_MARGIN`], is taken as gone.
const MARGIN_PART: u32 = 10;
const MAX_MARGIN: Duration = Duration::from_millis(500);

/// All that answering takes.
#[derive(Debug)]
pub(super) struct Webhooks {
    /// What judges.
    pub judge: Judge,
    /// By which rules.
    pub policy: Policy,
    /// How much at once, and how slowly.
    pub limits: Limits,
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
    /// How many requests are being judged or answered.
    pub in_flight: Arc<AtomicUsize>,
    /// Turns to judge bodies that are not cheap: half as many as there are cores, so that cheap ones go on meanwhile.
    pub judging: Arc<Semaphore>,
    /// Places of bodies that are not cheap: three quarters of `max_in_flight`.
    pub queue: Arc<Semaphore>,
    /// What bodies share.
    pub bodies: Bodies,
    /// The lines about refusals.
    pub refusals: LineLimits,
    /// Where Events are recorded, if they are.
    pub events: Option<Recorder>,
}

/// The routes of the HTTPS port.
pub(super) fn routes(webhooks: Arc<Webhooks>) -> Router {
    Router::new()
        .route("/mutate", any(mutate))
        .route("/validate", any(validate))
        .fallback(unknown_path)
        .with_state(webhooks)
}

async fn mutate(State(webhooks): State<Arc<Webhooks>>, request: Request<Body>) -> Response<Body> {
    answer(webhooks, Webhook::Mutate, request).await
}

async fn validate(State(webhooks): State<Arc<Webhooks>>, request: Request<Body>) -> Response<Body> {
    answer(webhooks, Webhook::Validate, request).await
}

async fn unknown_path(
    State(webhooks): State<Arc<Webhooks>>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    webhooks
        .bodies
        .discard_refused(&parts.headers, body, BODY_LIMIT);
    refusal::line(
        StatusCode::NOT_FOUND,
        "nothing here; reviews go to /mutate and /validate",
    )
}

async fn answer(
    webhooks: Arc<Webhooks>,
    webhook: Webhook,
    request: Request<Body>,
) -> Response<Body> {
    let begun = Instant::now();
    match Webhooks::review(&webhooks, webhook, request, begun).await {
        Ok(answer) => {
            let mut response = Response::new(Body::from(Bytes::from_owner(answer)));
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(refusal) => {
            webhooks.metrics.refused(webhook, refusal.counted());
            log::refused(webhook, &refusal, &webhooks.refusals);
            refusal.response()
        }
    }
}

/// An answer. It keeps the request's place and memory until it is written to the connection, or given up.
struct HeldAnswer {
    bytes: Vec<u8>,
    _share: Share,
    _place: InFlightPlace,
}

impl AsRef<[u8]> for HeldAnswer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Webhooks {
    async fn review(
        webhooks: &Arc<Self>,
        webhook: Webhook,
        request: Request<Body>,
        begun: Instant,
    ) -> Result<HeldAnswer, Refusal> {
        let (parts, body) = request.into_parts();
        if let Err(refusal) = check_head(&parts) {
            webhooks
                .bodies
                .discard_refused(&parts.headers, body, refusal.body_allowed());
            return Err(refusal);
        }
        let callers = callers_deadline(&parts, begun);
        let body = webhooks.read(body, callers, begun).await?;
        // Reading is not judging: a slow body takes no place.
        let place = webhooks.enter()?;
        let is_cheap = is_cheap(&body.bytes);
        let judge = Arc::clone(webhooks);
        let judge = move || {
            // The caller may have given up while the request waited for its turn.
            if callers.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(Refusal::Late);
            }
            judge.judge(webhook, body, place, begun)
        };
        if is_cheap {
            return judge();
        }
        // Some places stay for cheap reviews, which would otherwise be sent away while these wait for their turn.
        let queued = Arc::clone(&webhooks.queue).try_acquire_owned();
        let queued = queued.map_err(|_| Refusal::Shed)?;
        // Never an error: the semaphore is not closed. Both end with the closure, not with this future.
        let turn = Arc::clone(&webhooks.judging).acquire_owned().await;
        let mut judging = Judging(tokio::task::spawn_blocking(move || {
            let _held = (queued, turn);
            judge()
        }));
        (&mut judging.0).await.unwrap_or(Err(Refusal::Fault))
    }

    /// Reads the body; the server's own deadline and the caller's both hold.
    async fn read(
        &self,
        body: Body,
        callers: Option<Instant>,
        begun: Instant,
    ) -> Result<Collected, Refusal> {
        let pace = Pace {
            begun,
            timeout: self.limits.body_timeout,
        };
        let _reading = self.metrics.reading();
        let collected = self.bodies.collect(body, pace);
        match callers {
            None => collected.await,
            Some(deadline) => tokio::time::timeout_at(deadline, collected)
                .await
                .unwrap_or(Err(Refusal::Late)),
        }
    }

    /// Takes one of the places for requests in flight.
    fn enter(&self) -> Result<InFlightPlace, Refusal> {
        let place = InFlightPlace(Arc::clone(&self.in_flight));
        if self.in_flight.fetch_add(1, Ordering::AcqRel) >= self.limits.max_in_flight.get() {
            return Err(Refusal::Shed);
        }
        Ok(place)
    }

    /// Judges, answers, counts and logs. A panic ends here.
    fn judge(
        &self,
        webhook: Webhook,
        body: Collected,
        place: InFlightPlace,
        begun: Instant,
    ) -> Result<HeldAnswer, Refusal> {
        let Collected { bytes, mut share } = body;
        if str::from_utf8(&bytes).is_err() {
            // Each byte that is not UTF-8 is three in the decoded copy.
            share.resize(bytes.len() * 4)?;
        }
        // Nothing that a panic could leave half done is used afterwards: metrics are single counters.
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let text = review::text(&bytes);
            let review = Review::parse(&text)?;
            let judgement = (self.judge)(webhook, &review, &self.policy, Timestamp::now());
            let answer = answer::answer(&judgement);
            // Before it is counted: without memory it is not sent.
            share.resize(answer.len().max(bytes.len()))?;
            let latency = begun.elapsed();
            self.metrics.answered(&judgement, latency);
            log::answered(&judgement, latency);
            if let Some(events) = &self.events {
                events.offer(&judgement, &text);
            }
            Ok(answer)
        }));
        let answer = judged.unwrap_or_else(|_| {
            self.metrics.panicked();
            Err(Refusal::Fault)
        })?;
        drop(bytes);
        // Only ever less from here on.
        share.resize(answer.len())?;
        Ok(HeldAnswer {
            bytes: answer,
            _share: share,
            _place: place,
        })
    }
}

/// Whether a body is judged within a fraction of a millisecond, by its size and its number of objects: a condition of two bytes
/// costs as much as one of two hundred.
#[allow(
    clippy::naive_bytecount,
    reason = "a crate for so short a text saves nothing"
)]
fn is_cheap(body: &[u8]) -> bool {
    body.len() <= SMALL_BODY && body.iter().filter(|byte| **byte == b'{').count() <= SMALL_OBJECTS
}

/// A place among the requests in flight.
#[derive(Debug)]
struct InFlightPlace(Arc<AtomicUsize>);

impl Drop for InFlightPlace {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A judgement on a thread of its own; one that has not begun when the connection is gone never begins.
struct Judging(JoinHandle<Result<HeldAnswer, Refusal>>);

impl Drop for Judging {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What can be refused before a byte of the body is read.
fn check_head(parts: &Parts) -> Result<(), Refusal> {
    if let Some(unauthorized) = parts.extensions.get::<UnauthorizedClient>() {
        return Err(Refusal::UnauthorizedClient(unauthorized.names.clone()));
    }
    if parts.method != axum::http::Method::POST {
        return Err(Refusal::Method);
    }
    if !parts.headers.get(CONTENT_TYPE).is_some_and(is_json) {
        return Err(Refusal::ContentType);
    }
    let declared = parts.headers.get(CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > BODY_LIMIT as u64) {
        return Err(Refusal::TooLarge);
    }
    Ok(())
}

fn is_json(content_type: &HeaderValue) -> bool {
    let bytes = content_type.as_bytes();
    let essence = bytes.split(|&byte| byte == b';').next().unwrap_or(bytes);
    essence
        .trim_ascii()
        .eq_ignore_ascii_case(b"application/json")
}

/// When the caller stops waiting, less a margin: from the `timeout` in the query, where there is one.
fn callers_deadline(parts: &Parts, begun: Instant) -> Option<Instant> {
    let query = parts.uri.query()?;
    let timeout = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("timeout="))?;
    let timeout = go_duration::parse(timeout)?;
    let margin = (timeout / MARGIN_PART).min(MAX_MARGIN);
    begun.checked_add(timeout.saturating_sub(margin))
}
