//! Sockets: what they are, and their endpoints.

use std::cell::RefCell;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use safe::{Any, Multipart};

use crate::context::Shared;
use crate::error::{Error, Result};
use crate::monitor;
use crate::raw::Dead;

/// A socket, whose rules are checked at run time.
///
/// Parts that are sent with [`SNDMORE`](crate::SNDMORE) wait here for the last one, and the message is
/// sent whole; messages are received whole, and handed out part by part.
pub struct Socket {
    pub(crate) inner: Inner,
    /// Parts sent that wait for the last one.
    pub(crate) outgoing: RefCell<Multipart>,
    /// Parts of the message that is being received which are still to be handed out.
    pub(crate) incoming: RefCell<Multipart>,
    /// Goes last.
    pub(crate) context: Arc<Shared>,
}

pub(crate) enum Inner {
    Live(safe::Socket<Any>),
    /// What C gave is of no use, and closed all the same.
    Dead(Dead),
    /// It went with a proxy that ended along with its context.
    Gone,
}

impl Socket {
    pub(crate) fn new(inner: safe::Socket<Any>, context: Arc<Shared>) -> Socket {
        Socket::of(Inner::Live(inner), context)
    }

    pub(crate) fn of(inner: Inner, context: Arc<Shared>) -> Socket {
        Socket {
            inner,
            outgoing: RefCell::default(),
            incoming: RefCell::default(),
            context,
        }
    }

    pub(crate) fn live(&self) -> Result<&safe::Socket<Any>> {
        match &self.inner {
            Inner::Live(socket) => Ok(socket),
            Inner::Dead(dead) => Err(dead.error()),
            Inner::Gone => Err(Error::ETERM),
        }
    }

    /// The same socket for the safe crate, for programs that move on; `downcast` gives it its type.
    ///
    /// Parts that wait to be sent or handed out are dropped.
    ///
    /// # Errors
    /// Why there is none.
    pub fn into_safe(self) -> Result<safe::Socket<Any>> {
        self.live()?;
        self.context.lend();
        match self.inner {
            Inner::Live(socket) => Ok(socket),
            Inner::Dead(_) | Inner::Gone => Err(Error::ETERM),
        }
    }

    /// Accepts connections at the endpoint.
    ///
    /// # Errors
    /// `EINVAL` for what is no endpoint, `EADDRINUSE` and others as in `zmq_bind(3)`.
    pub fn bind(&self, endpoint: &str) -> Result<()> {
        Ok(self.live()?.bind(endpoint)?)
    }

    /// Stops accepting connections at the endpoint.
    ///
    /// # Errors
    /// `ENOENT` if it is not bound there, and others as in `zmq_unbind(3)`.
    pub fn unbind(&self, endpoint: &str) -> Result<()> {
        Ok(self.live()?.unbind(endpoint)?)
    }

    /// Connects to the endpoint, without waiting for a peer.
    ///
    /// # Errors
    /// As in `zmq_connect(3)`.
    pub fn connect(&self, endpoint: &str) -> Result<()> {
        Ok(self.live()?.connect(endpoint)?)
    }

    /// Ends the connection to the endpoint.
    ///
    /// # Errors
    /// `ENOENT` if it is not connected there, and others as in `zmq_disconnect(3)`.
    pub fn disconnect(&self, endpoint: &str) -> Result<()> {
        Ok(self.live()?.disconnect(endpoint)?)
    }

    /// Tells `events` to the PAIR that connects to `monitor_endpoint`, over inproc: one message of
    /// two parts each, as in `zmq_socket_monitor(3)`.
    ///
    /// Nothing waits for a reader: until there is one, and when it has gone, the events wait in
    /// memory. (A socket that was [taken over](Socket::from_raw) and not given up before waits, as in
    /// C.)
    ///
    /// # Errors
    /// `EPROTONOSUPPORT` for another transport, `EADDRINUSE`.
    pub fn monitor(&self, monitor_endpoint: &str, events: i32) -> Result<()> {
        let socket = self.live()?;
        if self.context.stands_in() {
            // No reader of ours can be in its context.
            return monitor::watch(socket, monitor_endpoint, events);
        }
        let relay = monitor::start(socket, monitor_endpoint, events)?;
        self.context.keep_relay(relay);
        Ok(())
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.live() {
            Ok(socket) => socket.fmt(f),
            Err(error) => f.debug_tuple("Socket").field(&error).finish(),
        }
    }
}

// As rust-zmq's is: what a panic of the caller's may leave behind are parts of a message, which
// rust-zmq leaves behind in libzmq.
impl UnwindSafe for Socket {}
impl RefUnwindSafe for Socket {}
