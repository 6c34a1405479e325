//! A writer that no request waits for: lines are put together in memory, and a thread of its own writes them.

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Bytes that wait to be written. Beyond them a reader that has stopped reading costs lines, not requests.
const ROOM: usize = 1 << 20;

/// How long lines gather before they are written together. To wake a thread for each line costs more than most reviews.
const GATHERING: Duration = Duration::from_millis(10);

/// How long the end of the program waits for a reader that has stopped reading.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Takes lines.
#[derive(Debug, Default)]
pub struct LogWriter {
    lines: Mutex<Lines>,
    /// Rings at the first line and at the end.
    changed: Condvar,
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
    lost: u64,
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
            lines.lost += 1;
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

    /// Waits for lines, moves them into the empty `batch`, and says whether they were the last.
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
        let lost = std::mem::take(&mut lines.lost);
        let ended = lines.ended;
        drop(lines);
        if lost > 0 {
            batch.extend_from_slice(
                format!("wfe-webhook: {lost} log lines were lost: nobody read them in time\n")
                    .as_bytes(),
            );
        }
        ended
    }
}

/// Starts writing to `sink`.
///
/// # Errors
///
/// When no thread can be started.
pub fn start(sink: impl Write + Send + 'static) -> io::Result<(Arc<LogWriter>, Running)> {
    start_gathering(GATHERING, sink)
}

fn start_gathering(
    gathering: Duration,
    sink: impl Write + Send + 'static,
) -> io::Result<(Arc<LogWriter>, Running)> {
    let writer = Arc::new(LogWriter::default());
    let (ending, ended) = mpsc::sync_channel(1);
    let lines = Arc::clone(&writer);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || {
            // What cannot be written cannot be told of either.
            let _ = write_lines(&lines, gathering, sink);
            let _ = ending.send(());
        })?;
    let running = Running {
        writer: Arc::clone(&writer),
        ended,
    };
    Ok((writer, running))
}

fn write_lines(lines: &LogWriter, gathering: Duration, mut sink: impl Write) -> io::Result<()> {
    let mut batch = Vec::new();
    loop {
        let ended = lines.gather(gathering, &mut batch);
        sink.write_all(&batch)?;
        sink.flush()?;
        if ended {
            return Ok(());
        }
        batch.clear();
    }
}

impl Write for &LogWriter {
    /// Takes one whole event.
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
    use std::sync::mpsc::{Receiver, channel, sync_channel};
    use std::time::Duration;

    use super::{ROOM, start, start_gathering};

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
        let (writer, running) = start(Stuck { let_go, written }).unwrap();
        let fitting = ROOM / b"line\n".len();
        for _ in 0..fitting * 4 {
            (&*writer).write_all(b"line\n").unwrap();
        }
        drop(let_it_go);
        drop(running);
        let batches: Vec<_> = lines.try_iter().collect();
        assert!(batches.len() <= 2, "{} were written", batches.len());
        let text = String::from_utf8(batches.concat()).unwrap();
        let kept = text.lines().filter(|line| *line == "line").count();
        // One batch may have been taken before the reader got stuck.
        assert!((fitting..=fitting * 2).contains(&kept), "{kept}");
        // Lines can be lost before and after a batch is written, and each batch tells of its own.
        let lost: usize = text
            .lines()
            .filter_map(|line| line.strip_prefix("wfe-webhook: ")?.split_once(" log lines"))
            .map(|(count, _)| count.parse::<usize>().unwrap())
            .sum();
        assert_eq!(kept + lost, fitting * 4);
    }

    #[test]
    fn lines_that_come_one_after_the_other_are_written_together() {
        let (written, lines) = channel();
        let (let_it_go, let_go) = sync_channel(1);
        drop(let_it_go);
        let hour = Duration::from_hours(1);
        let (writer, running) = start_gathering(hour, Stuck { let_go, written }).unwrap();
        for _ in 0..100 {
            (&*writer).write_all(b"line\n").unwrap();
        }
        drop(running);
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
        let (writer, running) = start(Stuck { let_go, written }).unwrap();
        let mut all = String::new();
        for number in 0..100 {
            let line = format!("{number}\n");
            (&*writer).write_all(line.as_bytes()).unwrap();
            all.push_str(&line);
        }
        drop(running);
        let text: Vec<u8> = lines.try_iter().flatten().collect();
        assert_eq!(String::from_utf8(text).unwrap(), all);
    }
}
