//! A port from bound to closed.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum_server::accept::Accept;
use axum_server::{Handle, Server};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::Error;
use super::gate::{Accepted, Gate, Peer};
use super::lifecycle::{Lifecycle, Phase};
use super::limits::HEAD_LIMIT;
use super::service::{ConnectionService, Connections};
use crate::metrics::{Metrics, PortName};

/// How many connections the kernel holds until they are accepted. Those beyond it are lost on the way and tried again a
/// second later or more, which tokio's own 128 would do to the API servers of a large cluster after a restart.
const QUEUE: u32 = 1024;

/// A bound port.
#[derive(Debug)]
pub struct Port {
    name: PortName,
    listener: TcpListener,
    address: SocketAddr,
    max_connections: usize,
}

impl Port {
    /// Binds `address`. Where the machine has no IPv6, `[::]` stands for `0.0.0.0`.
    #[allow(
        clippy::unused_async,
        reason = "it needs a running runtime, which an async function cannot lack"
    )]
    pub async fn bind(
        name: PortName,
        address: SocketAddr,
        max_connections: usize,
    ) -> Result<Self, Error> {
        let failed = |error| Error::Bind {
            flag: flag(name),
            address,
            error,
        };
        let listener = listen_or_without_ipv6(address, listen).map_err(failed)?;
        Ok(Self {
            name,
            address: listener.local_addr().map_err(failed)?,
            listener,
            max_connections,
        })
    }

    /// The address with its real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `routes` until the server reaches `closes_at`, or until the returned value is dropped.
    pub fn serve<A>(
        self,
        acceptor: A,
        routes: Router,
        lifecycle: &Arc<Lifecycle>,
        metrics: &Arc<Metrics>,
        closes_at: Option<Phase>,
    ) -> Serving
    where
        A: Accept<Accepted, ConnectionService, Service = ConnectionService>
            + Clone
            + Send
            + Sync
            + 'static,
        A::Stream: AsyncRead + AsyncWrite + Unpin + Send,
        A::Future: Send,
    {
        let counted = metrics.port(self.name);
        let permits = Arc::new(Semaphore::new(self.max_connections));
        let address = self.address;
        let (gate, gate_closed) = Gate::new(
            self.listener,
            Arc::clone(&permits),
            Arc::clone(lifecycle),
            closes_at,
            Arc::clone(&counted),
        );
        let handle = Handle::<Peer>::new();
        let mut server = Server::<Peer>::from_listener(gate)
            .handle(handle.clone())
            .http1_only()
            .accept_error_handler(move |peer, error| {
                // Failed handshakes, which have a peer, are told of where they happen.
                if peer.is_none() {
                    counted.accept_failed();
                    tracing::warn!(%address, %error, "cannot accept a connection");
                }
            });
        server.http_builder().http1().max_buf_size(HEAD_LIMIT);
        let service = Connections::new(routes, Arc::clone(lifecycle), Arc::clone(metrics));
        let task = tokio::spawn(server.acceptor(acceptor).serve(service));
        Serving {
            address,
            permits,
            gate_closed,
            max_connections: self.max_connections,
            handle,
            task,
        }
    }
}

/// The flag by which a port's address is chosen.
const fn flag(port: PortName) -> &'static str {
    match port {
        PortName::Webhooks => "--listen",
        PortName::Admin => "--admin-listen",
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() {
        TcpSocket::new_v6()
    } else {
        TcpSocket::new_v4()
    }?;
    // A restarted server takes its port again while old connections of it linger.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Tries `[::]`, and `0.0.0.0` in its place where the machine has no IPv6.
fn listen_or_without_ipv6<T>(
    address: SocketAddr,
    listen: impl Fn(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    match listen(address) {
        Err(error) if address.ip() == Ipv6Addr::UNSPECIFIED && lacks_ipv6(&error) => {
            listen((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        bound => bound,
    }
}

/// A kernel without IPv6 makes no such sockets; one in which it is switched off has no address for them.
fn lacks_ipv6(error: &io::Error) -> bool {
    /// `EAFNOSUPPORT` of Linux, which has no kind of its own.
    const NO_SUCH_FAMILY: i32 = 97;
    error.raw_os_error() == Some(NO_SUCH_FAMILY) || error.kind() == io::ErrorKind::AddrNotAvailable
}

/// A port that is served.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    permits: Arc<Semaphore>,
    gate_closed: watch::Receiver<bool>,
    max_connections: usize,
    handle: Handle<Peer>,
    task: JoinHandle<io::Result<()>>,
}

impl Serving {
    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.handle.connection_count()
    }

    /// Resolves when the listener has failed for good.
    pub async fn ended(&mut self) -> Error {
        let error = match (&mut self.task).await {
            Ok(Err(error)) => error,
            Ok(Ok(())) => io::Error::other("it was shut down"),
            Err(error) => io::Error::other(error),
        };
        Error::Listener {
            address: self.address,
            error,
        }
    }

    /// Resolves when no new connection is accepted and every old one is closed.
    pub async fn closed(&mut self) {
        // An error means that the gate is gone, which is as good as closed.
        let _ = self.gate_closed.wait_for(|closed| *closed).await;
        let all = u32::try_from(self.max_connections).unwrap_or(u32::MAX);
        // Never an error: the semaphore is not closed.
        drop(self.permits.acquire_many(all).await);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io;

    use rstest::rstest;

    use super::listen_or_without_ipv6;

    /// The codes of Linux.
    const EACCES: i32 = 13;
    const EAFNOSUPPORT: i32 = 97;
    const EADDRINUSE: i32 = 98;
    const EADDRNOTAVAIL: i32 = 99;

    #[rstest]
    #[case::a_kernel_without_ipv6("[::]:8443", EAFNOSUPPORT, &["[::]:8443", "0.0.0.0:8443"])]
    #[case::ipv6_switched_off("[::]:8443", EADDRNOTAVAIL, &["[::]:8443", "0.0.0.0:8443"])]
    #[case::taken("[::]:8443", EADDRINUSE, &["[::]:8443"])]
    #[case::not_allowed("[::]:443", EACCES, &["[::]:443"])]
    #[case::one_address_of_its_own("[::1]:8443", EAFNOSUPPORT, &["[::1]:8443"])]
    #[case::ipv4("0.0.0.0:8443", EADDRNOTAVAIL, &["0.0.0.0:8443"])]
    fn without_ipv6_every_address_of_ipv4_is_listened_on(
        #[case] address: &str,
        #[case] code: i32,
        #[case] tried: &[&str],
    ) {
        let asked = RefCell::new(Vec::new());
        let listened = listen_or_without_ipv6(address.parse().unwrap(), |address| {
            asked.borrow_mut().push(address.to_string());
            if address.to_string() == "0.0.0.0:8443" && tried.len() > 1 {
                return Ok(());
            }
            Err(io::Error::from_raw_os_error(code))
        });
        assert_eq!(*asked.borrow(), tried);
        assert_eq!(listened.is_ok(), tried.len() > 1);
    }
}
