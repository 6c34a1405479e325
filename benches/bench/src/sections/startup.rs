//! From a program's start to its first answer.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use bodies::Write;
use serde::Serialize;

use super::{Spread, micros};
use crate::client::{Connection, Request, Target};
use crate::subject::{Identity, Subject};

/// One server. Times in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row {
    pub subject: Subject,
    /// To the first connection that is accepted.
    pub ready: Spread,
    /// A connection, its handshake and one review, right after that.
    pub first: Spread,
    /// The same later.
    pub later: Spread,
    /// Bytes of the program.
    pub program: u64,
}

const STARTS: usize = 9;
const LATER: usize = 20;

pub fn measure(identity: &Identity) -> anyhow::Result<Vec<Row>> {
    let body = bodies::body(Write::Nothing, 8_600);
    let request = Request::review("validate", &body.json);
    let mut samples = Subject::ALL.map(|subject| (subject, Vec::new(), Vec::new(), Vec::new()));
    for _ in 0..STARTS {
        for (subject, ready, first, later) in &mut samples {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
                .local_addr()?
                .port();
            let target = Target::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), &identity.pem)?;
            let mut command = subject.command(&["taskset", "-c", "0"], port, identity)?;
            let begun = Instant::now();
            let _program = Ended(
                command
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()?,
            );
            while TcpStream::connect(target.address).is_err() {
                anyhow::ensure!(
                    begun.elapsed() < Duration::from_mins(1),
                    "{} does not listen",
                    subject.name()
                );
                std::thread::sleep(Duration::from_micros(50));
            }
            ready.push(micros(begun.elapsed()));
            first.push(one_review(&target, &request)?);
            let laters: Result<Vec<f64>, _> =
                (0..LATER).map(|_| one_review(&target, &request)).collect();
            later.push(Spread::of(laters?).median);
        }
    }
    let rows = samples.into_iter().map(|(subject, ready, first, later)| {
        Ok(Row {
            subject,
            ready: Spread::of(ready),
            first: Spread::of(first),
            later: Spread::of(later),
            program: std::fs::metadata(subject.program()?)?.len(),
        })
    });
    rows.collect()
}

fn one_review(target: &Target, request: &Request) -> anyhow::Result<f64> {
    let begun = Instant::now();
    Connection::open(target)?.call(request)?;
    Ok(micros(begun.elapsed()))
}

/// A program that is killed in the end.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
