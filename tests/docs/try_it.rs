//! The commands of `docs/try-it.md` do what it shows.

use std::process::Command;

use serde_json::Value;

use crate::guarded;
use crate::pages;
use crate::regions::region;
use crate::webhook_server::WebhookServer;

const PAGE: &str = "docs/try-it.md";

/// Runs the `curl` command of the page that speaks to `path`, against `server`, and gives what it prints.
fn run(server: &WebhookServer, path: &str) -> Value {
    let page = pages::Page {
        name: PAGE.to_owned(),
        text: pages::read(PAGE),
    };
    let url = format!("https://localhost:8443{path}");
    let commands = page.commands();
    let command = commands
        .iter()
        .find(|command| command.starts_with("curl ") && command.contains(&url))
        .unwrap_or_else(|| panic!("the page has a curl command for {url}"));
    assert!(command.contains("--cacert certs/ca.crt "), "{command}");
    let here = format!("https://localhost:{}{path}", server.port());
    let ca = server.ca();
    let command = command
        .replace(&url, &here)
        .replace("certs/ca.crt", ca.to_str().expect("a path of text"));
    let output = Command::new("sh")
        .args(["-c", &command])
        .current_dir(pages::root())
        .env_remove("https_proxy")
        .env_remove("HTTPS_PROXY")
        .output()
        .expect("sh runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&printed).unwrap_or_else(|error| {
        let errors = String::from_utf8_lossy(&output.stderr);
        panic!("{command}\nprints no JSON ({error}): {printed}\n{errors}")
    })
}

#[test]
fn the_curl_commands_of_the_page_print_what_the_page_shows() {
    let program = {
        let mut program = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"));
        program.arg("serve");
        program
    };
    let server = WebhookServer::start(&program, &[]);
    guarded::wait_until("the certificate authority", || {
        server.ca().exists().then_some(())
    });
    let page = pages::read(PAGE);
    for (path, name) in [("/mutate", "mutate"), ("/validate", "validate")] {
        let shown = pages::fence_after(region(&page, name), "```");
        let shown: Value = serde_json::from_str(shown.text).expect("the page shows JSON");
        assert_eq!(run(&server, path), shown, "{path}");
    }
}
