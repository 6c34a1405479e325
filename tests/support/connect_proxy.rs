//! A small HTTP proxy that only tunnels (CONNECT), and counts.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// A proxy for as long as the process lives.
#[derive(Debug)]
pub struct ConnectProxy {
    address: SocketAddr,
    tunnels: Arc<AtomicU64>,
}

impl ConnectProxy {
    /// Starts a proxy that leads to `target`, whichever host a client names: names that nothing resolves are reached
    /// through it alone.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let tunnels = Arc::<AtomicU64>::default();
        let counter = Arc::clone(&tunnels);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let counter = Arc::clone(&counter);
                thread::spawn(move || tunnel(&client, target, &counter));
            }
        });
        Self { address, tunnels }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many tunnels it has opened.
    #[must_use]
    pub fn tunnels(&self) -> u64 {
        self.tunnels.load(Ordering::Relaxed)
    }
}

fn tunnel(client: &TcpStream, target: SocketAddr, counter: &AtomicU64) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let mut request = String::new();
    reader.read_line(&mut request).ok()?;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
    }
    let mut answers = client.try_clone().ok()?;
    if !request.starts_with("CONNECT ") {
        return answers
            .write_all(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
            .ok();
    }
    let server = TcpStream::connect(target).ok()?;
    counter.fetch_add(1, Ordering::Relaxed);
    answers.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    let (mut from_server, mut to_server) = (server.try_clone().ok()?, server);
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_server, &mut answers);
        let _ = answers.shutdown(std::net::Shutdown::Both);
    });
    let _ = std::io::copy(&mut reader, &mut to_server);
    to_server.shutdown(std::net::Shutdown::Both).ok()
}

/// A name that nothing resolves, so that only a proxy leads to it.
pub const UNRESOLVABLE: &str = "https://api.tests.invalid:6443";

/// A kubeconfig with another address of the API server, and a `proxy-url` if there is one.
#[must_use]
pub fn kubeconfig(text: &str, server: &str, proxy_url: Option<&str>) -> String {
    let proxy = proxy_url.map_or_else(String::new, |url| format!("\n      proxy-url: {url}"));
    let lines = text
        .lines()
        .map(|line| match line.trim().strip_prefix("server: ") {
            Some(_) => format!("      server: {server}\n      tls-server-name: localhost{proxy}\n"),
            None => format!("{line}\n"),
        });
    lines.collect()
}

/// The variables that name proxies, which a test must not inherit.
pub const VARIABLES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
];
