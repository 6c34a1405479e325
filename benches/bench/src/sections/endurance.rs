//! Whether the product holds more memory the longer it runs.

use bodies::Write;
use serde::Serialize;

use super::Effort;
use super::saturation::CONNECTIONS;
use crate::answers::ask;
use crate::load::{Pace, load};
use crate::process;
use crate::subject::{Identity, Subject};

/// What the product holds after so many reviews.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row {
    pub reviews: u64,
    /// In bytes.
    pub held: u64,
}

/// After the first and after the second part of a long load, patches and denials among the reviews.
pub fn measure(identity: &Identity, effort: Effort) -> anyhow::Result<[Row; 2]> {
    let server = Subject::Product.start(identity)?;
    let reviews = [
        ("validate", Write::Nothing),
        ("mutate", Write::Patch),
        ("validate", Write::FiveFindings),
    ];
    let works = reviews.map(|(webhook, write)| {
        let (work, _) = ask(
            Subject::Product,
            &server,
            webhook,
            &bodies::body(write, 8_600),
        )?;
        anyhow::Ok(work)
    });
    let works = works.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let mut reviews = 0;
    let mut until = |most: u64| {
        for work in works.iter().cycle() {
            if reviews >= most {
                break;
            }
            let tally = load(&server.target, work, CONNECTIONS, Pace::Closed, effort.turn)?;
            reviews += tally.latencies.len();
        }
        let held = process::memory(server.process.pid(), "VmRSS")?;
        anyhow::Ok(Row { reviews, held })
    };
    Ok([until(effort.endurance)?, until(2 * effort.endurance)?])
}
