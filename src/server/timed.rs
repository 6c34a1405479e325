//! A stream with the deadlines that hyper lacks: for a later request's head, for an idle connection, for a client that
//! does not read.
//!
//! hyper's own `header_read_timeout` also runs while a kept connection is idle and would close it before the client
//! does, which loses the call that is just being written.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::futures::OwnedNotified;
use tokio::time::{Instant, Sleep};

use super::activity::Activity;
use super::gate::Slot;
use super::lifecycle::{Lifecycle, Phase};
use crate::metrics::Ending;

/// How long a connection whose handshake has just ended may take for its first request once the server has stopped: its
/// bytes are on the way. An older one was opened in advance and is closed.
const FIRST_REQUEST_GRACE: Duration = Duration::from_secs(1);

/// How much is read away after a head that was refused, within the head's own deadline.
const UNREAD_LIMIT: usize = 1024 * 1024;

/// The deadlines of one connection.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// From a head's first byte to its last, and from the handshake to the first request.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// From the first byte that the client does not take at once to the end of the answer.
    pub write: Duration,
}

/// Follows where requests begin and end: hyper does not report that it already holds the beginning of the next head.
#[derive(Debug, Default)]
struct Framing {
    /// How many bytes of the end of a head were seen last.
    matched: usize,
    head_ended: bool,
    /// Bytes received after the end of the head.
    after_head: u64,
}

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

impl Framing {
    fn received(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let [first, others @ ..] = rest
            && !self.head_ended
        {
            self.matched = match self.matched {
                matched if *first == END_OF_HEAD[matched] => matched + 1,
                _ if *first == END_OF_HEAD[0] => 1,
                _ => 0,
            };
            self.head_ended = self.matched == END_OF_HEAD.len();
            rest = others;
        }
        self.after_head += rest.len() as u64;
    }

    /// The request with a body of this length has ended: whether more than it was received. Where that is not known, as with
    /// pipelined requests, it counts as received.
    fn has_more(&mut self, body_length: Option<u64>) -> bool {
        let Self {
            head_ended,
            after_head,
            ..
        } = std::mem::take(self);
        !head_ended || body_length != Some(after_head)
    }
}

/// What is being waited for, and since when.
#[derive(Clone, Copy, Debug)]
enum Waiting {
    /// The first request.
    First(Instant),
    /// A later request.
    Next(Instant),
    /// The rest of a head.
    Head(Instant),
    /// The server itself; a body has a deadline of its own.
    Answer,
}

/// A stream that reports its end when a deadline has passed.
#[derive(Debug)]
pub(super) struct Timed<S> {
    inner: S,
    activity: Arc<Activity>,
    seen: u32,
    framing: Framing,
    waiting: Waiting,
    writing: Option<Instant>,
    deadlines: Deadlines,
    timer: Pin<Box<Sleep>>,
    lifecycle: Arc<Lifecycle>,
    change: Pin<Box<OwnedNotified>>,
    ended: bool,
    /// What may still be read away, once the stream is shut down.
    unread: Option<usize>,
    _slot: Slot,
}

impl<S> Timed<S> {
    /// Watches `inner`, whose requests `activity` counts.
    pub(super) fn new(
        inner: S,
        activity: Arc<Activity>,
        deadlines: Deadlines,
        lifecycle: Arc<Lifecycle>,
        slot: Slot,
    ) -> Self {
        let now = Instant::now();
        Self {
            inner,
            seen: activity.count(),
            framing: Framing::default(),
            activity,
            waiting: Waiting::First(now),
            writing: None,
            deadlines,
            timer: Box::pin(tokio::time::sleep_until(now + deadlines.head)),
            change: Box::pin(lifecycle.next_change()),
            lifecycle,
            ended: false,
            unread: None,
            _slot: slot,
        }
    }

    /// Follows requests that began or ended since the last call.
    fn follow(&mut self) {
        let count = self.activity.count();
        if count != self.seen {
            self.seen = count;
            self.waiting = if count % 2 == 1 {
                Waiting::Answer
            } else if self.framing.has_more(self.activity.body_length()) {
                Waiting::Head(Instant::now())
            } else {
                Waiting::Next(Instant::now())
            };
        }
    }

    /// Whether `deadline` has passed; if not, the task is woken then at the latest.
    fn passed(&mut self, deadline: Instant, cx: &mut Context<'_>) -> bool {
        // The timer is left alone while it fires early enough, so that a busy connection seldom resets it.
        if self.timer.deadline() > deadline {
            self.timer.as_mut().reset(deadline);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return true;
            }
            self.timer.as_mut().reset(deadline);
        }
        false
    }

    /// Whether the server has stopped; if not, the task is woken at the next change.
    fn stopped(&mut self, cx: &mut Context<'_>) -> bool {
        while self.lifecycle.phase() < Phase::Stopped {
            if self.change.as_mut().poll(cx).is_pending() {
                return false;
            }
            self.change.set(self.lifecycle.next_change());
        }
        true
    }

    /// Whether to close the connection of a client that sends nothing.
    fn gives_up(&mut self, cx: &mut Context<'_>) -> bool {
        let (deadline, ending) = match self.waiting {
            Waiting::Answer => return false,
            Waiting::Head(since) => (since + self.deadlines.head, Ending::HeadTimeout),
            Waiting::Next(since) => {
                if self.stopped(cx) {
                    return true;
                }
                (since + self.deadlines.idle, Ending::IdleTimeout)
            }
            Waiting::First(since) => {
                let patience = if self.stopped(cx) {
                    FIRST_REQUEST_GRACE.min(self.deadlines.head)
                } else {
                    self.deadlines.head
                };
                (since + patience, Ending::Unused)
            }
        };
        let passed = self.passed(deadline, cx);
        if passed {
            self.end(ending);
        }
        passed
    }

    /// Counts the end of the connection, once.
    fn end(&mut self, by: Ending) {
        if !self.ended {
            self.ended = true;
            self.activity.ended(by);
        }
    }

    /// Whether hyper has refused a head: it is over before it has become a request. hyper does not report it.
    fn refused(&mut self) -> bool {
        self.follow();
        matches!(self.waiting, Waiting::Head(_)) && !self.ended
    }

    /// Passes the result of a write on, unless the client takes too long to take the whole answer.
    fn bounded<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            return written;
        }
        self.activity.set_writing(true);
        let since = *self.writing.get_or_insert_with(Instant::now);
        if self.passed(since + self.deadlines.write, cx) {
            self.end(Ending::WriteTimeout);
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> Timed<S> {
    /// Reads away what a client goes on to send after its head was refused. A connection that is closed over unread bytes
    /// is reset, and the client may lose the answer that explains why.
    fn poll_read_away(&mut self, cx: &mut Context<'_>, mut left: usize) -> Poll<io::Result<()>> {
        while left > 0
            && let Waiting::Head(since) = self.waiting
        {
            let mut bytes = [0; 8192];
            let mut buf = ReadBuf::new(&mut bytes);
            match Pin::new(&mut self.inner).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {
                    left = left.saturating_sub(buf.filled().len());
                    self.unread = Some(left);
                }
                Poll::Ready(_) => break,
                Poll::Pending if self.stopped(cx) => break,
                Poll::Pending if self.passed(since + self.deadlines.head, cx) => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.follow();
        let filled = buf.filled().len();
        match Pin::new(&mut this.inner).poll_read(cx, buf) {
            Poll::Ready(result) => {
                let over = buf.filled().len() == filled;
                this.framing.received(&buf.filled()[filled..]);
                this.activity.received(this.framing.after_head);
                match this.waiting {
                    Waiting::First(_) | Waiting::Next(_) if !over => {
                        this.waiting = Waiting::Head(Instant::now());
                    }
                    Waiting::Head(_) if over => this.end(Ending::ClientClosed),
                    _ => {}
                }
                Poll::Ready(result)
            }
            // No bytes and no error: the end of the stream, on which hyper closes in good order.
            Poll::Pending if this.gives_up(cx) => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(cx, buf);
        this.bounded(written, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, bufs);
        this.bounded(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.inner).poll_flush(cx);
        if flushed.is_ready() && this.writing.take().is_some() {
            this.activity.set_writing(false);
        }
        this.bounded(flushed, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let left = if let Some(left) = this.unread {
            left
        } else {
            let shut = Pin::new(&mut this.inner).poll_shutdown(cx);
            ready!(this.bounded(shut, cx))?;
            let left = if this.refused() { UNREAD_LIMIT } else { 0 };
            *this.unread.insert(left)
        };
        this.poll_read_away(cx, left)
    }
}

impl<S> Drop for Timed<S> {
    fn drop(&mut self) {
        if self.refused() {
            self.end(Ending::MalformedHead);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Framing;

    #[rstest]
    #[case::no_body(&["GET / HTTP/1.1\r\n\r\n"], Some(0), false)]
    #[case::body(&["POST / HTTP/1.1\r\n\r\nabc"], Some(3), false)]
    #[case::in_parts(&["POST / HTTP/1.1\r\n\r", "\na", "bc"], Some(3), false)]
    #[case::line_breaks_before(&["\r\n\rPOST / HTTP/1.1\r\r\n\r\nabc"], Some(3), false)]
    #[case::beginning_of_the_next(&["POST / HTTP/1.1\r\n\r\nabcGET"], Some(3), true)]
    #[case::refused_before_its_body(&["POST / HTTP/1.1\r\n\r\na"], Some(3), true)]
    #[case::length_not_known(&["POST / HTTP/1.1\r\n\r\nabc"], None, true)]
    #[case::end_of_head_not_seen(&["GET / HTTP/1.1\n\n"], Some(0), true)]
    fn bytes_after_a_request_are_the_beginning_of_the_next(
        #[case] parts: &[&str],
        #[case] body_length: Option<u64>,
        #[case] has_more: bool,
    ) {
        let mut framing = Framing::default();
        for part in parts {
            framing.received(part.as_bytes());
        }
        assert_eq!(framing.has_more(body_length), has_more);
    }
}
