use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::values;
use crate::events::EventSettings;

/// Flags of Events.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Events")]
pub struct EventArgs {
    /// Record refusals and warnings as Events on the object, which `kubectl describe` shows; needs the right to create them
    #[arg(long, env = "WFE_WEBHOOK_EVENTS", value_parser = BoolishValueParser::new())]
    pub events: bool,
    /// Between two Events of one object and rule; what happens meanwhile is counted in the second one
    #[arg(long, env = "WFE_WEBHOOK_EVENTS_INTERVAL", value_name = "DURATION", value_parser = values::timeout,
        default_value = "5m")]
    pub events_interval: Duration,
}

impl EventArgs {
    /// How Events are recorded, if they are.
    #[must_use]
    pub fn settings(&self) -> Option<EventSettings> {
        self.events.then_some(EventSettings {
            interval: self.events_interval,
        })
    }
}
