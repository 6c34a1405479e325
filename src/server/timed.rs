//! A stream with the deadlines that hyper lacks: for a later request's head, for an idle connection, for a client that
//! does not read.
//!
//! hyper's own `header_read_timeout` also runs while a kept connection is idle and would close it before the client
//! does, which loses the call that is just being written.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::futures::OwnedNotified;
use tokio::time::{Instant, Sleep};

use super::activity::Activity;
use super::lifecycle::{Lifecycle, Phase};

/// How long a connection whose handshake has just ended may take for its first request once the server has stopped: its
/// bytes are on the way. An older one was opened in advance and is closed.
const FIRST_REQUEST_GRACE: Duration = Duration::from_secs(1);

/// The deadlines of one connection.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// From a head's first byte to its last.
    pub head: Duration,
    /// Between two requests, and before the first.
    pub idle: Duration,
    /// For bytes that the client does not take.
    pub write: Duration,
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
pub struct Timed<S> {
    inner: S,
    activity: Arc<Activity>,
    seen: u32,
    waiting: Waiting,
    writing: Option<Instant>,
    deadlines: Deadlines,
    timer: Pin<Box<Sleep>>,
    lifecycle: Arc<Lifecycle>,
    change: Pin<Box<OwnedNotified>>,
    _permit: OwnedSemaphorePermit,
}

impl<S> Timed<S> {
    /// Watches `inner`, whose requests `activity` tells of.
    pub fn new(
        inner: S,
        activity: Arc<Activity>,
        deadlines: Deadlines,
        lifecycle: Arc<Lifecycle>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let now = Instant::now();
        Self {
            inner,
            seen: activity.count(),
            activity,
            waiting: Waiting::First(now),
            writing: None,
            deadlines,
            timer: Box::pin(tokio::time::sleep_until(now + deadlines.idle)),
            change: Box::pin(lifecycle.next_change()),
            lifecycle,
            _permit: permit,
        }
    }

    /// Takes note of requests that began or ended since the last look.
    fn follow(&mut self) {
        let count = self.activity.count();
        if count != self.seen {
            self.seen = count;
            self.waiting = if count % 2 == 1 {
                Waiting::Answer
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

    /// Whether to give the client up while it sends nothing.
    fn gives_up(&mut self, cx: &mut Context<'_>) -> bool {
        let deadline = match self.waiting {
            Waiting::Answer => return false,
            Waiting::Head(since) => since + self.deadlines.head,
            Waiting::Next(since) => {
                if self.stopped(cx) {
                    return true;
                }
                since + self.deadlines.idle
            }
            Waiting::First(since) => {
                let patience = if self.stopped(cx) {
                    FIRST_REQUEST_GRACE.min(self.deadlines.idle)
                } else {
                    self.deadlines.idle
                };
                since + patience
            }
        };
        self.passed(deadline, cx)
    }

    /// Passes the result of a write on, unless the client has taken nothing for too long.
    fn bounded<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.writing = None;
            return written;
        }
        let since = *self.writing.get_or_insert_with(Instant::now);
        if self.passed(since + self.deadlines.write, cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
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
                if buf.filled().len() > filled
                    && let Waiting::First(_) | Waiting::Next(_) = this.waiting
                {
                    this.waiting = Waiting::Head(Instant::now());
                }
                Poll::Ready(result)
            }
            // No bytes and no error: the end of the stream, on which hyper closes in good order.
            Poll::Pending if this.gives_up(cx) => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
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
        this.bounded(flushed, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.bounded(shut, cx)
    }
}
