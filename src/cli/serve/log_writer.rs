//! A writer that no request waits for: lines go through a queue to a thread of their own.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread;
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait to be written. Beyond them a reader that has stopped reading costs lines, not requests.
const QUEUE: usize = 4096;

/// From this many bytes on a batch of lines is written, be there more or not.
const BATCH: usize = 1 << 20;

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
        while !ended
            && batch.len() < BATCH
            && let Ok(line) = queue.try_recv()
        {
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
        let deadline = Instant::now() + LAST_WORDS;
        while let Err(TrySendError::Full(_)) = self.end.try_send(Vec::new()) {
            if Instant::now() >= deadline {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        // In time or not, the program ends.
        let _ = self.ended.recv_timeout(left);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, channel, sync_channel};

    use super::{QUEUE, start};

    /// A reader that reads nothing until it is let.
    struct Stuck {
        let_go: Receiver<()>,
        written: std::sync::mpsc::Sender<Vec<u8>>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // An error means that it is let go for good.
            let _ = self.let_go.recv();
            let _ = self.written.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_does_not_read_costs_lines_and_no_time_and_the_loss_is_told() {
        let (let_it_go, let_go) = sync_channel(0);
        let (written, lines) = channel();
        let (mut writer, running) = start(Stuck { let_go, written }).unwrap();
        for _ in 0..QUEUE * 2 {
            writer.write_all(b"line\n").unwrap();
        }
        drop(let_it_go);
        drop(running);
        let text: Vec<u8> = lines.try_iter().flatten().collect();
        let text = String::from_utf8(text).unwrap();
        let kept = text.lines().filter(|line| *line == "line").count();
        assert!((QUEUE..QUEUE * 2).contains(&kept), "{kept}");
        // Lines can be lost before and after a batch is written, and each batch tells of its own.
        let lost: usize = text
            .lines()
            .filter_map(|line| line.strip_prefix("wfe-webhook: ")?.split_once(" log lines"))
            .map(|(count, _)| count.parse::<usize>().unwrap())
            .sum();
        assert_eq!(kept + lost, QUEUE * 2);
    }

    #[test]
    fn what_was_logged_last_is_written_before_the_end() {
        let (written, lines) = channel();
        let (let_it_go, let_go) = sync_channel(1);
        drop(let_it_go);
        let (mut writer, running) = start(Stuck { let_go, written }).unwrap();
        let mut all = String::new();
        for number in 0..100 {
            let line = format!("{number}\n");
            writer.write_all(line.as_bytes()).unwrap();
            all.push_str(&line);
        }
        drop(running);
        let text: Vec<u8> = lines.try_iter().flatten().collect();
        assert_eq!(String::from_utf8(text).unwrap(), all);
    }
}
