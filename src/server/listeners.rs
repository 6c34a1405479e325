//! A port from bound to closed.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};

use super::Error;
use super::acceptor::Accept;
use super::gate::{Accepted, Gate};
use super::lifecycle::{Lifecycle, Phase};
use super::limits::HEAD_LIMIT;
use super::service::Connections;
use crate::metrics::{Metrics, PortMetrics, PortName};

/// How many connections the kernel holds until they are accepted. Those beyond it are lost on the way and tried again a
/// second later or more, which tokio's own 128 would do to the API servers of a large cluster after a restart.
const QUEUE: i32 = 1024;

/// How many bytes of an answer the kernel holds for a client that does not read, and how many of a request that is not read.
const SEND_BUFFER: usize = 64 * 1024;
const RECEIVE_BUFFER: usize = 256 * 1024;

/// A bound port.
#[derive(Debug)]
pub(super) struct Port {
    name: PortName,
    listener: std::net::TcpListener,
    address: SocketAddr,
    max_connections: usize,
}

impl Port {
    /// Binds `address`. Where the machine has no IPv6, `[::]` means `0.0.0.0`.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound.
    pub(super) fn bind(
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
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `connections` on `runtime` until the server reaches `closes_at`, or until the returned value is dropped.
    ///
    /// # Errors
    ///
    /// When the runtime does not take the listener.
    pub(super) fn serve(
        self,
        runtime: &Handle,
        acceptor: impl Accept,
        connections: Connections,
        lifecycle: &Arc<Lifecycle>,
        metrics: &Arc<Metrics>,
        closes_at: Option<Phase>,
    ) -> Result<Serving, Error> {
        let _context = runtime.enter();
        let listener = TcpListener::from_std(self.listener).map_err(|error| Error::Listener {
            address: self.address,
            error,
        })?;
        let counted = metrics.port(self.name);
        let gate = Gate::new(
            listener,
            self.max_connections,
            Arc::clone(lifecycle),
            closes_at,
            Arc::clone(&counted),
        );
        Ok(Serving {
            address: self.address,
            metrics: counted,
            task: runtime.spawn(serve_all(gate, acceptor, Arc::new(connections))),
        })
    }
}

/// Serves the connections that the gate accepts, and ends when it is closed and all of them have ended. They end with this
/// future.
async fn serve_all(mut gate: Gate, acceptor: impl Accept, connections: Arc<Connections>) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = gate.next() => match accepted {
                Some(accepted) => {
                    open.spawn(serve_one(accepted, acceptor.clone(), Arc::clone(&connections)));
                }
                None => break,
            },
            Some(_) = open.join_next() => {}
        }
    }
    // No client is to wait in a queue from which nothing is accepted.
    drop(gate);
    while open.join_next().await.is_some() {}
}

async fn serve_one(accepted: Accepted, acceptor: impl Accept, connections: Arc<Connections>) {
    let activity = Arc::clone(&accepted.activity);
    tokio::select! {
        biased;
        () = activity.evicted() => {}
        () = serve_http(accepted, acceptor, connections) => {}
    }
}

async fn serve_http(accepted: Accepted, acceptor: impl Accept, connections: Arc<Connections>) {
    let activity = Arc::clone(&accepted.activity);
    let Some((stream, unauthorized)) = acceptor.accept(accepted).await else {
        return;
    };
    let keeps_alive = connections.keeps_alive();
    let service = connections.service(activity, unauthorized);
    let mut http = http1::Builder::new();
    http.keep_alive(keeps_alive);
    // hyper's own deadline for a head would run between two requests as well; the stream has a better one.
    http.header_read_timeout(None).max_buf_size(HEAD_LIMIT);
    // The stream counts how it ends.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

/// The flag by which a port's address is chosen.
const fn flag(port: PortName) -> &'static str {
    match port {
        PortName::Webhooks => "--listen",
        PortName::Admin => "--admin-listen",
    }
}

fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.ip() == Ipv6Addr::UNSPECIFIED {
        // Also where `net.ipv6.bindv6only` is set.
        socket.set_only_v6(false)?;
    }
    // A restarted server takes its port again while old connections of it linger.
    socket.set_reuse_address(true)?;
    // What the kernel holds of a connection counts as the pod's memory too. Accepted sockets inherit both.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(QUEUE)?;
    Ok(socket.into())
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
pub(super) struct Serving {
    address: SocketAddr,
    metrics: Arc<PortMetrics>,
    task: JoinHandle<()>,
}

impl Serving {
    /// How many connections are open.
    pub(super) fn connections(&self) -> i64 {
        self.metrics.connections()
    }

    /// Resolves when the port has failed for good.
    pub(super) async fn ended(&mut self) -> Error {
        let error = match (&mut self.task).await {
            Ok(()) => io::Error::other("it was shut down"),
            Err(error) => io::Error::other(error),
        };
        Error::Listener {
            address: self.address,
            error,
        }
    }

    /// Resolves when no new connection is accepted and every old one is closed.
    pub(super) async fn closed(&mut self) {
        // An error means that all of it is gone, which is as good as closed.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
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
