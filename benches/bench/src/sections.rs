//! What is measured, a file for each part of the page.

pub mod api_server;
pub mod churn;
pub mod endurance;
pub mod instructions;
pub mod memory;
pub mod open_loop;
pub mod saturation;
pub mod sizes;
pub mod startup;
pub mod worst;

use std::time::Duration;

use serde::Serialize;

/// How long, and how often.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Effort {
    /// Rounds of each comparison; in each, all servers take their turn.
    pub rounds: usize,
    /// Length of one turn.
    pub turn: Duration,
    /// Status writes of one turn through the API server.
    pub writes: usize,
    /// Connections of one turn that has a connection for each review.
    pub connections: u64,
    /// Reviews after which memory is looked at, and after twice as many.
    pub endurance: u64,
}

impl Effort {
    /// For figures worth reading.
    pub const FULL: Self = Self {
        rounds: 5,
        turn: Duration::from_secs(2),
        writes: 400,
        connections: 2_000,
        endurance: 1_000_000,
    };
    /// To see that everything works.
    pub const QUICK: Self = Self {
        rounds: 1,
        turn: Duration::from_millis(300),
        writes: 20,
        connections: 200,
        endurance: 10_000,
    };
}

/// The middle one of some values, with the least and the greatest.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    pub least: f64,
    pub median: f64,
    pub greatest: f64,
}

impl Spread {
    /// Of at least one value.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self {
            least: values[0],
            median: values[values.len() / 2],
            greatest: values[values.len() - 1],
        }
    }
}

/// Microseconds.
pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
