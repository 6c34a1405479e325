//! Wrong values fail with a message that names the key.

use rstest::rstest;
use test_support::helm::{Release, chart, lint};

use crate::control_plane::stderr;
use crate::rendered::{Mode, RELEASE, template};

fn refused(arguments: &[&str]) -> String {
    template(RELEASE, Mode::SelfManaged, arguments).expect_err("a wrong value is refused")
}

#[rstest]
// Misspelt keys, at each depth.
#[case("replica=2", "additional properties 'replica' not allowed")]
#[case("tls.mod=files", "at '/tls': additional properties 'mod' not allowed")]
#[case(
    "tls.files.secret=a",
    "at '/tls/files': additional properties 'secret' not allowed"
)]
#[case(
    "policy.mod=warn",
    "at '/policy': additional properties 'mod' not allowed"
)]
#[case(
    "policy.rules.phase-conflit=warn",
    "at '/policy/rules': additional properties 'phase-conflit' not allowed"
)]
#[case(
    "policy.extraReasons.Complete={NodeLost}",
    "at '/policy/extraReasons': additional properties 'Complete' not allowed"
)]
#[case(
    "webhooks.validating.failurepolicy=Fail",
    "additional properties 'failurepolicy' not allowed"
)]
#[case(
    "resources.limit.memory=1Gi",
    "at '/resources': additional properties 'limit' not allowed"
)]
#[case(
    "webhooks.namespaceSelector.matchLabel.a=b",
    "at '/webhooks/namespaceSelector'"
)]
// Values that no key has.
#[case(
    "tls.mode=manual",
    "at '/tls/mode': value must be one of 'selfManaged', 'certManager', 'files'"
)]
#[case("tls.mode=null", "at '/tls': missing property 'mode'")]
#[case("policy.mode=deny", "at '/policy/mode'")]
#[case("policy.vocabulary=argo", "at '/policy/vocabulary'")]
#[case(
    "policy.rules.phase-conflict=fail",
    "at '/policy/rules/phase-conflict'"
)]
#[case("policy.extraTypes={No Type}", "at '/policy/extraTypes/0'")]
#[case(
    "policy.extraReasons.Ready={node-lost}",
    "at '/policy/extraReasons/Ready/0'"
)]
#[case("policy.exemptUsers={ a}", "at '/policy/exemptUsers/0'")]
#[case("policy.exemptGroups={a\\,b}", "at '/policy/exemptGroups/0'")]
#[case("completion=on", "at '/completion'")]
#[case(
    "webhooks.validating.failurePolicy=fail",
    "at '/webhooks/validating/failurePolicy': value must be one of 'Ignore', 'Fail'"
)]
#[case(
    "webhooks.validating.timeoutSeconds=31",
    "at '/webhooks/validating/timeoutSeconds'"
)]
#[case(
    "webhooks.mutating.timeoutSeconds=0",
    "at '/webhooks/mutating/timeoutSeconds'"
)]
#[case(
    "webhooks.matchConditions[0].name=a",
    "at '/webhooks/matchConditions/0': missing property 'expression'"
)]
#[case(
    "webhooks.matchConditions[0].name=something-to-say,webhooks.matchConditions[0].expression=true",
    "at '/webhooks/matchConditions/0/name'"
)]
#[case("webhooks.skipNeedlessCalls=maybe", "at '/webhooks/skipNeedlessCalls'")]
#[case(
    "webhooks.matchConditions[0].name=not-exempt,webhooks.matchConditions[0].expression=true",
    "at '/webhooks/matchConditions/0/name'"
)]
#[case(
    "webhook.enable=false",
    "at '/webhook': additional properties 'enable' not allowed"
)]
#[case("webhook.enabled=no", "at '/webhook/enabled'")]
#[case(
    "webhooks.enabled=false",
    "at '/webhooks': additional properties 'enabled' not allowed"
)]
#[case("policies.enabled=yes", "at '/policies/enabled'")]
#[case(
    "policies.failurePolicy=Warn",
    "at '/policies/failurePolicy': value must be one of 'Ignore', 'Fail'"
)]
#[case("policies.completion=patch", "at '/policies/completion'")]
#[case(
    "policies.mode=audit",
    "at '/policies': additional properties 'mode' not allowed"
)]
#[case("image.digest=sha256:1", "at '/image/digest'")]
#[case("image.tag=a b", "at '/image/tag'")]
#[case("image.repository=https://a/b", "at '/image/repository'")]
#[case("image.pullPolicy=Sometimes", "at '/image/pullPolicy'")]
#[case("image.pullSecrets={a}", "at '/image/pullSecrets/0'")]
#[case("replicas=0", "at '/replicas'")]
#[case("replicas=two", "at '/replicas'")]
#[case("server.idleTimeout=2", "at '/server/idleTimeout'")]
#[case("server.headTimeout=0s", "at '/server/headTimeout'")]
#[case("server.maxInFlight=0", "at '/server/maxInFlight'")]
#[case("server.logLevel=verbose", "at '/server/logLevel'")]
#[case("server.extraArgs={ca-lifetime}", "at '/server/extraArgs/0'")]
#[case("tls.certManager.duration=90d", "at '/tls/certManager/duration'")]
#[case("tls.files.caBundle=ca.crt", "at '/tls/files/caBundle'")]
#[case("service.port=0", "at '/service/port'")]
#[case("containerPorts.https=443", "at '/containerPorts/https'")]
#[case("spread=zones", "at '/spread'")]
#[case("securityContext.runAsUser=0", "at '/securityContext/runAsUser'")]
#[case(
    "podDisruptionBudget.maxUnavailable=0",
    "at '/podDisruptionBudget/maxUnavailable'"
)]
#[case("autoscaling.maxReplicas=0", "at '/autoscaling/maxReplicas'")]
#[case("monitor.kind=Probe", "at '/monitor/kind'")]
#[case(
    "networkPolicy.apiServers[0].ipBlock.cidr=10.0.0.1",
    "at '/networkPolicy/apiServers/0/ipBlock/cidr'"
)]
#[case("labels.a=-", "at '/labels/a'")]
#[case("alerts.runbook=a b", "at '/alerts/runbook'")]
#[case("alerts.runbook=", "at '/alerts/runbook'")]
#[case("fullnameOverride=Hook", "at '/fullnameOverride'")]
// Pairs that are impossible together.
#[case(
    "webhook.enabled=false",
    "webhook.enabled: is false, and so is policies.enabled"
)]
#[case(
    "webhook.enabled=false,policies.enabled=true,events.enabled=true",
    "events.enabled: belongs to the webhook"
)]
#[case(
    "webhook.enabled=false,policies.enabled=true,autoscaling.enabled=true",
    "autoscaling.enabled: belongs to the webhook"
)]
#[case(
    "webhook.enabled=false,policies.enabled=true,networkPolicy.enabled=true",
    "networkPolicy.enabled: belongs to the webhook"
)]
#[case(
    "webhook.enabled=false,policies.enabled=true,monitor.kind=PodMonitor",
    "monitor.kind: belongs to the webhook"
)]
#[case(
    "webhook.enabled=false,policies.enabled=true,alerts.enabled=true",
    "alerts.enabled: belongs to the webhook"
)]
#[case(
    "webhook.enabled=false,policies.enabled=true,dashboard.enabled=true",
    "dashboard.enabled: belongs to the webhook"
)]
#[case(
    "webhook.enabled=false,policies.enabled=true,webhooks.validating.failurePolicy=Fail",
    "webhooks.validating.failurePolicy: belongs to the webhook, and webhook.enabled is false: set policies.failurePolicy=Fail"
)]
#[case(
    "tls.mode=files",
    "tls.files.caBundle: with tls.mode files an API server needs the CA"
)]
#[case(
    "tls.files.secretName=a",
    "tls.files: belongs to tls.mode files, and tls.mode is selfManaged"
)]
#[case(
    "clientCertificates.names={a}",
    "clientCertificates.names: without clientCertificates.name every client is answered"
)]
#[case(
    "test.clientCertificateSecret=a",
    "test.clientCertificateSecret: without clientCertificates.name"
)]
#[case(
    "containerPorts.admin=8443",
    "containerPorts.admin: is also containerPorts.https"
)]
#[case("service.adminPort=443", "service.adminPort: is also service.port")]
#[case(
    "autoscaling.enabled=true,autoscaling.minReplicas=6",
    "autoscaling.minReplicas: is above autoscaling.maxReplicas"
)]
#[case("networkPolicy.enabled=true", "networkPolicy.apiServers: is empty")]
#[case(
    "server.extraArgs={--mode=warn}",
    "server.extraArgs: the chart sets --mode itself"
)]
#[case(
    "server.extraArgs={--service=a/b}",
    "server.extraArgs: the chart sets --service itself"
)]
#[case(
    "server.extraArgs={--extra-type=Audited}",
    "server.extraArgs: the chart sets --extra-type itself"
)]
#[case(
    "server.extraEnv[0].name=WFE_WEBHOOK_EXEMPT_USER,server.extraEnv[0].value=ada",
    "server.extraEnv: WFE_WEBHOOK_EXEMPT_USER decides verdicts"
)]
#[case(
    "server.extraArgs={--drain-delay=1s}",
    "server.extraArgs: the chart sets --drain-delay itself"
)]
#[case(
    "podLabels.app\\.kubernetes\\.io/name=a",
    "podLabels: app.kubernetes.io/name is the chart's own"
)]
#[case(
    "labels.app\\.kubernetes\\.io/instance=a",
    "labels: app.kubernetes.io/instance is the chart's own"
)]
#[case("labels.helm\\.sh/chart=a", "labels: helm.sh/chart is the chart's own")]
#[case(
    "monitor.labels.app\\.kubernetes\\.io/version=a",
    "monitor.labels: app.kubernetes.io/version is the chart's own"
)]
#[case(
    "tls.mode=certManager,webhooks.annotations.cert-manager\\.io/inject-ca-from=a",
    "webhooks.annotations: with tls.mode certManager"
)]
fn a_wrong_value_is_named(#[case] value: &str, #[case] words: &str) {
    let message = refused(&["--set", value]);
    assert!(message.contains(words), "{value}: {message}");
}

#[test]
fn a_peer_is_a_block_or_pods_and_not_both() {
    let peers =
        r#"networkPolicy.apiServers=[{"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}}]"#;
    let message = refused(&["--set-json", peers]);
    assert!(
        message.contains("at '/networkPolicy/apiServers/0'"),
        "{message}"
    );
    let message = refused(&["--set-json", "networkPolicy.prometheus=[{}]"]);
    assert!(
        message.contains("at '/networkPolicy/prometheus/0'"),
        "{message}"
    );
}

#[test]
fn a_private_key_is_no_ca() {
    let key = "tls.files.caBundle=-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----";
    let message = refused(&["--set", key]);
    assert!(message.contains("at '/tls/files/caBundle'"), "{message}");
}

/// A Service cannot be called as this release can.
#[test]
fn a_release_whose_name_begins_with_a_digit_needs_another_name_for_its_objects() {
    let release = Release {
        name: "1st",
        namespace: "hooks",
    };
    let message = template(release, Mode::SelfManaged, &[]).unwrap_err();
    assert!(
        message.contains("fullnameOverride: no Service can be called"),
        "{message}"
    );
    let named = ["--set", "fullnameOverride=first"];
    template(release, Mode::SelfManaged, &named).unwrap();
}

/// Nothing is rendered of them, so they do no harm in a file of values.
#[rstest]
#[case("tls.mode=files")]
#[case("clientCertificates.names={a}")]
#[case("containerPorts.admin=8443")]
#[case("server.extraArgs={--mode=warn}")]
fn what_is_wrong_for_the_webhook_is_legal_without_it(#[case] value: &str) {
    refused(&["--set", value]);
    let alone = "webhook.enabled=false,policies.enabled=true";
    let values = ["--set", alone, "--set", value];
    template(RELEASE, Mode::SelfManaged, &values).unwrap();
}

#[test]
fn lint_refuses_them_as_well() {
    let output = lint(&["--set", "tls.mode=manual"]);
    assert!(!output.status.success());
    let message = format!(
        "{}{}",
        crate::control_plane::stdout(&output),
        stderr(&output)
    );
    assert!(message.contains("/tls/mode"), "{message}");
}

#[test]
fn lint_has_nothing_to_say_about_policies() {
    for values in [
        "policies.enabled=true",
        "policies.enabled=true,webhook.enabled=false",
    ] {
        let output = lint(&["--set", values]);
        assert!(output.status.success(), "{values}: {output:?}");
    }
}

#[test]
fn lint_has_nothing_to_say_about_any_mode_and_any_file_of_values() {
    let high_availability = chart().join("values-ha.yaml").display().to_string();
    for mode in Mode::ALL {
        for values in [None, Some(&high_availability)] {
            let mut arguments = mode.arguments();
            if let Some(file) = values {
                arguments.extend(["--values".to_owned(), file.clone()]);
            }
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let output = lint(&arguments);
            assert!(output.status.success(), "{arguments:?}: {output:?}");
        }
    }
}
