//! `certs/README.md`: its commands, run as they stand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::control_plane::webhook_server::WebhookServer;
use crate::control_plane::{ADMIN, binary, run, stderr, stdout};
use crate::release;

/// The name that an API server calls.
const NAME: &str = "wfe-webhook.wfe-webhook.svc";

/// The code blocks of the README.
fn code_blocks() -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("certs/README.md");
    let text = fs::read_to_string(readme).unwrap();
    text.split("```sh\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0.to_owned())
        .collect()
}

pub fn block_with(command: &str) -> String {
    let mut blocks = code_blocks().into_iter();
    let found = blocks.find(|block| block.contains(command));
    found.unwrap_or_else(|| panic!("no code block with {command}"))
}

pub fn run_block(block: &str, folder: &Path, command: &mut Command) {
    let output = run(command.args(["-euc", block]).current_dir(folder));
    assert!(output.status.success(), "{block}\n{}", stderr(&output));
}

/// A folder with the files that the commands make.
fn certificates() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    run_block(
        &block_with("openssl req"),
        folder.path(),
        &mut Command::new("sh"),
    );
    folder
}

fn curl(port: u16, name: &str, ca: &Path) -> Output {
    run(Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--write-out",
            "%{http_code}",
            "--output",
            "/dev/null",
        ])
        .args([
            "--noproxy",
            "*",
            "--connect-to",
            &format!("{name}:443:127.0.0.1:{port}"),
        ])
        .arg("--cacert")
        .arg(ca)
        .arg(format!("https://{name}/validate")))
}

#[test]
fn what_openssl_makes_is_served_and_trusted_under_the_services_name() {
    let folder = certificates();
    let file = |name: &str| folder.path().join(name);
    let text = |path: PathBuf| path.display().to_string();
    let block = block_with("wfe-webhook serve");
    // The files by their paths, since the server runs in a folder of its own.
    let arguments: Vec<String> = block
        .trim()
        .strip_prefix("wfe-webhook serve ")
        .unwrap()
        .split(' ')
        .map(|word| {
            if word.starts_with("--") {
                word.to_owned()
            } else {
                text(file(word))
            }
        })
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut program = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"));
    program.arg("serve");
    let server = WebhookServer::start(&program, &arguments);

    // A GET is refused by the webhook itself, behind the handshake.
    for name in [NAME, "localhost"] {
        let answer = curl(server.port(), name, &file("ca.crt"));
        assert_eq!(stdout(&answer), "405", "{name}: {}", stderr(&answer));
    }
    let other_name = curl(server.port(), "other.wfe-webhook.svc", &file("ca.crt"));
    assert_eq!(
        other_name.status.code(),
        Some(60),
        "{}",
        stderr(&other_name)
    );
    let other_ca = curl(server.port(), NAME, &certificates().path().join("ca.crt"));
    assert_eq!(other_ca.status.code(), Some(60), "{}", stderr(&other_ca));
}

#[test]
fn the_keys_are_pkcs8() {
    let folder = certificates();
    for key in ["ca.key", "tls.key"] {
        let text = fs::read_to_string(folder.path().join(key)).unwrap();
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----"), "{key}");
    }
}

#[test]
fn the_installation_works_as_written() {
    let plane = release::plane();
    let folder = certificates();
    std::os::unix::fs::symlink(crate::rendered::folder(), folder.path().join("deploy")).unwrap();
    let programs = [binary("kubectl"), test_support::helm::binary().to_owned()];
    let here = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(
        programs
            .iter()
            .map(|program| program.parent().unwrap().to_owned())
            .chain(std::env::split_paths(&here)),
    )
    .unwrap();
    let run_here = |command: &str| {
        let mut shell = Command::new("sh");
        shell
            .env("PATH", &path)
            .env("KUBECONFIG", plane.kubeconfig(ADMIN))
            .env("HOME", folder.path());
        run_block(&block_with(command), folder.path(), &mut shell);
    };
    run_here("tls.files.caBundle");

    let get = |what: &[&str]| {
        let output = run(plane.kubectl().arg("get").args(what));
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    };
    let bundle = get(&[
        "validatingwebhookconfiguration/wfe-webhook",
        "--output=go-template={{(index .webhooks 0).clientConfig.caBundle | base64decode}}",
    ]);
    let ca = fs::read_to_string(folder.path().join("ca.crt")).unwrap();
    assert_eq!(bundle, ca);
    let in_secret = || {
        get(&[
            "--namespace=wfe-webhook",
            "secret/wfe-webhook-tls",
            "--output=go-template={{index .data \"tls.crt\" | base64decode}}",
        ])
    };
    let certificate = || fs::read_to_string(folder.path().join("tls.crt")).unwrap();
    let first = certificate();
    assert_eq!(in_secret(), first);

    // Once more, and into the Secret that is there.
    run_here("openssl req");
    run_here("--dry-run=client");
    assert_ne!(certificate(), first);
    assert_eq!(in_secret(), certificate());
}
