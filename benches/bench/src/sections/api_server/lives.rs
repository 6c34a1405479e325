//! How many calls of webhooks the status writes in the life of a run cause.

use serde::Serialize;

use super::scene::Scene;
use super::setup::Setup;
use super::writes::{self, calls, expect};
use crate::subject::Subject;

/// Calls in a life of two minutes with a progress pass every ten seconds, repeated rounds included.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Life {
    /// Whether its controller sets the conditions itself.
    pub sets_conditions: bool,
    /// Calls where both webhooks are called for every write.
    pub every_call: u64,
    /// Calls as the product is registered by default.
    pub calls: u64,
}

impl Life {
    /// The part of the calls that is not made.
    pub fn saved(&self) -> f64 {
        1.0 - self.calls as f64 / self.every_call as f64
    }
}

pub fn measure(scene: &mut Scene<'_>) -> anyhow::Result<Vec<Life>> {
    let lives = [true, false].map(|sets_conditions| {
        let mut count = |setup| scene.under(setup, |scene| live(scene, sets_conditions, setup));
        anyhow::Ok(Life {
            sets_conditions,
            every_call: count(Setup::Both(Subject::Product))?,
            calls: count(Setup::AsRegistered)?,
        })
    });
    lives.into_iter().collect()
}

/// Plays a life and counts the calls.
fn live(scene: &mut Scene<'_>, sets_conditions: bool, setup: Setup) -> anyhow::Result<u64> {
    let connection = &mut scene.connection;
    let name = format!("life-{sets_conditions}-{}", setup == Setup::AsRegistered);
    expect(&connection.call(&writes::create(&name)?)?, 201)?;
    let before = calls(connection)?;
    for status in bodies::life(12, sets_conditions) {
        let request = writes::patch(&name, &status, "");
        expect(&connection.call(&request)?, 200)?;
    }
    Ok(calls(connection)? - before)
}
