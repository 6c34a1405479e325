//! The plain HTTP port: probes and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::routing::get;
use jiff::Timestamp;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use super::lifecycle::{Lifecycle, Phase};
use super::refusal::line;
use crate::metrics::{self, Metrics};

/// How many times as long as a scrape took the next one waits.
const SCRAPE_PAUSE: u32 = 9;

/// How many scrapes wait for their turn, the one that has it included.
pub(super) const MOST_WAITING_SCRAPES: usize = 8;

/// What probes and scrapes read.
#[derive(Debug)]
pub(super) struct Admin {
    /// The server's life.
    pub lifecycle: Arc<Lifecycle>,
    /// When a certificate of the webhook's own expires, in seconds since 1970.
    pub certificate_expires: Arc<AtomicI64>,
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// How many requests are being judged or answered.
    pub in_flight: Arc<AtomicUsize>,
    /// The turn to scrape.
    pub scrapes: Arc<Mutex<()>>,
    /// How many scrapes may wait for it.
    pub waiting_scrapes: Semaphore,
    /// What the last one gave.
    pub last_scrape: Mutex<Bytes>,
}

/// The routes of the admin port.
pub(super) fn routes(admin: Arc<Admin>) -> Router {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(scrape))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(admin)
}

async fn livez() -> Response<Body> {
    line(StatusCode::OK, "ok")
}

async fn readyz(State(admin): State<Arc<Admin>>) -> Response<Body> {
    match admin.lifecycle.phase() {
        // A replica that slept too long must not be called until it has a new one.
        Phase::Ready
            if admin.certificate_expires.load(Ordering::Acquire)
                <= Timestamp::now().as_second() =>
        {
            line(
                StatusCode::SERVICE_UNAVAILABLE,
                "not ready: the certificate has expired",
            )
        }
        Phase::Ready => line(StatusCode::OK, "ok"),
        phase => line(
            StatusCode::SERVICE_UNAVAILABLE,
            &format!("not ready: {}", phase.name()),
        ),
    }
}

async fn scrape(State(admin): State<Arc<Admin>>) -> Response<Body> {
    // A crowd gets the bytes of the last scrape: waiting requests would keep probes out.
    let Ok(_waiting) = admin.waiting_scrapes.try_acquire() else {
        let last = admin.last_scrape.lock().await.clone();
        return text(last);
    };
    // One at a time; the next one waits several times as long as this one took, so that scrapes leave the processor to
    // reviews.
    let turn = Arc::clone(&admin.scrapes).lock_owned().await;
    let begun = Instant::now();
    let encoded = admin
        .metrics
        .encode(admin.in_flight.load(Ordering::Relaxed));
    let pause = begun.elapsed() * SCRAPE_PAUSE;
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        drop(turn);
    });
    match encoded {
        Ok(scrape) => {
            let scrape = Bytes::from(scrape);
            *admin.last_scrape.lock().await = scrape.clone();
            text(scrape)
        }
        Err(error) => line(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn text(scrape: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(scrape));
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static(metrics::CONTENT_TYPE),
    );
    response
}

async fn unknown_path() -> Response<Body> {
    line(
        StatusCode::NOT_FOUND,
        "nothing here; there are /livez, /readyz and /metrics",
    )
}

async fn wrong_method() -> Response<Body> {
    line(StatusCode::METHOD_NOT_ALLOWED, "read this by GET")
}
