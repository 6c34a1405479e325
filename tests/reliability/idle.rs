//! Connections that an API server keeps for its next call: the server never closes one first.

use crate::alone;
use crate::pool::Pool;
use crate::server::start;

#[test]
fn idle_connections_are_reused_up_to_the_clients_own_limit() {
    let _alone = alone();
    // As 90 s and 120 s, the API server's limit and the server's, but in less time.
    let server = start(&["--idle-timeout", "4s"]);
    let pool = Pool::new(server.port(), &server.ca());
    for gap in ["500ms", "1500ms", "2500ms", "2900ms"] {
        let report = pool.bursts(2, gap, "3s");
        report.assert_all_answered();
        assert_eq!(report.of("200"), 50);
        assert!(report.reused > 0, "after {gap}: {report:?}");
    }
    // Here the client closes while it calls again.
    for gap in ["2995ms", "3s", "3005ms"] {
        pool.bursts(2, gap, "3s").assert_all_answered();
    }
}

/// With the server's own limit and a client that keeps connections for longer than 90 s. It makes no load, and so runs
/// beside the others.
#[test]
fn by_default_a_connection_that_was_idle_for_longer_than_an_api_server_keeps_it_is_reused() {
    let server = start(&[]);
    let report = Pool::new(server.port(), &server.ca()).bursts(2, "95s", "0s");
    report.assert_all_answered();
    assert_eq!(report.of("200"), 50);
    assert!(
        report.reused >= 25,
        "all calls of the second burst: {report:?}"
    );
}
