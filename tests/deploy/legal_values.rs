//! Whatever legal values are chosen: the program takes the arguments, and an API server takes the objects.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use serde_json::{Map, Value, json};
use wfe_webhook::rules::Rule;

use crate::api_server::{RESTRICTED, all, prepared, submit};
use crate::control_plane::stderr;
use crate::rendered::{Mode, Rendered, serve_args, template};

/// How many are tried. Each takes half a second.
const CASES: u32 = 48;

fn one_of(values: &[Value]) -> BoxedStrategy<Value> {
    select(values.to_vec()).boxed()
}

fn number(range: std::ops::RangeInclusive<u32>) -> BoxedStrategy<Value> {
    range.prop_map(Value::from).boxed()
}

fn text(pattern: &'static str) -> BoxedStrategy<Value> {
    pattern.prop_map(Value::from).boxed()
}

fn some_of(values: &'static [&'static str]) -> BoxedStrategy<Value> {
    subsequence(values, 0..=values.len())
        .prop_map(|chosen| json!(chosen))
        .boxed()
}

fn duration() -> BoxedStrategy<Value> {
    (1_u32..500, select(vec!["ms", "s", "m", "h"]))
        .prop_map(|(count, unit)| Value::from(format!("{count}{unit}")))
        .boxed()
}

fn flag() -> BoxedStrategy<Value> {
    any::<bool>().prop_map(Value::from).boxed()
}

fn labels() -> BoxedStrategy<Value> {
    let key = "([a-z]{1,8}(\\.[a-z]{1,8}){1,2}/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,20}[A-Za-z0-9])?";
    let value = "([A-Za-z0-9]([A-Za-z0-9_.-]{0,20}[A-Za-z0-9])?)?";
    proptest::collection::btree_map(key, value, 0..3)
        .prop_map(|map| json!(map))
        .boxed()
}

/// An object with any of its keys.
fn object(keys: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let values: Vec<_> = keys
        .into_iter()
        .map(|(_, value)| proptest::option::of(value))
        .collect();
    values
        .prop_map(move |values| {
            let set = names.iter().zip(values);
            let set = set.filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
            Value::Object(set.collect::<Map<_, _>>())
        })
        .boxed()
}

fn selector() -> BoxedStrategy<Value> {
    one_of(&[
        json!({}),
        json!({"matchLabels": {"a": "b"}}),
        json!({"matchExpressions": [{"key": "example.com/exempt", "operator": "DoesNotExist"}]}),
        json!({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b", ""]}]}),
    ])
}

fn peers() -> BoxedStrategy<Value> {
    let all = vec![
        json!({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}),
        json!({"ipBlock": {"cidr": "2001:db8::/32"}}),
        json!({"podSelector": {}, "namespaceSelector": {"matchLabels": {"a": "b"}}}),
    ];
    subsequence(all, 1..=3).prop_map(Value::from).boxed()
}

fn policy() -> BoxedStrategy<Value> {
    let actions = ["off", "audit", "warn", "deny"];
    let rules = proptest::collection::btree_map(
        select(Rule::ALL.map(Rule::id).to_vec()),
        select(actions.to_vec()),
        0..4,
    );
    object(vec![
        (
            "mode",
            one_of(&["audit", "warn", "enforce"].map(Value::from)),
        ),
        (
            "vocabulary",
            one_of(&["auto", "tekton", "execution"].map(Value::from)),
        ),
        ("rules", rules.prop_map(|rules| json!(rules)).boxed()),
        (
            "extraTypes",
            some_of(&["Audited", "x-1.example.com/Audited_by-me.2"]),
        ),
        (
            "extraReasons",
            one_of(&[
                json!({}),
                json!({"Ready": ["A", "B2"], "ResourceLocked": ["C"]}),
            ]),
        ),
        (
            "exemptUsers",
            some_of(&["system:serviceaccount:a:b", "Ada Ü. \"#\": {x}", "'"]),
        ),
        ("exemptGroups", some_of(&["system:masters", "- a: b"])),
    ])
}

fn webhooks() -> BoxedStrategy<Value> {
    let conditions = one_of(&[
        json!([]),
        json!([
            {"name": "not-a-copy", "expression": "object.metadata.name != \"copy\""},
            {"name": "example.com/people", "expression": "!('system:nodes' in request.userInfo.groups)"},
        ]),
    ]);
    object(vec![
        ("mutating", object(vec![("timeoutSeconds", number(1..=30))])),
        (
            "validating",
            object(vec![
                (
                    "failurePolicy",
                    one_of(&["Ignore", "Fail"].map(Value::from)),
                ),
                ("timeoutSeconds", number(1..=30)),
            ]),
        ),
        ("namespaceSelector", selector()),
        ("skipNeedlessCalls", one_of(&[true, false].map(Value::from))),
        ("matchConditions", conditions),
        ("annotations", annotations()),
    ])
}

fn annotations() -> BoxedStrategy<Value> {
    one_of(&[
        json!({}),
        json!({"example.com/a": "true", "b": "a: 'b' #c\n\"d\""}),
    ])
}

fn server() -> BoxedStrategy<Value> {
    object(vec![
        ("maxInFlight", number(1..=1_000_000)),
        ("maxConnections", number(1..=1_000_000)),
        ("handshakeTimeout", duration()),
        ("headTimeout", duration()),
        ("bodyTimeout", duration()),
        ("idleTimeout", duration()),
        ("drainDelaySeconds", number(0..=3600)),
        ("drainTimeoutSeconds", number(0..=3600)),
        (
            "logLevel",
            one_of(&["off", "error", "warn", "info", "debug", "trace"].map(Value::from)),
        ),
        ("logFormat", one_of(&["json", "text"].map(Value::from))),
        (
            "extraArgs",
            some_of(&["--reload-interval=7s", "--sync-interval=9s"]),
        ),
        (
            "extraEnv",
            one_of(&[
                json!([]),
                json!([
                    {"name": "A", "value": "b: #c"},
                    {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
                ]),
            ]),
        ),
    ])
}

fn image() -> BoxedStrategy<Value> {
    object(vec![
        (
            "repository",
            one_of(&["wfe-webhook", "registry.example.com:5000/a/b"].map(Value::from)),
        ),
        ("tag", text("[A-Za-z0-9_][A-Za-z0-9._-]{0,20}")),
        ("digest", text("sha256:[0-9a-f]{64}")),
        (
            "pullPolicy",
            one_of(&["Always", "IfNotPresent", "Never"].map(Value::from)),
        ),
        (
            "pullSecrets",
            one_of(&[json!([]), json!([{"name": "a"}, {"name": "b.c"}])]),
        ),
    ])
}

fn scheduling() -> Vec<(&'static str, BoxedStrategy<Value>)> {
    vec![
        ("replicas", number(1..=100)),
        (
            "spread",
            one_of(&["preferred", "required"].map(Value::from)),
        ),
        (
            "affinity",
            one_of(&[
                json!({}),
                json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
                ]}}}),
            ]),
        ),
        ("nodeSelector", labels()),
        (
            "tolerations",
            one_of(&[
                json!([]),
                json!([{"operator": "Exists"}, {"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule"}]),
            ]),
        ),
        // The only classes that are there by themselves.
        (
            "priorityClassName",
            one_of(&["", "system-cluster-critical", "system-node-critical"].map(Value::from)),
        ),
        (
            "podDisruptionBudget",
            object(vec![
                ("enabled", flag()),
                (
                    "maxUnavailable",
                    one_of(&[json!(1), json!(2), json!("50%")]),
                ),
            ]),
        ),
        (
            "autoscaling",
            object(vec![
                ("enabled", flag()),
                ("minReplicas", number(1..=5)),
                ("maxReplicas", number(5..=100)),
                ("targetCPUUtilizationPercentage", number(1..=1000)),
            ]),
        ),
        (
            "resources",
            one_of(&[
                json!({}),
                json!({"requests": {"cpu": 1, "memory": "64Mi"}, "limits": {"cpu": "1500m", "memory": "1Gi"}}),
                json!({"requests": null, "limits": null}),
            ]),
        ),
        (
            "securityContext",
            object(vec![
                (
                    "runAsUser",
                    one_of(&[json!(null), json!(1), json!(1_000_660_000)]),
                ),
                ("runAsGroup", one_of(&[json!(null), json!(1)])),
                ("fsGroup", one_of(&[json!(null), json!(2_147_483_647)])),
            ]),
        ),
    ]
}

fn values() -> BoxedStrategy<Value> {
    let mut keys = scheduling();
    keys.extend([
        ("nameOverride", text("[a-z]([a-z0-9-]{0,30}[a-z0-9])?")),
        ("fullnameOverride", text("[a-z]([a-z0-9-]{0,61}[a-z0-9])?")),
        ("image", image()),
        (
            "clientCertificates",
            object(vec![
                ("key", text("[A-Za-z0-9_-]{1,20}\\.pem")),
                ("kind", one_of(&["Secret", "ConfigMap"].map(Value::from))),
            ])
            .prop_flat_map(|base| {
                let names = some_of(&["kube-apiserver", "spiffe://a/b", "a b"]);
                (Just(base), any::<bool>(), names).prop_map(|(mut base, set, names)| {
                    if set {
                        base["name"] = "client-ca".into();
                        base["names"] = names;
                    }
                    base
                })
            })
            .boxed(),
        ),
        ("policy", policy()),
        (
            "policies",
            object(vec![
                ("enabled", flag()),
                ("failurePolicy", one_of(&["Ignore", "Fail"].map(Value::from))),
                ("completion", flag()),
            ]),
        ),
        ("completion", one_of(&["", "patch", "audit", "off"].map(Value::from))),
        ("webhooks", webhooks()),
        ("events", object(vec![("enabled", flag())])),
        ("server", server()),
        (
            "service",
            object(vec![
                ("port", number(1..=8079)),
                ("adminPort", number(8081..=65535)),
                ("annotations", annotations()),
            ]),
        ),
        (
            "containerPorts",
            object(vec![("https", number(8081..=20_000)), ("admin", number(1024..=8080))]),
        ),
        (
            "networkPolicy",
            (peers(), peers(), any::<bool>())
                .prop_map(|(api_servers, prometheus, enabled)| {
                    json!({"enabled": enabled, "apiServers": api_servers, "prometheus": prometheus})
                })
                .boxed(),
        ),
        (
            "monitor",
            object(vec![
                ("kind", one_of(&["", "ServiceMonitor", "PodMonitor"].map(Value::from))),
                ("labels", labels()),
                ("interval", text("[1-9][0-9]{0,2}(ms|s|m|h)")),
            ]),
        ),
        (
            "alerts",
            object(vec![
                ("enabled", flag()),
                ("labels", labels()),
                ("runbook", text("[A-Za-z0-9/.][A-Za-z0-9._~:/?&=%+@-]{0,30}")),
                ("executions", flag()),
            ]),
        ),
        (
            "dashboard",
            object(vec![("enabled", flag()), ("labels", labels()), ("annotations", annotations())]),
        ),
        ("test", object(vec![("enabled", flag()), ("writes", flag())])),
        ("serviceAccount", object(vec![("annotations", annotations())])),
        ("labels", labels()),
        ("annotations", annotations()),
        ("podLabels", labels()),
        ("podAnnotations", annotations()),
    ]);
    object(keys)
}

#[test]
fn the_program_and_an_api_server_take_whatever_the_schema_allows() {
    let config = Config {
        cases: CASES,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        // Each step costs seconds.
        max_shrink_iters: 30,
        ..Config::default()
    };
    let cases = (select(Mode::ALL.to_vec()), values());
    TestRunner::new(config)
        .run(&cases, |(mode, values)| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), values.to_string()).unwrap();
            let path = file.path().display().to_string();
            let text = template(RESTRICTED, mode, &["--values", &path]);
            let text = text.map_err(|message| TestCaseError::fail(format!("Helm: {message}")))?;
            let rendered = Rendered::read(&text);
            let args = serve_args(&rendered.container());
            if mode == Mode::SelfManaged {
                let settings = args.self_managed.settings();
                prop_assert!(settings.is_ok_and(|settings| settings.is_some()));
            }
            let output = submit(prepared(), &all(&rendered));
            prop_assert!(output.status.success(), "{}", stderr(&output));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
