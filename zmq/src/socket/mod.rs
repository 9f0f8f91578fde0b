//! Sockets.

mod any;
mod connect_as;
mod core;
#[cfg(feature = "draft")]
mod draft;
mod endpoint;
mod frames;
mod latest;
mod more;
mod options;
mod receive;
mod relay;
mod reply;
mod request;
mod send;
mod shared;
mod subscription;
mod types;

use std::fmt;
use std::marker::PhantomData;

pub use frames::Frames;
pub use more::SendMore;
pub use receive::Received;
pub use reply::Request;
pub use request::PendingReply;
pub use subscription::Subscription;
pub use types::*;

pub(crate) use core::Core;
#[cfg(all(unix, feature = "draft", any(feature = "tokio", feature = "async-io")))]
pub(crate) use draft::Addressed;
#[cfg(feature = "draft")]
pub(crate) use draft::prepare;
pub(crate) use endpoint::ZAP;
pub(crate) use options::{ask_no_handler, decode_millis, encode_millis};
pub(crate) use relay::{Begun, Given, Passed, Stop};
pub(crate) use send::refusal;
#[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
pub(crate) use send::{Fault, conclude};

use crate::context::{Context, OpenSocket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::socket::RawSocket;
use crate::monitor::{Monitor, MonitorEvents};

/// A ZeroMQ socket of type `T` (`zmq_socket(3)`).
///
/// What a type cannot do does not compile: see [`Req`], [`Rep`], [`Dealer`], [`Router`], [`Pub`],
/// [`Sub`], [`XPub`], [`XSub`], [`Push`], [`Pull`], [`Pair`] and [`Stream`]. [`Any`] is a socket
/// whose type is known at run time only.
///
/// A socket can move to another thread and is used by one at a time: it is `Send` and not `Sync`,
/// but for the draft types that are [`ThreadSafe`]. Threads share the [`Context`] and open sockets of
/// their own.
///
/// # Messages
///
/// [`send`](Socket::send) and [`recv`](Socket::recv) move one frame,
/// [`send_multipart`](Socket::send_multipart) and [`recv_multipart`](Socket::recv_multipart) a
/// message of several, always whole. They wait as long as [`set_sndtimeo`](Socket::set_sndtimeo)
/// and [`set_rcvtimeo`](Socket::set_rcvtimeo) say, by default without end; the `try_` forms never
/// wait. A signal ends a wait with an error of kind [`Interrupted`](ErrorKind::Interrupted) before
/// anything is sent or received.
///
/// # Dropping
///
/// Dropping a socket closes it and never waits. Messages not sent yet keep their place until its
/// [linger](Socket::set_linger) runs out, by default without end, and the *context* waits for
/// them at its end.
///
/// Sent is not received. Over ipc, a receiver whose queue is full loses what it has not read from the
/// connection yet when the sender closes: libzmq gives the connection up at once (seen on 4.3.4 and
/// 4.3.5; over tcp it reads on). So let a sender that is done stay until its receivers are, or give
/// them a [high-water mark](Socket::set_rcvhwm) of 0.
///
/// ```
/// let context = zmq::Context::new()?;
/// let server = context.socket(zmq::REP)?;
/// server.bind("tcp://127.0.0.1:*")?;
///
/// let client = context.socket(zmq::REQ)?;
/// client.connect(&server.last_endpoint()?)?;
/// client.send("Hello")?;
/// assert_eq!(server.recv()?, "Hello");
/// server.send("World")?;
/// assert_eq!(client.recv()?, "World");
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_socket")]
#[doc(alias = "zmq_close")]
#[doc(alias = "zmq_setsockopt")]
#[doc(alias = "zmq_getsockopt")]
pub struct Socket<T: SocketType> {
    core: Core,
    _type: PhantomData<T>,
}

impl<T: SocketType> Socket<T> {
    /// Over a socket that is of this kind, whether opened here or not.
    pub(crate) fn opened(raw: RawSocket, socket: OpenSocket, context: Context) -> Socket<T> {
        Socket {
            core: Core::new(raw, socket, context),
            _type: PhantomData,
        }
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    pub(crate) fn into_core(self) -> Core {
        self.core
    }

    /// The socket's type; for all but [`Any`] known to the compiler.
    #[doc(alias = "ZMQ_TYPE")]
    #[inline]
    pub fn kind(&self) -> SocketKind {
        match T::KIND {
            Some(kind) => kind,
            None => self.core.kind(),
        }
    }

    /// The context the socket was opened in.
    pub fn context(&self) -> &Context {
        self.core.context()
    }

    /// Accepts connections at `endpoint` (`zmq_bind(3)`).
    ///
    /// `tcp://127.0.0.1:*` takes any free port and `ipc://*` any free path;
    /// [`last_endpoint`](Socket::last_endpoint) tells which.
    ///
    /// Over ipc, libzmq **aborts** a process without free file descriptors when a peer connects (seen on
    /// 4.3.4 and read in 4.3.5); over tcp and ws the peer waits. Where strangers can open the path, have
    /// a limit (`RLIMIT_NOFILE`) that they do not use up.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no endpoint, such as a port above
    /// 65535; [`TooManyOpen`](ErrorKind::TooManyOpen) with fewer than four descriptors left for a bind
    /// over tcp; [`AddressInUse`](ErrorKind::AddressInUse),
    /// [`AddressNotAvailable`](ErrorKind::AddressNotAvailable),
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) as the system has it;
    /// [`MissingCapability`](ErrorKind::MissingCapability) for a transport that this libzmq lacks,
    /// [`ProtocolNotSupported`](ErrorKind::ProtocolNotSupported) for one that none has,
    /// [`NotSupported`](ErrorKind::NotSupported) for `pgm`, `epgm` and `norm`, with which anybody on the
    /// network can end the process,
    /// [`IncompatibleProtocol`](ErrorKind::IncompatibleProtocol) for one that this socket type or its
    /// security cannot use; [`InvalidState`](ErrorKind::InvalidState) on a ROUTER that has
    /// [named peers](Socket::connect_as); [`Terminated`](ErrorKind::Terminated).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let socket = context.socket(zmq::PULL)?;
    /// socket.bind("tcp://127.0.0.1:*")?;
    /// assert!(socket.last_endpoint()?.starts_with("tcp://127.0.0.1:"));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_bind")]
    pub fn bind(&self, endpoint: &str) -> Result<()> {
        self.core.bind(endpoint)
    }

    /// Stops accepting connections at `endpoint`, as [`last_endpoint`](Socket::last_endpoint) gave
    /// it (`zmq_unbind(3)`). Connections already made over tcp and ipc stay.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if it is not bound here;
    /// [`InvalidInput`](ErrorKind::InvalidInput); [`Terminated`](ErrorKind::Terminated).
    #[doc(alias = "zmq_unbind")]
    pub fn unbind(&self, endpoint: &str) -> Result<()> {
        self.core.unbind(endpoint)
    }

    /// Connects to `endpoint` (`zmq_connect(3)`).
    ///
    /// It does not wait for the peer, which may come later, go and come again.
    ///
    /// `tcp://source;destination` connects from an address of this machine. At each attempt libzmq then
    /// looks the source up among the interfaces, and **aborts** a process that has no free file
    /// descriptor at that moment.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no endpoint,
    /// [`MissingCapability`](ErrorKind::MissingCapability) and
    /// [`ProtocolNotSupported`](ErrorKind::ProtocolNotSupported) as at [`bind`](Socket::bind),
    /// [`NotSupported`](ErrorKind::NotSupported),
    /// [`IncompatibleProtocol`](ErrorKind::IncompatibleProtocol);
    /// [`InvalidState`](ErrorKind::InvalidState) on a ROUTER that has
    /// [named peers](Socket::connect_as), and for a socket that would ask the context's
    /// [authenticator](crate::auth#when-libzmq-asks) about those it connects to;
    /// [`Terminated`](ErrorKind::Terminated).
    #[doc(alias = "zmq_connect")]
    pub fn connect(&self, endpoint: &str) -> Result<()> {
        self.core.connect(endpoint)
    }

    /// Ends the connection to `endpoint` (`zmq_disconnect(3)`).
    ///
    /// What is queued to be sent there lingers as after a close. A message that had come from
    /// there before and was waiting to be received may still come.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if it is not connected here;
    /// [`InvalidState`](ErrorKind::InvalidState) on a ROUTER or REP for an inproc endpoint that nobody
    /// has bound yet; [`InvalidInput`](ErrorKind::InvalidInput);
    /// [`Terminated`](ErrorKind::Terminated).
    #[doc(alias = "zmq_disconnect")]
    pub fn disconnect(&self, endpoint: &str) -> Result<()> {
        self.core.disconnect(endpoint)
    }

    /// Watches the socket's connections: the events that are asked for, from now on
    /// (`zmq_socket_monitor(3)`).
    ///
    /// They wait in memory without bound until they are read: see [`Monitor`]. It counts as two
    /// sockets against [`max_sockets`](Context::max_sockets).
    ///
    /// # Errors
    /// [`InvalidState`](ErrorKind::InvalidState) while the socket has another monitor;
    /// [`TooManyOpen`](ErrorKind::TooManyOpen), [`Terminated`](ErrorKind::Terminated),
    /// [`Forked`](ErrorKind::Forked).
    ///
    /// ```
    /// use zmq::{EventKind, MonitorEvents};
    ///
    /// let context = zmq::Context::new()?;
    /// let (server, client) = (context.socket(zmq::REP)?, context.socket(zmq::REQ)?);
    /// let monitor = client.monitor(MonitorEvents::HANDSHAKE_SUCCEEDED)?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// client.connect(&server.last_endpoint()?)?;
    /// let event = monitor.recv()?; // waits until messages can flow
    /// assert_eq!(event.kind, EventKind::HandshakeSucceeded);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_socket_monitor")]
    #[track_caller]
    pub fn monitor(&self, events: MonitorEvents) -> Result<Monitor> {
        // The last event is always asked for: it ends the waiting.
        let asked = events | MonitorEvents::MONITOR_STOPPED;
        let (gate, reader) = self.core.monitor(asked.bits())?;
        Ok(Monitor::new(gate, reader, events))
    }

    /// Closes the socket, as dropping it does (`zmq_close(3)`). It never waits.
    #[doc(alias = "zmq_close")]
    pub fn close(self) {}
}

/// A socket equals itself only, so that a reference to it can be a key of a
/// [`Poller`](crate::Poller).
impl<T: SocketType> PartialEq for Socket<T> {
    fn eq(&self, other: &Socket<T>) -> bool {
        self.core.raw.as_ptr() == other.core.raw.as_ptr()
    }
}

impl<T: SocketType> Eq for Socket<T> {}

impl<T: SocketType> fmt::Debug for Socket<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("kind", &self.kind())
            .field("pointer", &self.core.raw.as_ptr())
            .finish()
    }
}

/// An error of this socket, which has not been asked.
#[cold]
fn forked(call: &'static str) -> Error {
    Error::own(call, ErrorKind::Forked)
}
