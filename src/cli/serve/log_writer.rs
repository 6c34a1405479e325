//! A writer that no request waits for: lines go through a queue to a thread of their own.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait to be written. Beyond them a reader that has stopped reading costs lines, not requests.
const QUEUE: usize = 4096;

/// How long the end of the program waits for a reader that has stopped reading.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Puts lines into the queue.
#[derive(Clone, Debug)]
pub struct LogWriter {
    lines: SyncSender<Vec<u8>>,
    lost: Arc<AtomicU64>,
}

/// The thread that writes. To drop it writes what is in the queue and ends it.
#[derive(Debug)]
pub struct Running {
    end: SyncSender<Vec<u8>>,
    ended: Receiver<()>,
}

/// Starts writing to `sink`.
///
/// # Errors
///
/// When no thread can be started.
pub fn start(sink: impl Write + Send + 'static) -> io::Result<(LogWriter, Running)> {
    let (lines, queue) = mpsc::sync_channel(QUEUE);
    let (ending, ended) = mpsc::sync_channel(1);
    let lost = Arc::new(AtomicU64::new(0));
    let lost_here = Arc::clone(&lost);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || {
            // What cannot be written cannot be told of either.
            let _ = write_lines(&queue, &lost_here, sink);
            let _ = ending.send(());
        })?;
    let running = Running {
        end: lines.clone(),
        ended,
    };
    Ok((LogWriter { lines, lost }, running))
}

/// Writes until an empty line comes, as many lines at once as there are.
fn write_lines(
    queue: &Receiver<Vec<u8>>,
    lost: &AtomicU64,
    mut sink: impl Write,
) -> io::Result<()> {
    while let Ok(mut batch) = queue.recv() {
        let mut ended = batch.is_empty();
        while !ended && let Ok(line) = queue.try_recv() {
            ended = line.is_empty();
            batch.extend_from_slice(&line);
        }
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            batch.extend_from_slice(
                format!("wfe-webhook: {lost} log lines were lost: nobody read them in time\n")
                    .as_bytes(),
            );
        }
        sink.write_all(&batch)?;
        sink.flush()?;
        if ended {
            break;
        }
    }
    Ok(())
}

impl Write for LogWriter {
    /// Takes one whole event.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if !line.is_empty() && self.lines.try_send(line.to_vec()).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // With a full queue there is nobody to read the last words.
        if self.end.try_send(Vec::new()).is_ok() {
            let _ = self.ended.recv_timeout(LAST_WORDS);
        }
    }
}
