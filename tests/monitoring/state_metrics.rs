//! `deploy/monitoring/kube-state-metrics.yaml` against the documented form of such a configuration, and against the CRDs.
//!
//! The fields are those of kube-state-metrics' `docs/metrics/extend/customresourcestate-metrics.md` and of the types that read
//! the file, `pkg/customresourcestate/config.go` and `config_metrics_types.go`, as of version 2.17. The program itself cannot
//! be had as a package, so nothing here has run it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use wfe_webhook::vocabulary::{ConditionStatus, Phase};

use crate::files::{deployed, read, root};
use crate::known::Labels;

type Path = Vec<String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    kind: String,
    spec: Spec,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    resources: Vec<Resource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Resource {
    group_version_kind: GroupVersionKind,
    #[serde(rename = "resourcePlural")]
    plural: String,
    metric_name_prefix: String,
    #[serde(default)]
    #[expect(dead_code, reason = "it is a legal field")]
    common_labels: BTreeMap<String, String>,
    labels_from_path: BTreeMap<String, Path>,
    #[serde(rename = "errorLogV")]
    #[expect(dead_code, reason = "it is a legal field")]
    error_log_v: i32,
    metrics: Vec<Generator>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupVersionKind {
    group: String,
    version: String,
    kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Generator {
    name: String,
    help: String,
    #[serde(default)]
    #[expect(dead_code, reason = "it is a legal field")]
    common_labels: BTreeMap<String, String>,
    #[serde(default)]
    labels_from_path: BTreeMap<String, Path>,
    each: Each,
}

/// One of the three, and `type` says which.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Each {
    r#type: String,
    gauge: Option<Gauge>,
    state_set: Option<StateSet>,
    info: Option<Info>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Gauge {
    #[serde(default)]
    labels_from_path: BTreeMap<String, Path>,
    path: Path,
    #[serde(default)]
    value_from: Path,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct StateSet {
    #[serde(default)]
    labels_from_path: BTreeMap<String, Path>,
    path: Path,
    list: Vec<String>,
    label_name: String,
    #[serde(default)]
    value_from: Path,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Info {
    labels_from_path: BTreeMap<String, Path>,
    #[serde(default)]
    path: Path,
}

/// What a metric is made of, whatever its type.
struct Parts<'e> {
    /// Where its values are.
    path: &'e Path,
    /// The field below that place with the value.
    value: &'e [String],
    /// Labels from fields below that place.
    labels: &'e BTreeMap<String, Path>,
    /// The label of a set with its values.
    set: Option<(&'e str, &'e [String])>,
}

impl Each {
    fn parts(&self) -> Parts<'_> {
        let (path, value, labels, set) = match (
            self.r#type.as_str(),
            &self.gauge,
            &self.state_set,
            &self.info,
        ) {
            ("Gauge", Some(it), None, None) => (
                &it.path,
                it.value_from.as_slice(),
                &it.labels_from_path,
                None,
            ),
            ("StateSet", None, Some(it), None) => {
                let set = (it.label_name.as_str(), it.list.as_slice());
                (
                    &it.path,
                    it.value_from.as_slice(),
                    &it.labels_from_path,
                    Some(set),
                )
            }
            ("Info", None, None, Some(it)) => (&it.path, [].as_slice(), &it.labels_from_path, None),
            _ => panic!("{self:?} is not just what its type says"),
        };
        Parts {
            path,
            value,
            labels,
            set,
        }
    }
}

fn configuration() -> Configuration {
    let text = read(&deployed("kube-state-metrics.yaml"));
    serde_saphyr::from_str(&text).unwrap()
}

/// What kube-state-metrics exports: metrics with their labels and, where they are a closed set, the labels' values.
pub fn exported() -> Vec<(String, Labels)> {
    let mut all = Vec::new();
    for resource in configuration().spec.resources {
        for metric in &resource.metrics {
            let parts = metric.each.parts();
            let own = resource.labels_from_path.keys();
            let names = own
                .chain(metric.labels_from_path.keys())
                .chain(parts.labels.keys());
            let mut labels: Labels = names.map(|name| (name.clone(), None)).collect();
            for part in ["group", "version", "kind"] {
                labels.insert(format!("customresource_{part}"), None);
            }
            if let Some((name, values)) = parts.set {
                labels.insert(name.to_owned(), Some(values.to_vec()));
            }
            all.push((
                format!("{}_{}", resource.metric_name_prefix, metric.name),
                labels,
            ));
        }
    }
    all
}

/// The schema of a field; of a list the schema of its items.
fn field<'s>(schema: &'s Value, path: &[String]) -> Option<&'s Value> {
    path.iter().try_fold(schema, |schema, name| {
        let schema = schema.get("items").unwrap_or(schema);
        schema.get("properties")?.get(name)
    })
}

#[test]
fn it_has_the_documented_form_and_every_metric_a_type_and_a_help() {
    let configuration = configuration();
    assert_eq!(configuration.kind, "CustomResourceStateMetrics");
    for resource in &configuration.spec.resources {
        for metric in &resource.metrics {
            metric.each.parts();
            assert!(metric.help.ends_with('.'), "{}", metric.help);
            let is_info = metric.each.r#type == "Info";
            assert_eq!(metric.name.ends_with("info"), is_info, "{}", metric.name);
        }
    }
}

#[test]
fn every_path_is_a_field_of_the_custom_resource() {
    let resources = configuration().spec.resources;
    assert_eq!(resources.len(), 2);
    for resource in resources {
        let GroupVersionKind {
            group,
            version,
            kind,
        } = &resource.group_version_kind;
        let file = root().join(format!("tests/fixtures/crd-{group}.yaml"));
        let crd: Value = serde_saphyr::from_str(&read(&file)).unwrap();
        assert_eq!(crd["spec"]["names"]["kind"], **kind);
        assert_eq!(crd["spec"]["names"]["plural"], *resource.plural);
        let served = &crd["spec"]["versions"][0];
        assert_eq!(served["name"], **version);
        let schema = &served["schema"]["openAPIV3Schema"];
        for path in resource.labels_from_path.values() {
            assert_eq!(path[0], "metadata");
        }
        for metric in &resource.metrics {
            let Parts {
                path,
                value,
                labels,
                ..
            } = metric.each.parts();
            let place = field(schema, path);
            let place = place.unwrap_or_else(|| panic!("{group}: no {path:?}"));
            for below in labels.values().map(Vec::as_slice).chain([value]) {
                assert!(
                    field(place, below).is_some(),
                    "{group}: {path:?} has no {below:?}"
                );
            }
        }
    }
}

#[test]
fn a_set_has_every_value_of_the_program() {
    let sets: Vec<Vec<String>> = configuration().spec.resources[0]
        .metrics
        .iter()
        .filter_map(|metric| metric.each.parts().set.map(|(_, values)| values.to_vec()))
        .collect();
    let phases: Vec<&str> = Phase::ALL.iter().map(|phase| phase.name()).collect();
    let statuses = ConditionStatus::ALL.map(ConditionStatus::name).to_vec();
    assert_eq!(sets, [phases, statuses]);
}
