//! The most that one review can cost the product, and many of them at once.

use std::time::{Duration, Instant};

use anyhow::ensure;
use bodies::Write;
use serde::Serialize;
use test_support::hostile::{Large, Side, large, with_value};
use test_support::longest_lists::reviews;

use super::Effort;
use crate::client::{Connection, Request};
use crate::process;
use crate::subject::{Identity, Subject};

/// Bytes of each of the two lists in a review: just over 1 MiB in all, and the most that an API server takes.
const LISTS: [usize; 2] = [512 << 10, 3 << 20];

/// Connections that send the review that needs most memory, all at once.
pub const ATTACKERS: usize = 256;

/// One review on one webhook.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub review: String,
    pub bytes: usize,
    /// CPU milliseconds of the server.
    pub cpu: f64,
    /// The most that the server holds meanwhile, beyond what it held before and the review itself, in bytes.
    pub beyond: u64,
}

impl Row {
    /// CPU milliseconds for each MiB. A review of less than 1 MiB counts as one of 1 MiB.
    pub fn cpu_per_mebibyte(&self) -> f64 {
        self.cpu / (self.bytes as f64 / f64::from(1 << 20)).max(1.0)
    }
}

/// Everything of this section.
#[derive(Debug, Serialize)]
pub struct Worst {
    /// The most expensive ones first.
    pub rows: Vec<Row>,
    /// What was sent by [`ATTACKERS`] at once.
    pub attack: String,
    /// The most that the server held then, in bytes.
    pub held: u64,
}

pub fn measure(identity: &Identity, effort: Effort) -> anyhow::Result<Worst> {
    let mut rows = Vec::new();
    let mut greediest: Option<(u64, String, Request)> = None;
    for (name, body) in all() {
        for webhook in ["mutate", "validate"] {
            let request = Request::review(webhook, &body);
            let beyond = memory(identity, &request, body.len())?;
            let row = Row {
                review: format!("{name} /{webhook}"),
                bytes: body.len(),
                cpu: cpu(identity, effort.turn / 4, &request)?,
                beyond,
            };
            if greediest.as_ref().is_none_or(|(most, ..)| beyond > *most) {
                greediest = Some((beyond, row.review.clone(), request));
            }
            rows.push(row);
        }
    }
    rows.sort_by(|one, other| other.cpu_per_mebibyte().total_cmp(&one.cpu_per_mebibyte()));
    let Some((_, attack, request)) = greediest else {
        anyhow::bail!("there is no review");
    };
    let held = attack_with(identity, &request)?;
    Ok(Worst { rows, attack, held })
}

/// The longest lists that are looked at, and megabytes of other things, in both objects.
fn all() -> Vec<(String, Vec<u8>)> {
    let others = large().into_iter().map(|Large { name, place, value }| {
        let body = with_value(Side::Both, place, &value);
        (name.to_owned(), body)
    });
    let lists = LISTS.into_iter().flat_map(|bytes| {
        let reviews = reviews(bytes).into_iter();
        reviews.map(move |(name, body)| (format!("1,024 {name}, {} KiB each", bytes >> 10), body))
    });
    lists.chain(others).collect()
}

/// What a fresh server holds at most beyond what it held before and the body.
fn memory(identity: &Identity, request: &Request, bytes: usize) -> anyhow::Result<u64> {
    let server = Subject::Product.start(identity)?;
    let pid = server.process.pid();
    let mut connection = Connection::open(&server.target)?;
    let usual = bodies::body(Write::Patch, 8_600);
    call(&mut connection, &Request::review("mutate", &usual.json))?;
    let before = process::memory(pid, "VmRSS")?;
    call(&mut connection, request)?;
    let most = process::memory(pid, "VmHWM")?;
    Ok(most.saturating_sub(before).saturating_sub(bytes as u64))
}

/// CPU milliseconds of a review. Answers are not compared: some have the time in them.
fn cpu(identity: &Identity, length: Duration, request: &Request) -> anyhow::Result<f64> {
    let server = Subject::Product.start(identity)?;
    let pid = server.process.pid();
    let mut connection = Connection::open(&server.target)?;
    call(&mut connection, request)?;
    let before = process::cpu(pid)?;
    let begun = Instant::now();
    let mut answers = 0;
    while begun.elapsed() < length {
        call(&mut connection, request)?;
        answers += 1;
    }
    Ok(process::cpu_for_each(pid, before, answers)? / 1e3)
}

fn call(connection: &mut Connection, request: &Request) -> anyhow::Result<()> {
    let status = connection.call(request)?.status;
    ensure!(status == 200, "a review is answered with {status}");
    Ok(())
}

/// The most that a server holds when all attackers send a request at once. Some of them may be refused.
fn attack_with(identity: &Identity, request: &Request) -> anyhow::Result<u64> {
    let server = Subject::Product.start(identity)?;
    std::thread::scope(|scope| {
        for _ in 0..ATTACKERS {
            scope.spawn(|| Connection::open(&server.target)?.call(request));
        }
    });
    let mut connection = Connection::open(&server.target)?;
    let usual = bodies::body(Write::Patch, 8_600);
    call(&mut connection, &Request::review("mutate", &usual.json))?;
    process::memory(server.process.pid(), "VmHWM")
}
