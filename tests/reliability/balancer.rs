//! What stands between an API server and the replicas of a Service: TCP connections handed round to the ready ones.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::client::get;

#[derive(Debug)]
struct Replica {
    port: u16,
    admin: SocketAddr,
    ready: bool,
}

#[derive(Debug, Default)]
struct Shared {
    replicas: Mutex<Vec<Replica>>,
    next: AtomicUsize,
    ended: AtomicBool,
}

/// Listens on a port of its own until it is dropped. Replicas are dropped when `/readyz` fails; connections that they have
/// live on, as with kube-proxy.
#[derive(Debug)]
pub struct Balancer {
    port: u16,
    shared: Arc<Shared>,
}

impl Balancer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.ended.load(Ordering::Acquire) {
                    return;
                }
                // A client that gets no replica sees its connection closed, and counts it as lost.
                if let (Ok(client), Some(port)) = (client, accepting.pick()) {
                    thread::spawn(move || join(client, port));
                }
            }
        });
        let probing = Arc::clone(&shared);
        thread::spawn(move || {
            while !probing.ended.load(Ordering::Acquire) {
                probing.probe();
                thread::sleep(Duration::from_millis(20));
            }
        });
        Self { port, shared }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Takes a replica in; it gets connections once it is ready.
    pub fn add(&self, port: u16, admin: SocketAddr) {
        self.shared.replicas.lock().unwrap().push(Replica {
            port,
            admin,
            ready: false,
        });
    }

    /// Takes a replica out that has ended.
    pub fn remove(&self, port: u16) {
        let mut replicas = self.shared.replicas.lock().unwrap();
        replicas.retain(|replica| replica.port != port);
    }

    /// How many replicas get connections.
    pub fn ready(&self) -> usize {
        let replicas = self.shared.replicas.lock().unwrap();
        replicas.iter().filter(|replica| replica.ready).count()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
        // So that the accepting thread notices.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn pick(&self) -> Option<u16> {
        let replicas = self.replicas.lock().unwrap();
        let ready: Vec<_> = replicas.iter().filter(|replica| replica.ready).collect();
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        Some(ready.get(turn.checked_rem(ready.len())?)?.port)
    }

    fn probe(&self) {
        let replicas = self.replicas.lock().unwrap();
        let admins: Vec<_> = replicas.iter().map(|replica| replica.admin).collect();
        drop(replicas);
        for admin in admins {
            let ready = get(admin, "/readyz").is_ok_and(|answer| answer.status == 200);
            for replica in self.replicas.lock().unwrap().iter_mut() {
                if replica.admin == admin {
                    replica.ready = ready;
                }
            }
        }
    }
}

/// Copies both ways, ends of streams and resets included.
fn join(client: TcpStream, port: u16) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
        return;
    };
    for socket in [&client, &server] {
        let _ = socket.set_nodelay(true);
    }
    let (Ok(from_client), Ok(from_server)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    let up = thread::spawn(move || copy(from_client, server));
    copy(from_server, client);
    let _ = up.join();
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let copied = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    if copied.is_err() {
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}
