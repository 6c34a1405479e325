//! `docs/monitoring.md`: its tables have just the alerts, the rows of the dashboard and the metrics that there are.

use std::collections::BTreeSet;

use crate::files::{ALERTS, read, root, rules, text};
use crate::panels::ROWS;
use crate::state_metrics;

fn page() -> String {
    read(&root().join("docs/monitoring.md"))
}

/// The first cells of a table's lines, with as many further ones as are asked for; without backticks.
fn cells<const N: usize>(page: &str, start: &str) -> Vec<[String; N]> {
    let lines = page.lines().filter(|line| line.starts_with(start));
    lines
        .map(|line| {
            let mut cells = line.split('|').skip(1);
            [(); N].map(|()| cells.next().unwrap().trim().trim_matches('`').to_owned())
        })
        .collect()
}

#[test]
fn the_table_of_alerts_has_each_with_its_severity() {
    let page = page();
    let mut told = cells::<2>(&page, "| `WfeWebhook");
    told.extend(cells(&page, "| `WorkflowExecution"));
    let all = ALERTS.into_iter().flat_map(rules);
    let alerts = all.filter(|rule| rule.get("alert").is_some());
    let there = alerts.map(|alert| {
        let severity = text(&alert["labels"], "severity");
        [text(&alert, "alert").to_owned(), severity.to_owned()]
    });
    assert_eq!(told.len(), told.iter().collect::<BTreeSet<_>>().len());
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), there.collect());
}

#[test]
fn the_table_of_kube_state_metrics_has_each_metric() {
    let told = cells::<1>(&page(), "| `kube_workflowexecution");
    let there = state_metrics::exported().into_iter();
    let there: BTreeSet<[String; 1]> = there.map(|(metric, _)| [metric]).collect();
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), there);
}

#[test]
fn every_row_of_the_dashboard_is_drawn_and_shown() {
    let page = page();
    for row in ROWS {
        let picture = format!(
            "img/dashboard-{}.svg",
            row.title.to_lowercase().replace(' ', "-")
        );
        assert!(
            page.contains(&format!("]({picture})")),
            "{picture} is not shown"
        );
        let drawn = read(&root().join("docs").join(&picture));
        for panel in row.panels {
            // Of a picture that is older than a panel.
            let title = panel.title.replace('&', "&amp;");
            assert!(
                drawn.contains(&title),
                "{picture} does not have {title}: DRAW_DASHBOARD=1 cargo test --test api_server dashboard"
            );
        }
    }
}
