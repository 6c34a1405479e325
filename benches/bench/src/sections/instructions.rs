//! Instructions of a whole server for one review over HTTPS, by Cachegrind: exact to a few thousandths, and to a few
//! hundredths where garbage is collected.

use anyhow::{Context, ensure};
use serde::Serialize;

use super::saturation::reviews;
use crate::answers::{ask, is_asked};
use crate::client::Connection;
use crate::subject::{Identity, Subject};

/// What is subtracted, and what is counted.
const FEW: usize = 50;
const MANY: usize = 250;

/// One server at one kind of review.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub subject: Subject,
    pub review: String,
    pub instructions: f64,
}

pub fn measure(identity: &Identity) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (webhook, body) in reviews() {
        for subject in Subject::ALL {
            if !is_asked(subject, body.write) || (subject == Subject::Null && webhook == "mutate") {
                continue;
            }
            let few = run(subject, identity, webhook, &body, FEW)?;
            let many = run(subject, identity, webhook, &body, MANY)?;
            let instructions = (many - few) as f64 / (MANY - FEW) as f64;
            rows.push(Row {
                subject,
                review: format!("{} /{webhook}", body.name),
                instructions,
            });
        }
        eprintln!("  {}", body.name);
    }
    Ok(rows)
}

/// The instructions of a server's life with `count` reviews on one connection.
fn run(
    subject: Subject,
    identity: &Identity,
    webhook: &str,
    body: &bodies::Body,
    count: usize,
) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let profile = folder.path().join("profile");
    let out = format!("--cachegrind-out-file={}", profile.display());
    // Not Callgrind, which follows calls and fails where Go switches stacks.
    let runner = [
        "taskset",
        "-c",
        "0",
        "valgrind",
        "--tool=cachegrind",
        "--cache-sim=no",
        "--quiet",
        &out,
    ];
    let mut server = subject.start_under(&runner, identity)?;
    let (work, _) = ask(subject, &server, webhook, body)?;
    let mut connection = Connection::open(&server.target)?;
    for _ in 0..count {
        ensure!(
            connection.call(&work.request)? == work.expected,
            "another answer than before"
        );
    }
    drop(connection);
    server.process.signal("TERM");
    server.process.wait();
    let text = std::fs::read_to_string(&profile).context("the profile")?;
    let total = text.lines().find_map(|line| line.strip_prefix("summary: "));
    Ok(total.context("a summary")?.trim().parse()?)
}
