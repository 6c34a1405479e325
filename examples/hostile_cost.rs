//! Prints what hostile bodies cost, in milliseconds of CPU for each MiB:
//!
//! ```text
//! cargo run --release --no-default-features --example hostile_cost
//! ```

use std::error::Error;
use std::fs;
use std::time::Duration;

use test_support::hostile::{Large, Side, large, with_value};
use test_support::judged::answered;
use test_support::longest_lists::longest_lists;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::Policy;

/// Long against the few milliseconds by which the kernel may be behind in its account.
const MEASURED: Duration = Duration::from_millis(300);

fn main() -> Result<(), Box<dyn Error>> {
    println!("{:48} {:>8}  ms/MiB: /mutate /validate", "", "MiB");
    let mut worst = (0.0, String::new());
    for Large { name, place, value } in large().into_iter().chain(longest_lists(512 << 10)) {
        for side in Side::ALL {
            let body = with_value(side, place, &value);
            let mut costs = Vec::new();
            for webhook in Webhook::ALL {
                let cost = cost(webhook, &body)?;
                if cost > worst.0 {
                    worst = (cost, format!("{name}, {side:?}, /{}", webhook.name()));
                }
                costs.push(format!("{cost:9.2}"));
            }
            let label = format!("{name}, {side:?}").to_lowercase();
            println!("{label:57} {:6.2} {}", mebibytes(&body), costs.join(" "));
        }
    }
    println!("worst: {:.2} ms/MiB: {}", worst.0, worst.1);
    Ok(())
}

/// Milliseconds of CPU for each MiB of the body.
fn cost(webhook: Webhook, body: &[u8]) -> Result<f64, Box<dyn Error>> {
    let policy = Policy::default();
    let now = "2026-11-23T12:00:00Z".parse()?;
    answered(webhook, body, &policy, now)?;
    let start = cpu_time()?;
    let mut rounds = 0;
    loop {
        drop(answered(webhook, body, &policy, now)?);
        rounds += 1;
        let spent = cpu_time()?.saturating_sub(start);
        if spent >= MEASURED {
            let milliseconds = spent.as_secs_f64() * 1000.0 / f64::from(rounds);
            return Ok(milliseconds / mebibytes(body));
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no body has more bytes than a double has digits for"
)]
fn mebibytes(body: &[u8]) -> f64 {
    body.len() as f64 / f64::from(1 << 20)
}

/// The time that this thread has been on a processor, as Linux accounts for it.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let account = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = account.split(' ').next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}
