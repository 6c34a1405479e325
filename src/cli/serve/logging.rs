use std::sync::Arc;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use prometheus::IntCounter;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use super::log_writer::{self, LogWriter};

/// Flags of the log, which goes to standard error.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Log")]
pub struct LogArgs {
    /// One line of text, or one JSON object, for each event
    #[arg(long, env = "WFE_WEBHOOK_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// The least important events that are logged
    #[arg(long, env = "WFE_WEBHOOK_LOG_LEVEL", value_enum, default_value_t)]
    pub log_level: LogLevel,
}

/// `--log-format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// `--log-level`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// Faults of this program.
    Error,
    /// And what an operator should look at.
    Warn,
    /// And every decision.
    #[default]
    Info,
    /// And requests that were shed.
    Debug,
    /// And all the rest.
    Trace,
}

impl LogLevel {
    const fn filter(self) -> LevelFilter {
        match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

impl LogArgs {
    /// Starts the log of the whole program, which counts the lines that it loses. It ends when the returned value is dropped.
    ///
    /// # Errors
    ///
    /// When the thread that writes cannot be started.
    pub fn install(self, lost: IntCounter) -> anyhow::Result<log_writer::Running> {
        let loss_line = match self.log_format {
            LogFormat::Text => text_loss,
            LogFormat::Json => json_loss,
        };
        let (writer, running) = log_writer::start(std::io::stderr(), lost, loss_line)?;
        let layer = match self.log_format {
            LogFormat::Text => text(writer),
            LogFormat::Json => json(writer),
        };
        let level = self.log_level.filter();
        // What libraries say below a warning is about their insides.
        let targets = Targets::new()
            .with_target(env!("CARGO_CRATE_NAME"), level)
            .with_default(level.min(LevelFilter::WARN));
        tracing_subscriber::registry()
            .with(layer.with_filter(targets))
            .try_init()?;
        std::panic::set_hook(Box::new(|panic| {
            // Not the message: it may quote the object that was being judged.
            let location = panic.location().map(tracing::field::display);
            tracing::error!(location, "panic");
        }));
        Ok(running)
    }
}

fn text_loss(lost: u64) -> String {
    format!(
        "{}  WARN wfe_webhook: log lines were lost, as they were not read in time or could not be written lost={lost}\n",
        Timestamp::now()
    )
}

fn json_loss(lost: u64) -> String {
    format!(
        "{{\"timestamp\":\"{}\",\"level\":\"WARN\",\"message\":\"log lines were lost, as they were not read in time or could \
         not be written\",\"lost\":{lost},\"target\":\"wfe_webhook\"}}\n",
        Timestamp::now()
    )
}

type BoxedLayer = Box<dyn Layer<tracing_subscriber::Registry> + Send + Sync>;

fn text(writer: Arc<LogWriter>) -> BoxedLayer {
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    fmt::layer()
        .with_writer(writer)
        .with_ansi(is_terminal)
        .boxed()
}

fn json(writer: Arc<LogWriter>) -> BoxedLayer {
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(writer)
        .boxed()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{LogArgs, LogFormat, LogLevel};
    use crate::metrics::Metrics;

    /// Set in the process that panics: log and hook are the whole process's.
    const PANICS: &str = "WFE_WEBHOOK_TEST_PANICS";

    #[test]
    fn a_panic_is_logged_with_its_place_and_without_its_message() {
        if std::env::var_os(PANICS).is_some() {
            let arguments = LogArgs {
                log_format: LogFormat::Json,
                log_level: LogLevel::Info,
            };
            let lost = Metrics::log_lines_lost().unwrap();
            let _log = arguments.install(lost).unwrap();
            std::panic::catch_unwind(|| panic!("s3cr3t")).unwrap_err();
            return;
        }
        let itself = std::thread::current();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", itself.name().unwrap(), "--nocapture"])
            .env(PANICS, "1")
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{log}");
        assert!(log.contains(r#""message":"panic""#), "{log}");
        assert!(
            log.contains(r#""location":"src/cli/serve/logging.rs:"#),
            "{log}"
        );
        assert!(!log.contains("s3cr3t"), "{log}");
    }
}
