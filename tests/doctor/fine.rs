use crate::installation::{CONFIGURATION, Installation, NAMESPACE, expect};

/// The beginning of each line, without times and counts.
const LINES: [&str; 27] = [
    "ok       clock of the API server: agrees",
    "ok       CRD workflowexecutions.workflowexecution.kubernaut.ai: v1alpha1 with the status subresource",
    "ok       CRD workflowexecutions.kubernaut.ai: v1alpha1 with the status subresource",
    "ok       mutating configuration: wfe-webhook registers mutate.wfe-webhook.kubernaut.ai",
    "ok       mutating path: /mutate is called",
    "ok       mutating rules: every status write",
    "ok       mutating matchConditions: writes are left out where nothing is to say",
    "ok       mutating timeoutSeconds: 10",
    "ok       mutating reinvocationPolicy: IfNeeded",
    "ok       mutating caBundle: 1 certificate, valid until ",
    "ok       Service doctor/hook: leads to localhost",
    "ok       mutating certificate: valid until ",
    "ok       mutating certificate: is for hook.doctor.svc",
    "ok       mutating certificate: is trusted by the caBundle",
    "ok       clock of the server: agrees",
    "ok       /mutate answer: a write without conditions is completed",
    "ok       mutating failurePolicy: Ignore",
    "ok       validating configuration: wfe-webhook registers validate.wfe-webhook.kubernaut.ai",
    "ok       validating path: /validate is called",
    "ok       validating rules: every status write",
    "ok       validating matchConditions: writes are left out where nothing is to say",
    "ok       validating timeoutSeconds: 10",
    "ok       validating caBundle: 1 certificate, valid until ",
    "ok       Service doctor/hook: leads to localhost",
    "ok       validating certificate: valid until ",
    "ok       validating certificate: is for hook.doctor.svc",
    "ok       validating certificate: is trusted by the caBundle",
];
const LAST_LINES: [&str; 7] = [
    "ok       clock of the server: agrees",
    "ok       /validate answer: a write with an unknown condition type is refused",
    "ok       validating failurePolicy: Ignore: while no replica answers, writes pass unjudged",
    "ok       policies: none: the API server judges and completes nothing by itself",
    "ok       refusal through the API server: a write with an unknown condition type is refused",
    "ok       completion through the API server: a write without conditions is completed, by 2",
    "0 errors, 0 warnings, 33 ok",
];

#[test]
fn an_installation_by_service_is_fine_in_every_line() {
    let installation = Installation::new();
    installation.register_well();
    let text = expect(
        &mut installation.doctor(),
        0,
        &[LAST_LINES[4], LAST_LINES[5]],
    );
    let lines: Vec<&str> = text.lines().collect();
    let expected = LINES.into_iter().chain(LAST_LINES);
    for (line, start) in lines.iter().zip(expected.clone()) {
        assert!(line.starts_with(start), "{line}\nis not\n{start}\n{text}");
    }
    assert_eq!(lines.len(), expected.count(), "{text}");
}

#[test]
fn nothing_is_stored() {
    let installation = Installation::new();
    installation.register_well();
    let object = || {
        let output = crate::control_plane::run(installation.plane.kubectl().args([
            "get",
            "workflowexecutions.kubernaut.ai/running",
            "--namespace",
            NAMESPACE,
            "--output=jsonpath={.metadata.resourceVersion}",
        ]));
        crate::control_plane::stdout(&output)
    };
    let before = object();
    let named = format!("{NAMESPACE}/running");
    expect(
        installation.doctor().args(["--object", &named]),
        0,
        &["completion through the API server: a write without conditions is completed"],
    );
    assert_eq!(object(), before);
}

#[test]
fn an_installation_by_url_is_asked_there() {
    let installation = Installation::new();
    let url = format!("https://localhost:{}", installation.server.port());
    installation.register_as(&installation.server.ca(), &["--url", &url], |_| ());
    expect(
        &mut installation.doctor_from_afar(),
        0,
        &[
            "validating certificate: is for localhost",
            "0 errors, 0 warnings",
        ],
    );
}

#[test]
fn from_outside_without_an_address_it_explains_how_to_get_one() {
    let installation = Installation::new();
    installation.register_well();
    let port_forward = format!(
        "kubectl --namespace {NAMESPACE} port-forward service/hook 8443:{}, and then --address localhost:8443",
        installation.server.port()
    );
    expect(
        &mut installation.doctor_from_afar(),
        0,
        &[
            "warning  /validate answer: certificate and answer not checked",
            &port_forward,
            "ok       refusal through the API server",
            "0 errors, 2 warnings",
        ],
    );
}

#[test]
fn a_server_that_only_audits_is_a_warning() {
    let installation =
        Installation::serving(&["--tls-name", crate::installation::HOST, "--mode", "audit"]);
    installation.register_well();
    expect(
        &mut installation.doctor(),
        0,
        &[
            "warning  /mutate answer: a write without conditions is not completed",
            "warning  /validate answer: a write with an unknown condition type is only noted in the audit log",
            "warning  refusal through the API server",
            "warning  completion through the API server",
            "0 errors, 4 warnings",
        ],
    );
}

#[test]
fn another_name_of_the_configurations_is_reported_or_accepted() {
    let installation = Installation::new();
    installation.register_well();
    let words = format!("there is no other; {CONFIGURATION} seems to be it under another name");
    expect(
        installation.doctor().args(["--configuration", "other"]),
        1,
        &[
            &format!("error    mutating configuration: {words}"),
            &format!("error    validating configuration: {words}"),
        ],
    );
}
