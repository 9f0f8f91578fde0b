//! The PLAIN security mechanism: a name and a password ([ZeroMQ RFC 24], `zmq_plain(7)`).
//!
//! Both, and all messages, cross the network **in clear text**: use it where nobody can listen, or
//! use [CURVE](crate::curve).
//!
//! The server leaves the decision to a ZAP handler: libzmq itself knows no passwords.
//!
//! [ZeroMQ RFC 24]: https://rfc.zeromq.org/spec/24/

use std::fmt;

use crate::curve::{GLOBAL, check_type, enforce_domain, refused};
use crate::error::Result;
use crate::socket::{Socket, SpeaksZmtp};

/// What makes a socket a server of PLAIN that lets in only whom a ZAP handler knows.
///
/// Set before the first `bind` or `connect`. Where no handler is there, nobody gets in. Connections
/// over inproc stay as they are.
///
/// ```
/// let context = zmq::Context::new()?;
/// let server = context.socket(zmq::REP)?;
/// zmq::plain::ServerConfig::new().domain("payments").apply(&server)?;
/// server.bind("tcp://127.0.0.1:*")?;
/// assert_eq!(server.mechanism()?, zmq::Mechanism::Plain);
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "sets nothing until it is applied"]
pub struct ServerConfig<'a> {
    domain: &'a str,
}

impl<'a> ServerConfig<'a> {
    /// A server whose clients a ZAP handler decides on. It is asked about the domain `global`.
    pub fn new() -> ServerConfig<'a> {
        ServerConfig { domain: GLOBAL }
    }

    /// The same, asking the handler about this domain, 1 to 255 bytes.
    #[doc(alias = "ZMQ_ZAP_DOMAIN")]
    pub fn domain(mut self, domain: &'a str) -> ServerConfig<'a> {
        self.domain = domain;
        self
    }

    /// Sets `ZMQ_ZAP_DOMAIN`, `ZMQ_ZAP_ENFORCE_DOMAIN` and `ZMQ_PLAIN_SERVER`, from the next `bind`
    /// or `connect`.
    ///
    /// They are set in this order: when it fails on the way, a handler is demanded that was not
    /// before, and nobody gets in who would not have got in.
    ///
    /// # Errors
    /// [`NotSupported`](crate::ErrorKind::NotSupported) on a [`Socket<Any>`](crate::Any) of type
    /// STREAM, [`InvalidInput`](crate::ErrorKind::InvalidInput) for a domain that cannot be,
    /// [`Terminated`](crate::ErrorKind::Terminated), [`Forked`](crate::ErrorKind::Forked). Only
    /// the last two leave anything set.
    #[doc(alias = "ZMQ_PLAIN_SERVER")]
    #[doc(alias = "ZMQ_ZAP_ENFORCE_DOMAIN")]
    pub fn apply<T: SpeaksZmtp>(&self, socket: &Socket<T>) -> Result<()> {
        check_type(socket)?;
        enforce_domain(socket, self.domain)?;
        socket.set_plain_server(true)
    }
}

impl Default for ServerConfig<'_> {
    fn default() -> Self {
        ServerConfig::new()
    }
}

/// What makes a socket a client of a PLAIN server. `Debug` does not show the password.
///
/// ```
/// let context = zmq::Context::new()?;
/// let client = context.socket(zmq::REQ)?;
/// zmq::plain::ClientConfig::new("admin", "secret").apply(&client)?;
/// assert_eq!(client.plain_username()?.as_deref(), Some("admin"));
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Clone, Copy)]
#[must_use = "sets nothing until it is applied"]
pub struct ClientConfig<'a> {
    username: &'a str,
    password: &'a str,
}

impl<'a> ClientConfig<'a> {
    /// A client that gives this name and this password, 1 to 255 bytes each.
    pub fn new(username: &'a str, password: &'a str) -> ClientConfig<'a> {
        ClientConfig { username, password }
    }

    /// Sets `ZMQ_PLAIN_USERNAME` and `ZMQ_PLAIN_PASSWORD`, from the next `bind` or `connect`.
    ///
    /// Both are looked at before either is set. libzmq keeps copies of them in memory that is not
    /// overwritten.
    ///
    /// # Errors
    /// [`NotSupported`](crate::ErrorKind::NotSupported) on a [`Socket<Any>`](crate::Any) of type
    /// STREAM, [`InvalidInput`](crate::ErrorKind::InvalidInput) for a name or password that is empty,
    /// longer than 255 bytes or has a NUL in it, [`Terminated`](crate::ErrorKind::Terminated),
    /// [`Forked`](crate::ErrorKind::Forked). Only the last two leave anything set.
    #[doc(alias = "ZMQ_PLAIN_USERNAME")]
    #[doc(alias = "ZMQ_PLAIN_PASSWORD")]
    pub fn apply<T: SpeaksZmtp>(&self, socket: &Socket<T>) -> Result<()> {
        check_type(socket)?;
        check("ZMQ_PLAIN_USERNAME", self.username)?;
        check("ZMQ_PLAIN_PASSWORD", self.password)?;
        socket.set_plain_username(Some(self.username))?;
        socket.set_plain_password(Some(self.password))
    }
}

impl fmt::Debug for ClientConfig<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// Errors do not show the text.
fn check(option: &'static str, text: &str) -> Result<()> {
    if (1..=255).contains(&text.len()) && !text.contains('\0') {
        return Ok(());
    }
    Err(refused(option, "it has 1 to 255 bytes, and no NUL"))
}
