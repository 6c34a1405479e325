//! The arguments of the container, read by the program's own command line.

use rstest::rstest;
use serde_json::{Value, json};
use wfe_webhook::cli::serve::ServeArgs;
use wfe_webhook::policy::{Completion, Mode as PolicyMode, VocabularyChoice};
use wfe_webhook::rules::{Action, Rule};

use crate::rendered::{Mode, Rendered};

fn serve_args(arguments: &[&str]) -> ServeArgs {
    Rendered::with(Mode::SelfManaged, arguments).serve_args()
}

#[rstest]
#[case(Mode::CertManager)]
#[case(Mode::Files)]
fn the_mounted_certificate_is_served(#[case] mode: Mode) {
    let tls = Rendered::of(mode).serve_args().tls;
    let files = [tls.tls_cert.unwrap(), tls.tls_key.unwrap()];
    assert_eq!(
        files.map(|file| file.display().to_string()),
        ["/tls/tls.crt", "/tls/tls.key"]
    );
}

#[rstest]
#[case::default(&[], [8443, 8080])]
#[case::chosen(&["--set", "containerPorts.https=10250,containerPorts.admin=9090"], [10250, 9090])]
fn the_container_has_the_ports_that_the_program_listens_on(
    #[case] arguments: &[&str],
    #[case] expected: [u16; 2],
) {
    let rendered = Rendered::with(Mode::SelfManaged, arguments);
    let args = rendered.serve_args();
    let ports = rendered.container().ports.unwrap();
    let port = |name: &str| {
        let port = ports.iter().find(|port| port.name.as_deref() == Some(name));
        u16::try_from(port.unwrap().container_port).unwrap()
    };
    assert_eq!([port("https"), port("admin")], expected);
    assert_eq!([args.listen.port(), args.admin_listen.port()], expected);
    assert!(args.listen.ip().is_unspecified() && args.admin_listen.ip().is_unspecified());
}

#[rstest]
#[case::default(&[], 45)]
#[case::longer(&["--set", "server.drainDelaySeconds=30,server.drainTimeoutSeconds=60"], 100)]
fn the_grace_period_is_longer_than_the_drain(#[case] arguments: &[&str], #[case] expected: i64) {
    let rendered = Rendered::with(Mode::SelfManaged, arguments);
    let args = rendered.serve_args();
    let grace = rendered.pod_spec().termination_grace_period_seconds;
    assert_eq!(grace, Some(expected));
    let drain = args.drain_delay + args.drain_timeout;
    // An overloaded cluster took 6 s to take the endpoint away.
    assert!(args.drain_delay.as_secs() >= 15);
    assert!(drain.as_secs() + 10 <= expected.unsigned_abs(), "{drain:?}");
}

#[test]
fn by_default_limits_and_policy_are_the_programs_own() {
    let args = serve_args(&[]);
    assert_eq!(args.limits.limits(), wfe_webhook::server::Limits::default());
    let policy = args.policy.policy();
    let default = wfe_webhook::policy::Policy::default();
    assert_eq!(format!("{policy:?}"), format!("{default:?}"));
}

#[test]
fn the_policy_is_passed_on() {
    let values = json!({
        "completion": "audit",
        "policy": {
            "mode": "warn",
            "vocabulary": "execution",
            // A bare `off` in YAML is `false`.
            "rules": {"phase-conflict": "warn", "transition-time": false},
            "extraTypes": ["example.com/Audited", "Checked"],
            "extraReasons": {"ExecutionComplete": ["NodeLost", "Evicted"]},
            "exemptUsers": ["system:serviceaccount:a:b", "a \"b\" 'c' #d: {e}"],
            "exemptGroups": ["repairers"],
        },
    });
    let policy = with_values(&values).serve_args().policy.policy();
    assert_eq!(policy.mode, PolicyMode::Warn);
    assert_eq!(policy.vocabulary, VocabularyChoice::Execution);
    assert_eq!(policy.completion, Some(Completion::Audit));
    assert_eq!(policy.action(Rule::PhaseConflict), Action::Warn);
    assert_eq!(policy.action(Rule::TransitionTime), Action::Off);
    assert_eq!(policy.extra_types, ["example.com/Audited", "Checked"]);
    let reasons = [
        ("ExecutionComplete", "NodeLost"),
        ("ExecutionComplete", "Evicted"),
    ];
    assert_eq!(
        policy.extra_reasons,
        reasons.map(|(condition_type, reason)| (condition_type.to_owned(), reason.to_owned()))
    );
    assert_eq!(
        policy.exempt_users,
        ["system:serviceaccount:a:b", "a \"b\" 'c' #d: {e}"]
    );
    assert_eq!(policy.exempt_groups, ["repairers"]);
}

#[test]
fn a_bare_off_in_yaml_is_understood() {
    let text = "completion: off\npolicy: {rules: {phase-conflict: off}}\nserver: {logLevel: off}\n";
    let args = with_text(text).serve_args();
    assert_eq!(args.policy.completion, Some(Completion::Off));
    let policy = args.policy.policy();
    assert_eq!(policy.action(Rule::PhaseConflict), Action::Off);
    assert_eq!(format!("{:?}", args.log.log_level), "Off");
}

#[test]
fn further_flags_and_variables_are_passed_on() {
    let values = json!({"server": {
        "extraArgs": ["--ca-lifetime=2160h"],
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
    }});
    let rendered = with_values(&values);
    let settings = rendered.serve_args().self_managed.settings();
    let lifetimes = settings.unwrap().unwrap().lifetimes;
    assert_eq!(lifetimes.authority.as_secs(), 2160 * 3600);
    let env = rendered.container().env.unwrap();
    assert_eq!(env[0].value.as_deref(), Some("http://proxy:3128"));
}

#[rstest]
#[case::config_map("ConfigMap")]
#[case::secret("Secret")]
fn clients_are_asked_for_a_certificate_of_the_mounted_ca(#[case] kind: &str) {
    let values = json!({"clientCertificates": {
        "name": "api-server-ca", "kind": kind, "key": "ca.pem", "names": ["kube-apiserver"],
    }});
    let rendered = with_values(&values);
    let clients = rendered.serve_args().tls.clients().unwrap();
    assert_eq!(clients.ca.display().to_string(), "/client-ca/ca.crt");
    assert_eq!(clients.names, ["kube-apiserver"]);
    let volume = rendered.pod_spec().volumes.unwrap().remove(0);
    let items = if kind == "Secret" {
        let secret = volume.secret.unwrap();
        assert_eq!(secret.secret_name.as_deref(), Some("api-server-ca"));
        secret.items
    } else {
        let map = volume.config_map.unwrap();
        assert_eq!(map.name, "api-server-ca");
        map.items
    };
    let item = items.unwrap().remove(0);
    assert_eq!(
        (item.key.as_str(), item.path.as_str()),
        ("ca.pem", "ca.crt")
    );
    let mount = rendered.container().volume_mounts.unwrap().remove(0);
    assert_eq!(
        (mount.name, mount.mount_path.as_str()),
        (volume.name, "/client-ca")
    );
}

fn with_values(values: &Value) -> Rendered {
    with_text(&values.to_string())
}

fn with_text(text: &str) -> Rendered {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let path = file.path().display().to_string();
    Rendered::with(Mode::SelfManaged, &["--values", &path])
}
