//! Standard output and standard error, which a reader may close early.

use std::io::{ErrorKind, Write as _, stderr, stdout};

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
