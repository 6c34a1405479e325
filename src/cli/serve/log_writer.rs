//! A writer that no request waits for: lines are put together in memory, and a thread of its own writes them.

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use prometheus::IntCounter;

/// Bytes that wait to be written. Beyond them a reader that has stopped reading costs lines, not requests.
const ROOM: usize = 1 << 20;

/// How long lines gather before they are written together. To wake a thread for each line costs more than most reviews.
const GATHERING: Duration = Duration::from_millis(10);

/// How long the end of the program waits for a reader that has stopped reading.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long to wait after a write that failed. What is full now may have room again then.
const RETRY: Duration = Duration::from_millis(50);

/// How often the last lines are tried again, within [`LAST_WORDS`].
const LAST_TRIES: u32 = 15;

/// A line that reports how many lines were lost.
pub(super) type LossLine = fn(u64) -> String;

/// Takes lines.
#[derive(Debug)]
pub struct LogWriter {
    lines: Mutex<Lines>,
    /// Rings at the first line and at the end.
    changed: Condvar,
    lost: IntCounter,
}

/// The thread that writes. To drop it writes what is waiting and ends it.
#[derive(Debug)]
pub struct Running {
    writer: Arc<LogWriter>,
    ended: Receiver<()>,
}

/// What waits to be written.
#[derive(Debug, Default)]
struct Lines {
    bytes: Vec<u8>,
    ended: bool,
}

impl LogWriter {
    /// No line is ever half in, so that a panic elsewhere leaves the lines as they should be.
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, line: &[u8]) {
        let mut lines = self.lines();
        if lines.bytes.len() + line.len() > ROOM {
            self.lost.inc();
            return;
        }
        let is_first = lines.bytes.is_empty();
        lines.bytes.extend_from_slice(line);
        drop(lines);
        if is_first {
            self.changed.notify_one();
        }
    }

    fn end(&self) {
        self.lines().ended = true;
        self.changed.notify_one();
    }

    fn has_ended(&self) -> bool {
        self.lines().ended
    }

    /// Waits for lines and moves them into the empty `batch`. Returns whether they are the last.
    fn gather(&self, gathering: Duration, batch: &mut Vec<u8>) -> bool {
        let is_idle = |lines: &mut Lines| lines.bytes.is_empty() && !lines.ended;
        let lines = self
            .changed
            .wait_while(self.lines(), is_idle)
            .unwrap_or_else(PoisonError::into_inner);
        let goes_on = |lines: &mut Lines| !lines.ended;
        let (mut lines, _) = self
            .changed
            .wait_timeout_while(lines, gathering, goes_on)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut lines.bytes, batch);
        lines.ended
    }

    /// Writes a batch. What cannot be written now is tried again, also for a reader that does not read. Returns what is left
    /// after a write that failed for another reason.
    fn write<'b>(&self, batch: &'b [u8], sink: &mut impl Write) -> &'b [u8] {
        let mut rest = batch;
        let mut last_tries = LAST_TRIES;
        while !rest.is_empty() {
            match sink.write(rest) {
                Ok(0) => break,
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && last_tries > 0 => {
                    last_tries -= u32::from(self.has_ended());
                    thread::sleep(RETRY);
                }
                Err(_) => break,
            }
        }
        rest
    }
}

/// Starts writing to `sink`, and counting what is lost.
///
/// # Errors
///
/// When no thread can be started.
pub(super) fn start(
    sink: impl Write + Send + 'static,
    lost: IntCounter,
    loss_line: LossLine,
) -> io::Result<(Arc<LogWriter>, Running)> {
    start_gathering(GATHERING, sink, lost, loss_line)
}

fn start_gathering(
    gathering: Duration,
    sink: impl Write + Send + 'static,
    lost: IntCounter,
    loss_line: LossLine,
) -> io::Result<(Arc<LogWriter>, Running)> {
    let writer = Arc::new(LogWriter {
        lines: Mutex::default(),
        changed: Condvar::new(),
        lost,
    });
    let (ending, ended) = mpsc::sync_channel(1);
    let lines = Arc::clone(&writer);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || {
            write_lines(&lines, gathering, sink, loss_line);
            // An error means that the end is not waited for any more.
            let _ = ending.send(());
        })?;
    let running = Running {
        writer: Arc::clone(&writer),
        ended,
    };
    Ok((writer, running))
}

fn write_lines(writer: &LogWriter, gathering: Duration, mut sink: impl Write, loss_line: LossLine) {
    let mut batch = Vec::new();
    let mut reported = 0;
    loop {
        let is_last = writer.gather(gathering, &mut batch);
        let lost = writer.lost.get();
        let report = if lost > reported {
            loss_line(lost - reported)
        } else {
            String::new()
        };
        batch.extend_from_slice(report.as_bytes());
        let unwritten = writer.write(&batch, &mut sink);
        if unwritten.is_empty() {
            reported = lost;
        } else {
            // A report that is lost itself is repeated.
            let lines = unwritten.split(|byte| *byte == b'\n').count() - 1;
            let reports = usize::from(!report.is_empty());
            writer.lost.inc_by((lines - reports) as u64);
            thread::sleep(RETRY);
        }
        if is_last {
            // The reader may have gone; nothing is left to report it to.
            let _ = sink.flush();
            return;
        }
        batch.clear();
    }
}

/// For [`tracing_subscriber`], which writes whole lines.
impl Write for &LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.writer.end();
        // In time or not, the program ends.
        let _ = self.ended.recv_timeout(LAST_WORDS);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
    use std::time::Duration;

    use prometheus::IntCounter;
    use rstest::rstest;

    use super::{GATHERING, ROOM, Running, start_gathering};

    fn loss_line(lost: u64) -> String {
        format!("lost {lost}\n")
    }

    /// A log of lines into `sink`.
    struct Log {
        lines: std::sync::Arc<super::LogWriter>,
        running: Running,
        lost: IntCounter,
    }

    impl Log {
        fn start(gathering: Duration, sink: impl Write + Send + 'static) -> Self {
            let lost = IntCounter::new("lost", "lines").unwrap();
            let (lines, running) =
                start_gathering(gathering, sink, lost.clone(), loss_line).unwrap();
            Self {
                lines,
                running,
                lost,
            }
        }

        fn line(&self, line: &str) {
            (&*self.lines).write_all(line.as_bytes()).unwrap();
        }
    }

    /// A reader that reads nothing until it is let.
    struct Stuck {
        let_go: Receiver<()>,
        written: Sender<Vec<u8>>,
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

    /// The lines of a log, and how many were reported as lost.
    fn kept_and_lost(text: &str) -> (usize, usize) {
        let lost = text.lines().filter_map(|line| line.strip_prefix("lost "));
        let lost = lost.map(|count| count.parse::<usize>().unwrap()).sum();
        let kept = text.lines().filter(|line| !line.starts_with("lost "));
        (kept.count(), lost)
    }

    #[test]
    fn a_reader_that_does_not_read_costs_lines_and_no_time_and_the_loss_is_reported() {
        let (let_it_go, let_go) = sync_channel(0);
        let (written, lines) = channel();
        let log = Log::start(GATHERING, Stuck { let_go, written });
        let fitting = ROOM / b"line\n".len();
        for _ in 0..fitting * 4 {
            log.line("line\n");
        }
        let counted = log.lost.get();
        drop(let_it_go);
        drop(log.running);
        let batches: Vec<_> = lines.try_iter().collect();
        assert!(batches.len() <= 2, "{} were written", batches.len());
        let text = String::from_utf8(batches.concat()).unwrap();
        let (kept, lost) = kept_and_lost(&text);
        // One batch may have been taken before the reader got stuck.
        assert!((fitting..=fitting * 2).contains(&kept), "{kept}");
        // Lines can be lost before and after a batch is written, and each batch reports its own.
        assert_eq!(kept + lost, fitting * 4);
        assert_eq!(lost as u64, counted);
    }

    /// Fails at the writes that it is told to fail at.
    struct Failing {
        outcomes: std::vec::IntoIter<Result<usize, io::ErrorKind>>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let written = self
                .outcomes
                .next()
                .unwrap_or(Ok(usize::MAX))?
                .min(bytes.len());
            let _ = self.written.send(bytes[..written].to_vec());
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[rstest]
    #[case::would_block(vec![Err(io::ErrorKind::WouldBlock); 3], "1\n2\n", 0)]
    #[case::in_parts(vec![Ok(1), Err(io::ErrorKind::Interrupted), Ok(1)], "1\n2\n", 0)]
    #[case::no_space(vec![Err(io::ErrorKind::StorageFull)], "2\nlost 1\n", 1)]
    #[case::no_space_within_a_line(vec![Ok(1), Err(io::ErrorKind::StorageFull)], "12\nlost 1\n", 1)]
    #[case::no_space_twice(vec![Err(io::ErrorKind::StorageFull); 2], "3\nlost 2\n", 2)]
    fn a_failed_write_ends_nothing(
        #[case] outcomes: Vec<Result<usize, io::ErrorKind>>,
        #[case] expected: &str,
        #[case] lost: u64,
    ) {
        let (written, lines) = channel();
        let outcomes = outcomes.into_iter();
        let log = Log::start(Duration::ZERO, Failing { outcomes, written });
        let mut text = String::new();
        let read = |text: &mut String| {
            text.extend(lines.try_iter().map(|it| String::from_utf8(it).unwrap()));
        };
        for number in 1..=lost.max(1) + 1 {
            log.line(&format!("{number}\n"));
            // Until the line is written or lost, so that each is a batch of its own.
            while !text.contains(&number.to_string()) && log.lost.get() < number {
                std::thread::sleep(Duration::from_millis(1));
                read(&mut text);
            }
        }
        let counter = log.lost.clone();
        drop(log.running);
        read(&mut text);
        assert_eq!(text, expected);
        assert_eq!(counter.get(), lost);
    }

    #[test]
    fn lines_that_come_one_after_the_other_are_written_together() {
        let (written, lines) = channel();
        let (let_it_go, let_go) = sync_channel(1);
        drop(let_it_go);
        let log = Log::start(Duration::from_hours(1), Stuck { let_go, written });
        for _ in 0..100 {
            log.line("line\n");
        }
        drop(log.running);
        assert_eq!(
            lines.try_iter().collect::<Vec<_>>(),
            [b"line\n".repeat(100)]
        );
    }

    #[test]
    fn what_was_logged_last_is_written_before_the_end() {
        let (written, lines) = channel();
        let (let_it_go, let_go) = sync_channel(1);
        drop(let_it_go);
        let log = Log::start(GATHERING, Stuck { let_go, written });
        let mut all = String::new();
        for number in 0..100 {
            let line = format!("{number}\n");
            log.line(&line);
            all.push_str(&line);
        }
        drop(log.running);
        let text: Vec<u8> = lines.try_iter().flatten().collect();
        assert_eq!(String::from_utf8(text).unwrap(), all);
    }
}
