//! More work than can be done: what is too much is sent away at once and told when to come back.

use std::thread;

use crate::guarded::wait_until;
use crate::pool::Pool;
use crate::server::{metric, readiness, start};
use crate::webhook_server::WebhookServer;
use crate::{alone, assert_memory_bounded, assert_no_panic, measured};

/// A body that comes in more than one TLS record, so that more are in flight than threads could judge.
const BODY: usize = 24 * 1024;

fn counted(server: &WebhookServer, dry_run: &str, outcome: &str) -> Option<f64> {
    let series = format!(
        r#"wfe_webhook_admission_requests_total{{dry_run="{dry_run}",outcome="{outcome}",webhook="validate"}}"#
    );
    metric(server, &series)
}

#[allow(clippy::cast_precision_loss, reason = "small counts")]
#[test]
fn what_is_too_much_is_told_to_come_back_and_the_rest_is_answered() {
    let _alone = alone();
    let mut server = start(&["--max-in-flight", "2"]);
    let pool = Pool::new(server.port(), &server.ca()).with_body_of(BODY);

    let load = pool.load(0.0, 8);
    thread::sleep(measured() * 2);
    let saturated = load.stop();
    saturated.print("as much as can be done");

    // Not more workers than a pool keeps connections, or handshakes would be most of what is measured.
    let load = pool.load(saturated.rate() * 2.0, 25);
    let begun = std::time::Instant::now();
    while begun.elapsed() < measured() * 3 {
        assert_eq!(readiness(&server).status, 200);
        thread::sleep(std::time::Duration::from_millis(100));
    }
    wait_until("some are sent away", || {
        counted(&server, "unknown", "shed").filter(|&shed| shed > 0.0)
    });
    let flooded = load.stop();
    flooded.print("twice as much");
    println!(
        "  goodput is {:.0} % of the saturated rate",
        flooded.rate() / saturated.rate() * 100.0
    );

    assert!(flooded.lost.is_empty(), "{flooded:?}");
    let shed = flooded.of("429");
    let answered: u64 = flooded.answered.values().sum();
    assert_eq!(answered, flooded.of("200") + shed, "{flooded:?}");
    assert!(flooded.of("200") > 0 && shed > 0, "{flooded:?}");
    let every: Vec<_> = flooded.retry_after.iter().collect();
    assert_eq!(every, [(&"1".to_owned(), &shed)], "{flooded:?}");

    // The server counts what its clients count; a load's first call is among both.
    let shed = shed + saturated.of("429");
    assert_eq!(counted(&server, "unknown", "shed"), Some(shed as f64));
    let allowed = flooded.of("200") + saturated.of("200");
    assert_eq!(counted(&server, "false", "allowed"), Some(allowed as f64));

    let after = pool.load(0.0, 1);
    thread::sleep(measured());
    let after = after.stop();
    after.print("afterwards");
    after.assert_all_answered();
    assert_no_panic(&server);
    let peak = assert_memory_bounded(&mut server);
    println!("  {} MiB of memory at most", peak / 1024 / 1024);
}

#[test]
fn a_flood_of_the_largest_bodies_stays_within_memory() {
    let _alone = alone();
    let mut server = start(&[]);
    let pool = Pool::new(server.port(), &server.ca());
    let healthy = pool.load(50.0, 4);
    let large = pool.clone().with_body_of(6 * 1024 * 1024).load(0.0, 40);
    thread::sleep(measured() * 3);
    let large = large.stop();
    large.print("bodies of 6 MiB");
    assert!(large.lost.is_empty(), "{large:?}");
    let answered: u64 = large.answered.values().sum();
    assert_eq!(answered, large.of("200") + large.of("429"), "{large:?}");
    let healthy = healthy.stop();
    healthy.print("  and small ones meanwhile");
    healthy.assert_all_answered();
    assert_no_panic(&server);
    let peak = assert_memory_bounded(&mut server);
    println!("  {} MiB of memory at most", peak / 1024 / 1024);
}
