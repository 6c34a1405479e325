//! Reports as other projects' libraries read them: the program of `tests/consumers`, and published schemas.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::control_plane::{run, stderr, stdout};
use crate::crds;

/// The library that has the schema of SARIF 2.1.0 in its source, between backticks.
const SARIF: (&str, &str, &str) = (
    "github.com/owenrumney/go-sarif/v3@v3.3.1",
    "h1:bKY8YnWcY8zYTiGVObC5wZLlfEvMkCxK9XMGXBbzEtQ=",
    "pkg/report/v210/sarif",
);

/// What a reader of `JUnit` XML takes a report for, as JSON.
pub fn junit(report: &str) -> String {
    let output = reports(&["junit"], report);
    assert!(output.status.success(), "{}\n{report}", stderr(&output));
    stdout(&output)
}

/// Why a report is not SARIF 2.1.0 by its published schema.
pub fn sarif(report: &str) -> Result<(), String> {
    static SCHEMA: OnceLock<String> = OnceLock::new();
    let schema = SCHEMA.get_or_init(|| {
        let file = crds::sources(SARIF.0, SARIF.1, SARIF.2).join("schema.go");
        let source = std::fs::read_to_string(file).expect("a file of the module");
        let schema = source.split('`').nth(1).expect("a text in backticks");
        schema.to_owned()
    });
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("schema.json");
    std::fs::write(&file, schema).expect("the schema can be written");
    of_schema(&file, report)
}

/// Why JSON does not fit a schema.
pub fn of_schema(schema: &Path, json: &str) -> Result<(), String> {
    let schema = schema.to_str().expect("a path of text");
    let output = reports(&["schema", schema], json);
    if output.status.success() {
        Ok(())
    } else {
        Err(stderr(&output))
    }
}

fn reports(args: &[&str], input: &str) -> Output {
    static BUILT: OnceLock<()> = OnceLock::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../consumers");
    BUILT.get_or_init(|| {
        let output = run(Command::new(folder.join("build.sh")).stdin(Stdio::null()));
        assert!(
            output.status.success(),
            "tests/consumers/build.sh failed:\n{}",
            stderr(&output)
        );
    });
    let mut child = Command::new(folder.join(".cache/bin/reports"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    stdin
        .write_all(input.as_bytes())
        .expect("the program reads everything");
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}
