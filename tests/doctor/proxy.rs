//! The way to the API server leads through a proxy, as for kubectl.

use std::process::Command;

use rstest::rstest;
use test_support::connect_proxy::{ConnectProxy, UNRESOLVABLE, VARIABLES, kubeconfig};

use crate::control_plane::{ADMIN, run, stderr};
use crate::installation::{Installation, PROGRAM, expect};

/// What stands for the proxy's URL in variables.
const PROXY: &str = "PROXY";

fn with_variables<'c>(
    command: &'c mut Command,
    variables: &[(&str, &str)],
    proxy: &ConnectProxy,
) -> &'c mut Command {
    for name in VARIABLES {
        command.env_remove(name);
    }
    let value = |value: &str| match value {
        PROXY => proxy.url(),
        other => other.to_owned(),
    };
    command.envs(variables.iter().map(|(name, text)| (name, value(text))))
}

/// kubectl is run as well, so that the table cannot be wrong.
#[rstest]
#[case::proxy_url(true, &[])]
#[case::proxy_url_whatever_no_proxy_has(true, &[("NO_PROXY", "*")])]
#[case::https_proxy(false, &[("HTTPS_PROXY", PROXY)])]
#[case::lower_case(false, &[("https_proxy", PROXY)])]
#[case::no_proxy_for_another_host(false, &[("HTTPS_PROXY", PROXY), ("NO_PROXY", "127.0.0.1,.other.invalid,")])]
fn an_api_server_behind_a_proxy_is_reached(
    #[case] in_kubeconfig: bool,
    #[case] variables: &[(&str, &str)],
) {
    let installation = Installation::new();
    installation.register_well();
    let plane = installation.plane;
    let target = plane.url().strip_prefix("https://").unwrap();
    let proxy = ConnectProxy::start(target.parse().unwrap());
    let url = proxy.url();
    let text = std::fs::read_to_string(plane.kubeconfig(ADMIN)).unwrap();
    let text = kubeconfig(&text, UNRESOLVABLE, in_kubeconfig.then_some(url.as_str()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, text).unwrap();

    let mut kubectl = plane.kubectl();
    kubectl.env("KUBECONFIG", &file);
    kubectl.args(["get", "--raw", "/version"]);
    let output = run(with_variables(&mut kubectl, variables, &proxy));
    assert!(output.status.success(), "{}", stderr(&output));
    let by_kubectl = proxy.tunnels();
    assert!(by_kubectl > 0);

    let mut doctor = Command::new(PROGRAM);
    doctor.arg("doctor").arg("--kubeconfig").arg(&file);
    let address = format!("localhost:{}", installation.server.port());
    doctor.args(["--address", &address]);
    doctor.env_remove("KUBERNETES_SERVICE_HOST");
    expect(
        with_variables(&mut doctor, variables, &proxy),
        0,
        &["ok       refusal through the API server", "0 errors"],
    );
    assert!(proxy.tunnels() > by_kubectl);
}

#[test]
fn an_api_server_on_this_machine_is_called_directly() {
    let installation = Installation::new();
    installation.register_well();
    let target = installation.plane.url().strip_prefix("https://").unwrap();
    let proxy = ConnectProxy::start(target.parse().unwrap());
    let variables = [("HTTPS_PROXY", PROXY)];
    let mut kubectl = installation.plane.kubectl();
    kubectl.args(["get", "--raw", "/version"]);
    let output = run(with_variables(&mut kubectl, &variables, &proxy));
    assert!(output.status.success(), "{}", stderr(&output));
    let mut doctor = installation.doctor();
    expect(
        with_variables(&mut doctor, &variables, &proxy),
        0,
        &["0 errors"],
    );
    assert_eq!(proxy.tunnels(), 0);
}

#[test]
fn a_proxy_of_another_kind_is_an_error() {
    let installation = Installation::new();
    let proxy = ConnectProxy::start("127.0.0.1:9".parse().unwrap());
    let text = std::fs::read_to_string(installation.plane.kubeconfig(ADMIN)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    let text = kubeconfig(&text, UNRESOLVABLE, Some("ftp://127.0.0.1:21"));
    std::fs::write(&file, text).unwrap();
    let mut doctor = Command::new(PROGRAM);
    doctor.arg("doctor").arg("--kubeconfig").arg(&file);
    let output = run(with_variables(&mut doctor, &[], &proxy));
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    assert!(
        message.contains("another scheme than http, https or socks5"),
        "{message}"
    );
}
