//! An HTTP/1.1 client that can do everything wrong: it sends bytes as they are and reads one answer at a time.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, ConfigBuilder, RootCertStore, StreamOwned,
    SupportedProtocolVersion,
};

use crate::guarded::PATIENCE;

/// An answer's status, head and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// A header's value; nothing when it is not there.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Asserts that this is an error answer as all should be: the status, and one line of text that has `words`.
    #[track_caller]
    pub fn assert_refusal(&self, status: u16, words: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(
            self.header("content-type"),
            Some("text/plain; charset=utf-8"),
            "{self:?}"
        );
        assert_eq!(self.body.matches('\n').count(), 1, "one line: {self:?}");
        assert!(self.body.ends_with('\n'), "a whole line: {self:?}");
        assert!(self.body.contains(words), "{:?} lacks {words:?}", self.body);
    }
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By a `close_notify` of TLS.
    Clean,
    /// Without one, or by a reset.
    Cut,
}

/// TLS settings of a client that trusts only the CA in `file`.
pub fn tls_config(file: &Path) -> ClientConfig {
    tls_config_of(rustls::ALL_VERSIONS, file)
}

/// The same, for some versions of TLS.
pub fn tls_config_of(versions: &[&'static SupportedProtocolVersion], file: &Path) -> ClientConfig {
    finished(builder(versions, file).with_no_client_auth())
}

/// The same, for a client with a certificate of its own and that certificate's key, as PEM.
pub fn tls_config_with(
    versions: &[&'static SupportedProtocolVersion],
    file: &Path,
    certificate: &str,
    key: &str,
) -> ClientConfig {
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes())
        .collect::<Result<_, _>>()
        .expect("a certificate as PEM");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key as PEM");
    let config = builder(versions, file).with_client_auth_cert(chain, key);
    finished(config.expect("a pair"))
}

fn finished(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn builder(
    versions: &[&'static SupportedProtocolVersion],
    file: &Path,
) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).expect("the CA's file can be read") {
        roots
            .add(certificate.expect("the CA's file is PEM"))
            .expect("the CA can be trusted");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("the provider supports them")
        .with_root_certificates(roots)
}

/// A TLS connection.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
}

impl Connection {
    /// Connects to a port of this machine as `localhost`.
    pub fn open(port: u16, config: ClientConfig) -> Self {
        Self::try_open(port, config, "localhost").expect("the handshake succeeds")
    }

    /// Connects and shakes hands.
    pub fn try_open(port: u16, config: ClientConfig, name: &str) -> io::Result<Self> {
        Self::over(
            socket(SocketAddr::from(([127, 0, 0, 1], port)))?,
            config,
            name,
        )
    }

    /// Shakes hands over a socket that is connected already.
    pub fn over(mut socket: TcpStream, config: ClientConfig, name: &str) -> io::Result<Self> {
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        let mut tls = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        while tls.is_handshaking() {
            if let Err(error) = tls.complete_io(&mut socket) {
                // The alert that tells the server why.
                let _ = tls.write_tls(&mut socket);
                return Err(error);
            }
        }
        Ok(Self {
            stream: BufReader::new(StreamOwned::new(tls, socket)),
        })
    }

    /// The TLS side.
    pub fn tls(&self) -> &ClientConnection {
        &self.stream.get_ref().conn
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).expect("the server takes what is sent");
    }

    /// Sends bytes as they are, to a server that may have closed the connection.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(bytes.as_ref())?;
        stream.flush()
    }

    /// Reads one answer.
    pub fn answer(&mut self) -> Answer {
        self.try_answer().expect("the server answers")
    }

    /// Reads one answer from a server that may close the connection instead.
    pub fn try_answer(&mut self) -> io::Result<Answer> {
        read_answer(&mut self.stream)
    }

    /// Sends a request and reads its answer.
    pub fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request);
        self.answer()
    }

    /// Reads everything up to the end of the connection, as it comes.
    pub fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.stream
            .read_to_string(&mut rest)
            .expect("the server sends close_notify");
        rest
    }

    /// Waits until the server closes the connection, without an answer.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> End {
        let mut rest = Vec::new();
        let ended = self.stream.read_to_end(&mut rest);
        assert!(
            rest.is_empty(),
            "expected the end, got {:?}",
            String::from_utf8_lossy(&rest)
        );
        match ended {
            Ok(_) => End::Clean,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                panic!("the server does not close the connection")
            }
            Err(_) => End::Cut,
        }
    }

    /// Sends `close_notify` and closes.
    pub fn close(mut self) {
        let stream = self.stream.get_mut();
        stream.conn.send_close_notify();
        let _ = stream.flush();
    }
}

/// A TCP connection that gives up after [`PATIENCE`].
pub fn socket(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// Reads a path by plain HTTP.
pub fn get(address: SocketAddr, path: &str) -> io::Result<Answer> {
    ask_plainly(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    )
}

/// Sends a request by plain HTTP and reads its answer.
pub fn ask_plainly(address: SocketAddr, request: &str) -> io::Result<Answer> {
    let mut stream = BufReader::new(socket(address)?);
    stream.get_mut().write_all(request.as_bytes())?;
    read_answer(&mut stream)
}

/// A review as an API server posts it.
pub fn post(path: &str, body: &str) -> String {
    post_with(path, "Content-Type: application/json\r\n", body)
}

/// A POST with further header lines.
pub fn post_with(path: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn read_answer(stream: &mut impl BufRead) -> io::Result<Answer> {
    let mut line = String::new();
    let mut next_line = |stream: &mut dyn BufRead| -> io::Result<String> {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    };
    let status = next_line(stream)?;
    let status = status
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .ok_or_else(|| io::Error::other(format!("no status line: {status:?}")))?;
    let mut headers = Vec::new();
    loop {
        let header = next_line(stream)?;
        let Some((name, value)) = header.split_once(':') else {
            break;
        };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: String::new(),
    };
    let length = answer
        .header("content-length")
        .map_or(0, |length| length.parse().expect("a length is a number"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    answer.body = String::from_utf8(body).map_err(io::Error::other)?;
    Ok(answer)
}
