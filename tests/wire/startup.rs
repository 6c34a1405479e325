//! How a server starts, and what it says when it cannot.

use std::net::TcpListener;
use std::process::{Command, Output};

use clap::CommandFactory as _;
use rstest::rstest;
use wfe_webhook::cli::Cli;

use crate::client::{Connection, post, tls_config};
use crate::guarded::Guarded;
use crate::server::{connect, program, program_that_ends, start, wait_for_log};
use crate::webhook_server::WebhookServer;

/// Runs a server that cannot start.
fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    program_that_ends()
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .expect("the program starts")
}

/// Asserts that a server ended with `code` and one error that has all `words`, and printed nothing else.
#[track_caller]
fn assert_ended(output: &Output, code: i32, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let errors = stderr.lines().filter(|line| line.starts_with("error: "));
    assert_eq!(errors.count(), 1, "{stderr}");
    if code == 1 {
        assert_eq!(stderr.lines().count(), 1, "one line: {stderr}");
    }
    for word in words {
        assert!(stderr.contains(word), "no {word:?} in: {stderr}");
    }
}

#[rstest]
#[case("--listen", "8443", &["IP address and a port", "[::]:8443"])]
#[case("--admin-listen", "localhost:http", &["IP address and a port", "[::]:8443"])]
#[case("--tls-name", "a b", &["DNS name or an IP address"])]
#[case("--tls-name", "*.example.com", &["DNS name or an IP address"])]
#[case("--vocabulary", "argo", &["auto", "tekton", "execution"])]
#[case("--extra-type", "Not A Type", &["Audited or example.com/Audited"])]
#[case("--extra-type", "example.com/", &["Audited or example.com/Audited"])]
#[case("--mode", "off", &["enforce", "warn", "audit"])]
#[case("--rule", "phase-conflict", &["ID=ACTION"])]
#[case("--rule", "phase-konflict=warn", &["phase-konflict", "phase-conflict"])]
#[case("--rule", "phase-conflict=ignore", &["ignore", "off", "audit", "warn", "deny"])]
#[case("--completion", "always", &["patch", "audit", "off"])]
#[case("--exempt-user", " eve", &["without spaces around it"])]
#[case("--exempt-group", "mends ", &["without spaces around it"])]
#[case("--max-in-flight", "0", &["from 1 to"])]
#[case("--max-in-flight", "many", &["from 1 to"])]
#[case("--max-connections", "-1", &["from 1 to"])]
#[case("--max-connections", "99999999999999999999", &["from 1 to"])]
#[case("--client-name", " ", &["kube-apiserver"])]
#[case("--reload-interval", "0s", &["above 0", "10s"])]
#[case("--handshake-timeout", "0s", &["above 0", "10s"])]
#[case("--head-timeout", "10", &["1m30s"])]
#[case("--body-timeout", "soon", &["1m30s"])]
#[case("--idle-timeout", "-3s", &["1m30s"])]
#[case("--events-interval", "0s", &["above 0", "10s"])]
#[case("--drain-delay", "5 s", &["1m30s"])]
#[case("--drain-timeout", "20sec", &["1m30s"])]
#[case("--log-format", "xml", &["text", "json"])]
#[case("--log-level", "loud", &["error", "warn", "info", "debug"])]
fn a_wrong_value_ends_with_what_is_allowed(
    #[case] flag: &str,
    #[case] value: &str,
    #[case] words: &[&str],
) {
    let by_flag = run(&[&format!("{flag}={value}")], &[]);
    assert_ended(&by_flag, 2, &[words, &[flag]].concat());
    let variable = format!(
        "WFE_WEBHOOK_{}",
        flag.trim_start_matches('-')
            .replace('-', "_")
            .to_uppercase()
    );
    let by_variable = run(&[], &[(&variable, value)]);
    assert_ended(&by_variable, 2, &[words, &[flag]].concat());
}

#[rstest]
#[case(&["--tls-cert", "a.pem"], "--tls-key")]
#[case(&["--tls-key", "a.pem"], "--tls-cert")]
#[case(&["--tls-cert", "a.pem", "--tls-key", "a.pem", "--tls-name", "a.example"], "--tls-name")]
#[case(&["--client-name", "kube-apiserver"], "--client-ca")]
#[case(&["--verbose"], "--verbose")]
#[case(&["now"], "now")]
fn wrong_usage_ends_with_what_is_missing(#[case] arguments: &[&str], #[case] word: &str) {
    assert_ended(&run(arguments, &[]), 2, &[word, "Usage:"]);
}

#[test]
fn in_a_pod_the_tls_mode_has_to_be_chosen() {
    let output = run(&[], &[("KUBERNETES_SERVICE_HOST", "10.0.0.1")]);
    assert_ended(
        &output,
        1,
        &["--tls-cert", "--tls-key", "--certs-dir", "--tls-name"],
    );
}

#[test]
fn in_a_pod_a_folder_that_is_named_chooses_the_ephemeral_ca() {
    // Every server of these tests is given --certs-dir.
    let server = start_with(&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")], &[]);
    connect(&server)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
    // There, localhost would make each API server call itself.
    wait_for_log(&server, "generate registration --service NAMESPACE/NAME");
    assert!(!server.log().contains("localhost"), "{}", server.log());
}

#[test]
fn without_an_api_server_to_call_events_cannot_be_recorded() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("kubeconfig").display().to_string();
    let certs = directory.path().join("certs").display().to_string();
    let output = run(
        &[
            "--events",
            "--listen=127.0.0.1:0",
            "--admin-listen=127.0.0.1:0",
            "--certs-dir",
            &certs,
        ],
        &[("KUBECONFIG", &missing)],
    );
    assert_ended(
        &output,
        1,
        &[
            "--events needs an API server",
            &missing,
            "not a pod either",
            "KUBECONFIG",
        ],
    );
}

/// In a network of its own, in which `[::]` would be IPv6 only.
#[test]
fn without_an_address_ipv4_is_served_also_where_ipv6_sockets_are_for_ipv6_only() {
    const SERVE: &str = r#"
        ip link set lo up
        echo 1 > /proc/sys/net/ipv6/bindv6only
        "$@" 2>/dev/null &
        server=$!
        for url in http://127.0.0.1:8080/livez 'http://[::1]:8080/livez' https://127.0.0.1:8443/ 'https://[::1]:8443/'; do
            curl --silent --insecure --max-time 5 --retry 20 --retry-connrefused --retry-max-time 20 "$url"
        done
        kill "$server"
        wait "$server"
    "#;
    let directory = tempfile::tempdir().unwrap();
    let output = std::process::Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--net",
            "sh",
            "-c",
            SERVE,
            "sh",
        ])
        .arg(program().get_program())
        .args(["serve", "--drain-delay", "0s", "--certs-dir"])
        .arg(directory.path())
        .output()
        .unwrap();
    let answers = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<&str> = answers.lines().collect();
    let nothing = "nothing here; reviews go to /mutate and /validate";
    assert_eq!(answers, ["ok", "ok", nothing, nothing], "{output:?}");
}

#[test]
fn a_port_in_use_is_named_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (flag, other) in [
        ("--listen", "--admin-listen"),
        ("--admin-listen", "--listen"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path().to_str().unwrap();
        let output = run(
            &[
                flag,
                &address,
                other,
                "127.0.0.1:0",
                "--certs-dir",
                directory,
            ],
            &[],
        );
        assert_ended(&output, 1, &[&address, flag, "in use"]);
        let left = std::fs::read_dir(directory).unwrap().count();
        assert_eq!(left, 0, "nothing is written by a server that cannot start");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let below = file.join("certs");
    let output = run(
        &[
            "--listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
            "--certs-dir",
            below.to_str().unwrap(),
        ],
        &[],
    );
    assert_ended(&output, 1, &["ca.crt", "--certs-dir", "Not a directory"]);
}

/// A server in a folder of its own, started without the arguments that other tests need.
fn start_with(variables: &[(&str, &str)], arguments: &[&str]) -> WebhookServer {
    let mut program = program();
    program.envs(variables.iter().copied());
    WebhookServer::start(&program, arguments)
}

#[test]
fn a_variable_stands_for_its_flag_and_the_flag_wins() {
    let server = start_with(
        &[
            ("WFE_WEBHOOK_TLS_NAME", "one.example,two.example"),
            ("WFE_WEBHOOK_LOG_FORMAT", "json"),
            ("WFE_WEBHOOK_DRAIN_TIMEOUT", "never"),
        ],
        &["--drain-timeout", "1s"],
    );
    let log = server.log();
    assert!(log.starts_with('{'), "{log}");
    for name in ["one.example", "two.example"] {
        let config = tls_config(&server.ca());
        Connection::try_open(server.port(), config, name)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_variable_without_a_value_counts_as_not_set() {
    let command = Cli::command();
    let serve = command.find_subcommand("serve").unwrap();
    let names: Vec<_> = serve
        .get_arguments()
        .filter_map(|flag| flag.get_env()?.to_str())
        .collect();
    assert!(names.contains(&"WFE_WEBHOOK_LISTEN"), "{names:?}");
    let variables: Vec<_> = names.iter().map(|name| (*name, "")).collect();
    let server = start_with(&variables, &[]);
    connect(&server)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
}

#[test]
fn the_log_has_where_it_listens_and_how_to_register_it() {
    for format in ["text", "json"] {
        let server = start(&["--log-format", format]);
        let port = server.port();
        let ca = server.ca();
        for words in [
            format!("https://127.0.0.1:{port}"),
            format!("http://{}", server.admin()),
            format!(
                "wfe-webhook generate registration --url https://localhost:{port} --ca {}",
                ca.display()
            ),
        ] {
            wait_for_log(&server, &words);
        }
    }
}

#[test]
fn without_arguments_it_serves_from_the_current_folder() {
    let directory = tempfile::tempdir().unwrap();
    // The default ports of this machine may be taken, so the ports are given; the rest is as by default.
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "cd \"$0\" && exec \"$@\""])
        .arg(directory.path())
        .arg(env!("CARGO_BIN_EXE_wfe-webhook"))
        .args(["serve", "--listen=[::]:0", "--admin-listen=[::]:0"])
        .env_clear();
    let scratch = tempfile::tempdir().unwrap();
    let process = Guarded::spawn("wfe-webhook", &shell, scratch);
    let ca = directory.path().join("certs/ca.crt");
    // The address is that of every interface, of IPv6 where the machine has it and of IPv4 in any case.
    let port = process.wait_until("it says how to register it", || {
        let log = process.log();
        let (_, rest) = log.split_once("--url https://localhost:")?;
        assert!(rest.contains("--ca certs/ca.crt"), "{log}");
        rest.split_once(' ')?.0.parse().ok()
    });
    Connection::open(port, tls_config(&ca))
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
}
