//! `--cluster` beside an API server that answers as it does in rare states. `tests/api_server` has a real one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use rstest::rstest;
use serde_json::{Value, json};

use super::Folder;
use crate::program::{Ended, run};

/// Answers each path with a code and a document, and keeps the paths.
struct ApiServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl ApiServer {
    fn start(answer: impl Fn(&str) -> (u16, Value) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let Some(path) = path(&stream) else { continue };
                kept.lock().unwrap().push(path.clone());
                let (code, body) = answer(&path);
                let body = body.to_string();
                let head = format!(
                    "HTTP/1.1 {code} \r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                let _ = (&stream).write_all((head + &body).as_bytes());
            }
        });
        Self { address, asked }
    }

    fn kubeconfig(&self, folder: &Folder) -> PathBuf {
        let kubeconfig = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test"}}],
            "clusters": [{"name": "test", "cluster": {"server": format!("http://{}", self.address)}}],
        });
        folder.file("kubeconfig", kubeconfig.to_string())
    }

    fn check(&self, args: &[&str]) -> Ended {
        let folder = Folder::new();
        let file = self.kubeconfig(&folder);
        let file = file.to_str().unwrap();
        run(&[&["check", "--cluster", "--kubeconfig", file], args].concat())
    }
}

/// The path of a request.
fn path(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let _ = lines
        .take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty()))
        .count();
    first.split(' ').nth(1).map(str::to_owned)
}

fn status(code: u16, message: &str) -> (u16, Value) {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "code": code,
    });
    (code, status)
}

const GROUP: &str = "/apis/kubernaut.ai";

fn group() -> (u16, Value) {
    let version = json!({"groupVersion": "kubernaut.ai/v1alpha1", "version": "v1alpha1"});
    let group = json!({
        "kind": "APIGroup", "apiVersion": "v1", "name": "kubernaut.ai", "versions": [version], "preferredVersion": version,
    });
    (200, group)
}

fn page(names: &[&str], token: &str) -> Value {
    let items = names.iter().map(|name| {
        json!({
            "apiVersion": "kubernaut.ai/v1alpha1",
            "kind": "WorkflowExecution",
            "metadata": {"name": name, "namespace": "shop"},
        })
    });
    json!({
        "kind": "WorkflowExecutionList",
        "apiVersion": "kubernaut.ai/v1alpha1",
        "metadata": {"continue": token, "resourceVersion": "7"},
        "items": items.collect::<Vec<_>>(),
    })
}

#[test]
fn a_list_whose_snapshot_is_gone_is_read_to_its_end() {
    let server = ApiServer::start(|path| {
        if path == GROUP {
            return group();
        }
        if !path.starts_with("/apis/kubernaut.ai/v1alpha1/") {
            return status(404, "not found");
        }
        match path.split_once("continue=").map(|(_, token)| token) {
            None => (200, page(&["wfe-1", "wfe-2"], "old")),
            Some("old") => {
                let (code, mut gone) = status(410, "The provided continue parameter is too old");
                gone["metadata"]["continue"] = "new".into();
                (code, gone)
            }
            Some(_) => (200, page(&["wfe-3"], "")),
        }
    });
    let ended = server.check(&["--selector", "team in (a, b)", "--namespace", "shop"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "3 WorkflowExecutions: 3 allowed\n")
    );
    assert!(
        ended.stderr.starts_with("Read 3 objects in "),
        "{}",
        ended.stderr
    );
    let list = "/apis/kubernaut.ai/v1alpha1/namespaces/shop/workflowexecutions?";
    let asked = server.asked.lock().unwrap();
    let lists: Vec<_> = asked
        .iter()
        .filter_map(|path| path.strip_prefix(list))
        .collect();
    let selector = "&labelSelector=team+in+%28a%2C+b%29";
    let expected = ["", "&continue=old", "&continue=new"];
    assert_eq!(lists.len(), expected.len(), "{lists:?}");
    for (query, token) in lists.iter().zip(expected) {
        let query = format!("&{query}");
        assert!(query.contains(selector) && query.contains(token), "{query}");
    }
}

#[test]
fn what_is_asked_too_late_twice_ends_it() {
    let server = ApiServer::start(|path| match path {
        GROUP => group(),
        _ if path.contains("continue=") => {
            status(410, "The provided continue parameter is too old")
        }
        _ if path.starts_with("/apis/kubernaut.ai/v1alpha1/") => (200, page(&["wfe-1"], "old")),
        _ => status(404, "not found"),
    });
    let ended = server.check(&[]);
    let expected = "error: the cluster refuses: The provided continue parameter is too old\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (2, expected));
}

/// A resource that is gone in the middle must not look like a list that was read to its end.
#[test]
fn a_page_that_is_missing_ends_it() {
    let server = ApiServer::start(|path| match path {
        GROUP => group(),
        _ if path.contains("continue=") => status(404, "there is no such page"),
        _ if path.starts_with("/apis/kubernaut.ai/v1alpha1/") => (200, page(&["wfe-1"], "next")),
        _ => status(404, "not found"),
    });
    let ended = server.check(&[]);
    let expected = "error: the cluster refuses: there is no such page\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (2, expected));
}

#[rstest]
#[case::nothing(&[], "No WorkflowExecution is stored there.\n")]
#[case::one(&["wfe-1"], "1 WorkflowExecution: 1 allowed\n")]
fn few_objects_are_counted(#[case] names: &'static [&'static str], #[case] expected: &str) {
    let server = ApiServer::start(|path| match path {
        GROUP => group(),
        _ if path.starts_with("/apis/kubernaut.ai/v1alpha1/") => (200, page(names, "")),
        _ => status(404, "not found"),
    });
    let ended = server.check(&[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, expected));
}

#[test]
fn a_cluster_without_the_resource_is_named() {
    for answer in [false, true] {
        let server = ApiServer::start(move |path| match path {
            // The group has other resources.
            GROUP if answer => group(),
            _ => status(404, "the server could not find the requested resource"),
        });
        let ended = server.check(&[]);
        assert_eq!(ended.code, 2);
        let expected = format!(
            "error: the cluster at http://{}/ has no workflowexecutions of workflowexecution.kubernaut.ai or kubernaut.ai; \
             install kubernaut's CRDs, or choose another --context\n",
            server.address
        );
        assert_eq!(ended.stderr, expected);
    }
}

#[test]
fn a_refusal_is_passed_on() {
    let server = ApiServer::start(|path| match path {
        GROUP => group(),
        _ if path.starts_with("/apis/kubernaut.ai/v1alpha1/") => {
            status(403, "User \"eve\" cannot list")
        }
        _ => status(404, "not found"),
    });
    let ended = server.check(&[]);
    let expected = "error: the cluster refuses: User \"eve\" cannot list\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (2, expected));
}

/// No cluster can make `check` read without end, or be taken for one that is down.
#[rstest]
#[case::same_page("the list goes on with the page that was just read", || page(&["wfe-1"], "again"))]
#[case::no_metadata("missing field `metadata`", || json!({"items": []}))]
#[case::null_metadata("invalid type: null", || json!({"metadata": null, "items": []}))]
#[case::nothing("invalid type: null", || Value::Null)]
fn an_answer_that_is_no_part_of_a_list_ends_it(
    #[case] problem: &str,
    #[case] answer: fn() -> Value,
) {
    let server = ApiServer::start(move |path| match path {
        GROUP => group(),
        _ if path.starts_with("/apis/kubernaut.ai/v1alpha1/") => (200, answer()),
        _ => status(404, "not found"),
    });
    let ended = server.check(&[]);
    let start = format!(
        "error: the answer of http://{}/ cannot be used: {problem}",
        server.address
    );
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.starts_with(&start), "{}", ended.stderr);
}

/// A server with one page: an object with this status, whose fields a manager of this name has written.
fn server_with(manager: &'static str, status_of_object: Value) -> ApiServer {
    ApiServer::start(move |path| match path {
        GROUP => group(),
        _ if path.starts_with("/apis/kubernaut.ai/v1alpha1/") => {
            let mut page = page(&["wfe-1"], "");
            page["items"][0]["status"] = status_of_object.clone();
            page["items"][0]["metadata"]["managedFields"] = json!([
                {"manager": manager, "fieldsV1": {"f:status": {"f:phase": {}, "f:conditions": {}}}}
            ]);
            (200, page)
        }
        _ => status(404, "not found"),
    })
}

/// What a terminal would act on.
const HOSTILE: &str = "\u{1b}[31mred\nline\u{202e}";

#[rstest]
#[case::field_manager(HOSTILE, json!({"phase": "Runing"}))]
#[case::reason("writer", json!({"phase": "Pending", "conditions": [{
    "type": "TektonPipelineRunning",
    "status": "True",
    "reason": HOSTILE,
    "message": "phase is Running (derived by wfe-webhook)",
    "lastTransitionTime": "2026-11-23T10:00:00Z",
}]}))]
fn what_a_cluster_has_is_printed_without_what_a_terminal_would_act_on(
    #[case] manager: &'static str,
    #[case] status: Value,
) {
    let ended = server_with(manager, status).check(&[]);
    let shown = "\\u{1b}[31mred\\nline\\u{202e}";
    assert!(ended.stdout.contains(shown), "{}", ended.stdout);
    assert!(!ended.stdout.contains(['\u{1b}', '\u{202e}']));
}

/// What is only warned or audited is allowed anyway.
#[rstest]
#[case("enforce", true)]
#[case("warn", false)]
#[case("audit", false)]
fn the_ratchet_is_told_where_something_is_refused(#[case] mode: &str, #[case] is_told: bool) {
    let server = server_with("writer", json!({"phase": "Runing"}));
    let ended = server.check(&["--mode", mode]);
    assert!(ended.stdout.contains("phase-unknown"), "{}", ended.stdout);
    let told = ended.stdout.contains("writes that make them are not.");
    assert_eq!(told, is_told, "{}", ended.stdout);
    assert!(ended.stderr.starts_with("Read 1 object in "));
}

#[test]
fn an_error_is_not_printed_behind_the_bar() {
    let server = ApiServer::start(|path| match path {
        GROUP => group(),
        _ if path.contains("continue=") => status(500, "no leader"),
        _ if path.starts_with("/apis/kubernaut.ai/v1alpha1/") => (200, page(&["wfe-1"], "next")),
        _ => status(404, "not found"),
    });
    let folder = Folder::new();
    let kubeconfig = server.kubeconfig(&folder);
    let program = env!("CARGO_BIN_EXE_wfe-webhook");
    let command = format!(
        "{program} check --cluster --kubeconfig {}",
        kubeconfig.display()
    );
    let output = std::process::Command::new("script")
        .args(["--quiet", "--command", &command, "/dev/null"])
        .stdin(std::process::Stdio::null())
        .output()
        .expect("script is there: tests/setup.sh installs it");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1 objects\r\u{1b}[Kerror: "), "{text:?}");
}

#[rstest]
#[case::files(&["check", "--cluster", "wfe.yaml"], "cannot be used with")]
#[case::namespace_of_files(&["check", "--namespace", "shop", "wfe.yaml"], "cannot be used with")]
#[case::no_namespace(&["check", "--cluster", "--namespace", ""], "a value is required")]
#[case::report_of_files(&["check", "--output", "policyreport", "wfe.yaml"], "--output policyreport needs --cluster")]
#[case::no_cluster(&["check", "--cluster", "--kubeconfig", "nowhere.yaml"], "no cluster is configured")]
fn wrong_usage_ends_it_with_2(#[case] args: &[&str], #[case] words: &str) {
    let ended = run(args);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
}
