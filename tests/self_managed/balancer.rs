//! A Service of three replicas: TCP connections go in turn to those that are ready.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::probe::ready;

/// One replica, as the balancer knows it.
struct Backend {
    webhook: SocketAddr,
    admin: SocketAddr,
    ready: AtomicBool,
}

/// Serves until the test process ends; `backends` are the addresses of webhook and probes.
pub fn start(listener: TcpListener, backends: Vec<(SocketAddr, SocketAddr)>) {
    let backends: Arc<Vec<Backend>> = Arc::new(
        backends
            .into_iter()
            .map(|(webhook, admin)| Backend {
                webhook,
                admin,
                ready: AtomicBool::new(ready(admin)),
            })
            .collect(),
    );
    let probed = Arc::clone(&backends);
    thread::spawn(move || {
        loop {
            for backend in probed.iter() {
                backend.ready.store(ready(backend.admin), Ordering::Relaxed);
            }
            thread::sleep(Duration::from_millis(200));
        }
    });
    thread::spawn(move || {
        let turn = AtomicUsize::new(0);
        for client in listener.incoming().flatten() {
            let ready: Vec<&Backend> = backends
                .iter()
                .filter(|backend| backend.ready.load(Ordering::Relaxed))
                .collect();
            if ready.is_empty() {
                continue;
            }
            let backend = ready[turn.fetch_add(1, Ordering::Relaxed) % ready.len()].webhook;
            if let Ok(server) = TcpStream::connect(backend) {
                copy(&client, &server);
                copy(&server, &client);
            }
        }
    });
}

/// Copies one direction, to its end.
fn copy(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}
