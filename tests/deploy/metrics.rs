//! What a Prometheus operator is told.

use rstest::rstest;
use serde_json::Value;

use crate::rendered::{Mode, Rendered};

#[rstest]
#[case::none("", &[])]
#[case::service("ServiceMonitor", &["ServiceMonitor"])]
#[case::pods("PodMonitor", &["PodMonitor"])]
fn there_is_one_monitor_or_none(#[case] kind: &str, #[case] expected: &[&str]) {
    let value = format!("monitor.kind={kind}");
    let rendered = Rendered::with(Mode::SelfManaged, &["--set", &value]);
    let kinds = rendered.kinds().into_iter();
    let found: Vec<&str> = kinds.filter(|kind| kind.ends_with("Monitor")).collect();
    assert_eq!(found, expected);
}

#[rstest]
#[case::service("ServiceMonitor", "endpoints")]
#[case::pods("PodMonitor", "podMetricsEndpoints")]
fn it_leads_to_the_metrics(#[case] kind: &str, #[case] endpoints: &str) {
    let value = format!(
        "monitor.kind={kind},monitor.labels.release=prometheus,labels.release=all,monitor.interval=10s"
    );
    let rendered = Rendered::with(Mode::SelfManaged, &["--set", &value]);
    let monitor: Value = rendered.only(kind);
    assert_eq!(monitor["metadata"]["labels"]["release"], "prometheus");
    let endpoint = &monitor["spec"][endpoints][0];
    assert_eq!(
        (&endpoint["path"], &endpoint["interval"]),
        (&"/metrics".into(), &"10s".into())
    );
    let (ports, labels) = if kind == "ServiceMonitor" {
        let service: Value = rendered.only("Service");
        (
            service["spec"]["ports"].clone(),
            service["metadata"]["labels"].clone(),
        )
    } else {
        let template = rendered.only::<Value>("Deployment")["spec"]["template"].clone();
        (
            template["spec"]["containers"][0]["ports"].clone(),
            template["metadata"]["labels"].clone(),
        )
    };
    let names: Vec<&Value> = ports
        .as_array()
        .unwrap()
        .iter()
        .map(|port| &port["name"])
        .collect();
    assert!(names.contains(&&endpoint["port"]), "{names:?}");
    for (label, value) in monitor["spec"]["selector"]["matchLabels"]
        .as_object()
        .unwrap()
    {
        assert_eq!(&labels[label], value);
    }
}
