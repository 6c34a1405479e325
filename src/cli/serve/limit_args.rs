use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

use super::values;
use crate::server::Limits;

/// Flags that limit how much one client may cost.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Reviews that are judged or answered at the same time; beyond them the answer is 429
    #[arg(long, env = "WFE_WEBHOOK_MAX_IN_FLIGHT", value_name = "N", value_parser = values::count,
        default_value_t = Limits::MAX_IN_FLIGHT)]
    pub max_in_flight: NonZeroUsize,
    /// Open connections; beyond them the one that has been idle longest is closed for each new one
    #[arg(long, env = "WFE_WEBHOOK_MAX_CONNECTIONS", value_name = "N", value_parser = values::count,
        default_value_t = Limits::MAX_CONNECTIONS)]
    pub max_connections: NonZeroUsize,
    /// For a TLS handshake
    #[arg(long, env = "WFE_WEBHOOK_HANDSHAKE_TIMEOUT", value_name = "DURATION", value_parser = values::timeout,
        default_value = "10s")]
    pub handshake_timeout: Duration,
    /// For the head of a request, from its first byte, and for the first request of a connection
    #[arg(long, env = "WFE_WEBHOOK_HEAD_TIMEOUT", value_name = "DURATION", value_parser = values::timeout,
        default_value = "10s")]
    pub head_timeout: Duration,
    /// For the body of a request, beyond which the answer is 408, and for a client to take its answer
    #[arg(long, env = "WFE_WEBHOOK_BODY_TIMEOUT", value_name = "DURATION", value_parser = values::timeout,
        default_value = "10s")]
    pub body_timeout: Duration,
    /// For a connection without a request; below an API server's 90s, calls get lost
    #[arg(long, env = "WFE_WEBHOOK_IDLE_TIMEOUT", value_name = "DURATION", value_parser = values::timeout,
        default_value = "120s")]
    pub idle_timeout: Duration,
}

impl LimitArgs {
    /// The limits that the flags describe.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            max_in_flight: self.max_in_flight,
            max_connections: self.max_connections,
            handshake_timeout: self.handshake_timeout,
            head_timeout: self.head_timeout,
            body_timeout: self.body_timeout,
            idle_timeout: self.idle_timeout,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::LimitArgs;
    use crate::server::Limits;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        limits: LimitArgs,
    }

    #[test]
    fn the_defaults_of_the_flags_are_those_of_the_server() {
        let program = Program::parse_from(["program"]);
        assert_eq!(program.limits.limits(), Limits::default());
    }
}
