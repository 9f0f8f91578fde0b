//! What goes together on a socket that is secured by CURVE.

use std::fmt;

use super::keys::{KeyPair, PublicKey, SecretKey};
use crate::error::{Error, ErrorKind, Result};
use crate::library::Capability;
use crate::socket::{Socket, SocketKind, SocketType, SpeaksZmtp, ask_no_handler};

const SET: &str = "zmq_setsockopt";

/// The domain that handlers are asked about, where nothing else is said.
pub(crate) const GLOBAL: &str = "global";

/// What makes a socket a server of CURVE that lets in only whom a ZAP handler knows.
///
/// Set before the first `bind` or `connect`: connections over tcp and ipc that are made afterwards
/// are encrypted, and their clients have to know the server's public key. Connections over inproc stay
/// as they are, since nobody can listen to those.
///
/// | | a handler is there | none is there |
/// |---|---|---|
/// | as it is made | decides for each client's key | **nobody** gets in |
/// | [`any_client`](ServerConfig::any_client) | is not asked | everybody with the server's key gets in |
///
/// The options alone have a third way, which is libzmq's default: a handler decides, and without one
/// everybody gets in.
///
/// ```
/// use zmq::curve::{ClientConfig, KeyPair, ServerConfig};
///
/// # if !zmq::has(zmq::Capability::Curve) { return Ok(()); }
/// let (ours, theirs) = (KeyPair::new()?, KeyPair::new()?);
/// let context = zmq::Context::new()?;
///
/// let server = context.socket(zmq::PULL)?;
/// ServerConfig::new(&ours.secret).any_client().apply(&server)?;
/// server.bind("tcp://127.0.0.1:*")?;
///
/// let client = context.socket(zmq::PUSH)?;
/// ClientConfig::new(ours.public, &theirs).apply(&client)?;
/// client.connect(&server.last_endpoint()?)?;
/// client.send("nobody else can read this")?;
/// assert_eq!(server.recv()?, "nobody else can read this");
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "sets nothing until it is applied"]
pub struct ServerConfig<'a> {
    secret: &'a SecretKey,
    clients: Clients<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Clients<'a> {
    /// Those that a handler lets in, asked about this domain.
    OfDomain(&'a str),
    Any,
}

impl<'a> ServerConfig<'a> {
    /// A server with this secret key, whose clients a ZAP handler decides on. It is asked about the
    /// domain `global`.
    pub fn new(secret: &'a SecretKey) -> ServerConfig<'a> {
        ServerConfig {
            secret,
            clients: Clients::OfDomain(GLOBAL),
        }
    }

    /// The same, asking the handler about this domain, 1 to 255 bytes.
    #[doc(alias = "ZMQ_ZAP_DOMAIN")]
    pub fn domain(mut self, domain: &'a str) -> ServerConfig<'a> {
        self.clients = Clients::OfDomain(domain);
        self
    }

    /// The same, but lets in **every client** that knows the server's public key, whoever it is, and
    /// asks no handler: encryption without knowing the clients, which the guide's security article
    /// calls Stonehouse.
    pub fn any_client(mut self) -> ServerConfig<'a> {
        self.clients = Clients::Any;
        self
    }

    /// Sets `ZMQ_ZAP_DOMAIN`, `ZMQ_ZAP_ENFORCE_DOMAIN`, `ZMQ_CURVE_SECRETKEY` and
    /// `ZMQ_CURVE_SERVER`, from the next `bind` or `connect`.
    ///
    /// When it fails on the way, what has been set lets in nobody who would get in neither before nor
    /// afterwards: first a handler is demanded, then CURVE, and the socket becomes its server last.
    /// With [`any_client`](ServerConfig::any_client), CURVE comes first.
    ///
    /// # Errors
    /// [`MissingCapability`](ErrorKind::MissingCapability) when libzmq was built without CURVE,
    /// [`NotSupported`](ErrorKind::NotSupported) on a [`Socket<Any>`](crate::Any) of type STREAM. [`InvalidInput`](ErrorKind::InvalidInput) for a
    /// domain that cannot be. [`InvalidState`](ErrorKind::InvalidState) with
    /// [`any_client`](ServerConfig::any_client) on a socket that has a domain already, which
    /// libzmq does not take back. [`Terminated`](ErrorKind::Terminated),
    /// [`Forked`](ErrorKind::Forked). Only the last two leave anything set.
    #[doc(alias = "ZMQ_CURVE_SERVER")]
    #[doc(alias = "ZMQ_CURVE_SECRETKEY")]
    #[doc(alias = "ZMQ_ZAP_ENFORCE_DOMAIN")]
    pub fn apply<T: SpeaksZmtp>(&self, socket: &Socket<T>) -> Result<()> {
        Capability::Curve.needed(SET, "ZMQ_CURVE_SERVER")?;
        check_type(socket)?;
        match self.clients {
            Clients::OfDomain(domain) => {
                enforce_domain(socket, domain)?;
                self.set(socket)
            }
            Clients::Any => {
                if !socket.zap_domain()?.is_empty() {
                    return Err(Error::own(SET, ErrorKind::InvalidState)
                        .on("ZMQ_ZAP_DOMAIN")
                        .because("the socket has a domain, so that it asks a handler"));
                }
                self.set(socket)?;
                ask_no_handler(socket.core())
            }
        }
    }

    fn set<T: SpeaksZmtp>(&self, socket: &Socket<T>) -> Result<()> {
        socket.set_curve_secretkey(self.secret)?;
        socket.set_curve_server(true)
    }
}

/// What makes a socket a client of a CURVE server.
///
/// A socket has one server's key at a time: for several servers, set it before each `connect`.
/// [`ServerConfig`] has an example.
///
/// Take the key only from a server that you trust with your process: one that has the secret key to
/// it, and answers with a key of zeros for the connection, makes libzmq **abort** its clients (seen on
/// 4.3.4 and 4.3.5). Nobody else can do that, also not who sits on the line between.
#[derive(Debug, Clone, Copy)]
#[must_use = "sets nothing until it is applied"]
pub struct ClientConfig<'a> {
    server: PublicKey,
    own: &'a KeyPair,
}

impl<'a> ClientConfig<'a> {
    /// A client of the server with this public key, and with a pair of keys of its own.
    pub fn new(server: PublicKey, own: &'a KeyPair) -> ClientConfig<'a> {
        ClientConfig { server, own }
    }

    /// Sets `ZMQ_CURVE_PUBLICKEY`, `ZMQ_CURVE_SECRETKEY` and `ZMQ_CURVE_SERVERKEY`, from the next
    /// `connect`.
    ///
    /// When it fails on the way, connections made afterwards are those of a client of CURVE with keys
    /// that do not belong together: no server lets it in, and nothing is sent in clear text.
    ///
    /// # Errors
    /// [`MissingCapability`](ErrorKind::MissingCapability) when libzmq was built without CURVE,
    /// [`NotSupported`](ErrorKind::NotSupported) on a [`Socket<Any>`](crate::Any) of type STREAM. [`InvalidInput`](ErrorKind::InvalidInput) for a
    /// server's key that is all zeros, and for a secret key that does not belong to its public
    /// one: such connections would fail without a word. [`Terminated`](ErrorKind::Terminated),
    /// [`Forked`](ErrorKind::Forked). Only the last two leave anything set.
    #[doc(alias = "ZMQ_CURVE_PUBLICKEY")]
    #[doc(alias = "ZMQ_CURVE_SECRETKEY")]
    #[doc(alias = "ZMQ_CURVE_SERVERKEY")]
    pub fn apply<T: SpeaksZmtp>(&self, socket: &Socket<T>) -> Result<()> {
        Capability::Curve.needed(SET, "ZMQ_CURVE_SERVERKEY")?;
        check_type(socket)?;
        if self.server.as_bytes() == &[0; 32] {
            return Err(refused("ZMQ_CURVE_SERVERKEY", "the key is all zeros"));
        }
        if self.own.is_torn() {
            return Err(refused(
                "ZMQ_CURVE_SECRETKEY",
                "the secret key does not belong to the public key",
            ));
        }
        socket.set_curve_publickey(self.own.public)?;
        socket.set_curve_secretkey(&self.own.secret)?;
        socket.set_curve_serverkey(self.server)
    }
}

#[cold]
pub(crate) fn refused(option: impl fmt::Display, reason: &'static str) -> Error {
    Error::own(SET, ErrorKind::InvalidInput)
        .on(option)
        .because(reason)
}

/// What the bound says, of a type that is known at run time only.
pub(crate) fn check_type<T: SocketType>(socket: &Socket<T>) -> Result<()> {
    if socket.kind() != SocketKind::Stream {
        return Ok(());
    }
    Err(Error::own(SET, ErrorKind::NotSupported)
        .on(socket.kind())
        .because("plain TCP has no security mechanism"))
}

/// Demands a ZAP handler for the domain, of what is bound and connected from now on.
pub(crate) fn enforce_domain<T: SocketType>(socket: &Socket<T>, domain: &str) -> Result<()> {
    socket.set_zap_domain(domain)?;
    socket.set_zap_enforce_domain(true)
}
