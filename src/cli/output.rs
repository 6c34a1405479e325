//! Standard output and standard error, which a reader may close early.

use std::io::{ErrorKind, IsTerminal as _, Write as _, stderr, stdout};

/// One of the two.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Output,
    Error,
}

/// Whether what is written to the stream may have colors: it goes to a terminal that has them, and the user has not
/// set `NO_COLOR` (<https://no-color.org>).
pub(super) fn is_colored(stream: Stream) -> bool {
    let is_terminal = match stream {
        Stream::Output => stdout().is_terminal(),
        Stream::Error => stderr().is_terminal(),
    };
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    is_terminal && !is_unwanted && !is_dumb
}

/// Writes `text` to standard output. A reader that closes early (`| head`) is not an error.
///
/// # Errors
///
/// When standard output cannot be written, for example on a full disk.
pub(super) fn print(text: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes `text` to standard error. A failure is ignored: there is nowhere left to report it.
pub(super) fn complain(text: &str) {
    let _ = stderr().lock().write_all(text.as_bytes());
}
