//! An HTTPS client with as little of its own as possible: blocking, HTTP/1.1, one connection, one request at a time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// How long an answer may take before the run fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where a server listens, and how it is trusted.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: SocketAddr,
    config: Arc<ClientConfig>,
}

impl Target {
    /// A server whose certificate is `ca`, or is signed by it.
    pub fn new(address: SocketAddr, ca: &str) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.as_bytes())?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // An API server resumes no session.
        config.resumption = rustls::client::Resumption::disabled();
        let config = Arc::new(config);
        Ok(Self { address, config })
    }
}

/// A request as it goes over the wire.
#[derive(Clone, Debug)]
pub struct Request(Vec<u8>);

impl Request {
    /// A review, posted as an API server posts it.
    pub fn review(webhook: &str, body: &[u8]) -> Self {
        Self::new(
            "POST",
            &format!("/{webhook}?timeout=10s"),
            "application/json",
            "",
            body,
        )
    }

    /// Any request; `headers` are further lines, each with its end.
    pub fn new(method: &str, path: &str, content_type: &str, headers: &str, body: &[u8]) -> Self {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: kube-apiserver-admission\r\n\
             Content-Length: {}\r\nAccept: application/json, */*\r\nContent-Type: {content_type}\r\n{headers}\r\n",
            body.len()
        );
        Self([head.as_bytes(), body].concat())
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// A connection that is kept.
pub struct Connection {
    stream: StreamOwned<ClientConnection, TcpStream>,
    /// What has been read and not been used.
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects and shakes hands.
    pub fn open(target: &Target) -> anyhow::Result<Self> {
        let socket = TcpStream::connect(target.address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let name = ServerName::try_from("localhost")?;
        let client = ClientConnection::new(Arc::clone(&target.config), name)?;
        let mut stream = StreamOwned::new(client, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Sends a request and reads its answer.
    pub fn call(&mut self, request: &Request) -> anyhow::Result<Answer> {
        self.stream.write_all(&request.0)?;
        self.stream.flush()?;
        let head = self.take_through(b"\r\n\r\n")?;
        let head = String::from_utf8(head)?.to_ascii_lowercase();
        let status = head.get(9..12).context("a status line")?.parse()?;
        let body = if let Some(length) = header(&head, "content-length") {
            self.take(length.parse()?)?
        } else if header(&head, "transfer-encoding") == Some("chunked") {
            self.chunks()?
        } else {
            bail!("an answer of unknown length: {head}");
        };
        Ok(Answer { status, body })
    }

    fn chunks(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.take_through(b"\r\n")?;
            let length = usize::from_str_radix(std::str::from_utf8(&line)?.trim(), 16)?;
            body.extend(self.take(length)?);
            self.take(2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    fn take_through(&mut self, end: &[u8]) -> anyhow::Result<Vec<u8>> {
        loop {
            let found = self
                .buffer
                .windows(end.len())
                .position(|window| window == end);
            if let Some(at) = found {
                return self.take(at + end.len());
            }
            self.fill()?;
        }
    }

    fn take(&mut self, length: usize) -> anyhow::Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.fill()?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    fn fill(&mut self) -> anyhow::Result<()> {
        let mut chunk = [0; 16 * 1024];
        let count = self.stream.read(&mut chunk)?;
        ensure!(count > 0, "the server closed the connection");
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(())
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines()
        .find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}
