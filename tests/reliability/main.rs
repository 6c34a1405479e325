//! What is promised under load, counted: no call lost while servers come and go, while other clients misbehave, or while
//! there is more to do than can be done. Rates and latencies are printed, never asserted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends by panicking"
)]

use test_support::{client, guarded, reviews, server, webhook_server};

mod attacks;
mod balancer;
mod crowds;
mod hostile;
mod idle;
mod memory;
mod overload;
mod pool;
mod rolling;
mod soak;

use std::sync::{Mutex, MutexGuard, PoisonError};

use webhook_server::WebhookServer;

/// Held by every test that makes load: two at once would only measure each other.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    // A test that failed leaves nothing behind that could spoil the next.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The largest memory that a server may have held under any attack, in bytes: half of the limit in
/// `deploy/install.yaml`.
const MEMORY: u64 = 128 * 1024 * 1024;

/// Asserts that a server never held more than [`MEMORY`], and gives what it held.
#[track_caller]
fn assert_memory_bounded(server: &mut WebhookServer) -> u64 {
    let path = format!("/proc/{}/status", server.process().pid());
    let status = std::fs::read_to_string(path).expect("the server runs, on Linux");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"))
        .and_then(|kib| kib.trim().parse::<u64>().ok())
        .expect("the kernel tells the peak")
        * 1024;
    assert!(peak <= MEMORY, "{peak} bytes were held");
    peak
}

/// Asserts that a server has not panicked, by its own count and its log.
#[track_caller]
fn assert_no_panic(server: &WebhookServer) {
    assert_eq!(
        server::metric(server, "wfe_webhook_panics_total"),
        Some(0.0)
    );
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
}
