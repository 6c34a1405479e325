//! More work than can be done: what is too much is sent away at once and told when to come back.

use std::thread;
use std::time::{Duration, Instant};

use crate::guarded::wait_until;
use crate::pool::{Pool, Report};
use crate::server::{metric, readiness, start};
use crate::soak::{measured, mib, ms, row, soaking};
use crate::webhook_server::WebhookServer;
use crate::{alone, assert_memory_bounded, assert_no_panic};

fn counted(server: &WebhookServer, dry_run: &str, outcome: &str) -> Option<f64> {
    let series = format!(
        r#"wfe_webhook_admission_requests_total{{dry_run="{dry_run}",outcome="{outcome}",webhook="validate"}}"#
    );
    metric(server, &series)
}

/// Calls a second, by one client at a time, by which it is told how fast the server is without a flood.
const LEISURE: f64 = 100.0;

/// What one server met, one after the other.
struct Loads {
    undisturbed: Report,
    saturated: Report,
    flooded: Report,
    /// Probes during the flood, all of them answered.
    probes: usize,
    /// From the end of the flood to the next calls.
    pause: Duration,
    afterwards: Report,
}

fn make(server: &WebhookServer) -> Loads {
    let pool = Pool::new(server.port(), &server.ca()).with_a_dear_review();

    let load = pool.load(LEISURE, 1);
    thread::sleep(measured());
    let undisturbed = load.stop();

    let load = pool.load(0.0, 8);
    thread::sleep(measured() * 2);
    let saturated = load.stop();

    // Not more workers than a pool keeps connections, or handshakes would be most of what is measured.
    let load = pool.load(saturated.rate() * 2.0, 25);
    let begun = Instant::now();
    let mut probes = 0;
    while begun.elapsed() < measured() * 3 {
        assert_eq!(readiness(server).status, 200);
        probes += 1;
        thread::sleep(Duration::from_millis(100));
    }
    wait_until("some are sent away", || {
        counted(server, "unknown", "shed").filter(|&shed| shed > 0.0)
    });
    let flooded = load.stop();

    let ended = Instant::now();
    let load = pool.load_until_settled(LEISURE, 1, undisturbed.p99_ms);
    let pause = ended.elapsed();
    thread::sleep(measured());
    Loads {
        undisturbed,
        saturated,
        flooded,
        probes,
        pause,
        afterwards: load.stop(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "small counts")]
#[test]
fn what_is_too_much_is_sent_away_and_the_rest_is_answered() {
    let _alone = alone();
    let mut server = start(&["--max-in-flight", "2"]);
    let loads = make(&server);
    let Loads {
        undisturbed,
        saturated,
        flooded,
        afterwards,
        ..
    } = &loads;

    assert!(flooded.lost.is_empty(), "{flooded:?}");
    let shed = flooded.of("429");
    let answered: u64 = flooded.answered.values().sum();
    assert_eq!(answered, flooded.of("200") + shed, "{flooded:?}");
    assert!(flooded.of("200") > 0 && shed > 0, "{flooded:?}");
    let every: Vec<_> = flooded.retry_after.iter().collect();
    assert_eq!(every, [(&"1".to_owned(), &shed)], "{flooded:?}");
    undisturbed.assert_all_answered();
    afterwards.assert_all_answered();

    // The server counts what its clients count; a load's first call is among both.
    let reports = [undisturbed, saturated, flooded, afterwards];
    for (status, dry_run, outcome) in [("429", "unknown", "shed"), ("200", "false", "denied")] {
        let clients: u64 = reports.iter().map(|report| report.of(status)).sum();
        let server = counted(&server, dry_run, outcome);
        assert_eq!(server, Some(clients as f64), "{status}");
    }
    assert_no_panic(&server);
    let peak = assert_memory_bounded(&mut server);
    if soaking() {
        print(&loads, peak);
    }
}

fn print(loads: &Loads, peak: u64) {
    let Loads {
        undisturbed,
        saturated,
        flooded,
        afterwards,
        ..
    } = loads;
    let measured = |what: &str, figures: String| row(&[what.to_owned(), figures]);
    measured(
        "saturated: 8 clients that call as fast as they can",
        format!("{:.0} answers 200 a second", saturated.rate()),
    );
    measured(
        "flooded: 25 clients that try to call twice as often",
        format!(
            "{:.0} calls a second, {:.0} of them answered 200: {:.0} % of the saturated rate",
            flooded.offered(),
            flooded.rate(),
            flooded.rate() / saturated.rate() * 100.0
        ),
    );
    measured(
        "the others are sent away with `Retry-After`",
        format!(
            "p50 {}, p99 {}",
            ms(flooded.shed_p50_ms),
            ms(flooded.shed_p99_ms)
        ),
    );
    measured(
        "`/readyz` meanwhile",
        format!("{0} of {0} answered 200", loads.probes),
    );
    let settled = afterwards.settled_ms.map_or_else(
        || "not".to_owned(),
        |after| ms(loads.pause.as_secs_f64() * 1000.0 + after),
    );
    measured(
        "afterwards, 20 calls in a row within the p99 of before",
        format!(
            "after {settled}; p99 before {}, after {}",
            ms(undisturbed.p99_ms),
            ms(afterwards.p99_ms)
        ),
    );
    measured("memory at most", mib(peak));
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
    assert!(large.lost.is_empty(), "{large:?}");
    let answered: u64 = large.answered.values().sum();
    assert_eq!(answered, large.of("200") + large.of("429"), "{large:?}");
    let healthy = healthy.stop();
    healthy.assert_all_answered();
    assert_no_panic(&server);
    let peak = assert_memory_bounded(&mut server);
    if soaking() {
        row(&[
            format!("bodies of 6 MiB by 40 clients, for {:.0} s", large.seconds),
            format!(
                "{} answered, {} sent away; {} at most; {} small calls meanwhile, none lost, p99 {}",
                large.of("200"),
                large.of("429"),
                mib(peak),
                healthy.of("200"),
                ms(healthy.p99_ms)
            ),
        ]);
    }
}
