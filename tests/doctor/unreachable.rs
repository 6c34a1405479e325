use std::process::Command;

use rstest::rstest;

use crate::control_plane::{free_ports, run, stderr, stdout};
use crate::installation::{Installation, PROGRAM, expect};

#[test]
fn a_server_that_is_down_is_an_error_and_fail_makes_it_an_outage() {
    let mut installation = Installation::new();
    let ca = installation.server.ca();
    installation.register(&ca, &["--failure-policy", "Fail"], |_| ());
    let process = installation.server.process();
    process.signal("KILL");
    process.wait();
    let unreachable = format!("no answer from localhost:{}: ", installation.server.port());
    expect(
        &mut installation.doctor(),
        1,
        &[
            &format!("error    /mutate answer: {unreachable}"),
            &format!("error    /validate answer: {unreachable}"),
            "error    validating failurePolicy: Fail: every status write is refused",
            "error    refusal through the API server: the API server cannot call the webhook: ",
        ],
    );
}

#[test]
fn something_else_that_listens_there_is_an_error() {
    let installation = Installation::new();
    installation.register_well();
    let admin = format!("{}", installation.server.admin());
    expect(
        installation.doctor_from_afar().args(["--address", &admin]),
        1,
        &[&format!(
            "error    /mutate answer: no answer from {admin}: "
        )],
    );
}

#[test]
fn an_object_that_does_not_exist_is_reported() {
    let installation = Installation::new();
    installation.register_well();
    expect(
        installation.doctor().args(["--object", "doctor/missing"]),
        1,
        &["error    object: there is no WorkflowExecution doctor/missing"],
    );
}

#[test]
fn a_cluster_that_does_not_answer_ends_it_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    let [port] = free_ports();
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{{name: a, cluster: {{server: 'https://127.0.0.1:{port}', insecure-skip-tls-verify: true}}}}]\nusers: [{{name: a, user: {{token: t}}}}]\ncontexts: [{{name: a, context: {{cluster: a, user: a}}}}]\n"
    );
    std::fs::write(&file, text).unwrap();
    let output = run(Command::new(PROGRAM)
        .arg("doctor")
        .arg("--kubeconfig")
        .arg(&file));
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    let start = format!("error: the cluster at https://127.0.0.1:{port}/ cannot be reached: ");
    assert!(message.starts_with(&start), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert_eq!(stdout(&output), "");
}

#[rstest]
#[case::no_port(&["--address", "localhost"], "expected HOST:PORT")]
#[case::no_host(&["--address", ":8443"], "expected HOST:PORT")]
#[case::port(&["--address", "localhost:0"], "expected HOST:PORT")]
#[case::bare_ipv6(&["--address", "::1:8443"], "expected HOST:PORT")]
#[case::object(&["--object", "running"], "expected NAMESPACE/NAME")]
#[case::path(&["--object", "a/../b"], "expected NAMESPACE/NAME")]
#[case::no_key(&["--client-cert", "tls.crt"], "--client-key <FILE>")]
#[case::no_certificate(&["--client-cert", "nowhere.crt", "--client-key", "nowhere.key"], "cannot read the certificate \"nowhere.crt\"")]
#[case::no_file(&["--kubeconfig", "nowhere.yaml"], "no cluster is configured")]
fn wrong_usage_ends_it_with_2(#[case] arguments: &[&str], #[case] words: &str) {
    let output = run(Command::new(PROGRAM).arg("doctor").args(arguments));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains(words), "{}", stderr(&output));
}
