//! Connecting to a peer under a routing id of one's own choosing.
//!
//! libzmq aborts the process when the id is already known (`identify_peer` in router.cpp and
//! stream.cpp). So an id is given once per socket, ever: a peer that has gone keeps its id until
//! libzmq has let go of it, which cannot be seen from here. And on a ROUTER all peers are named
//! here or none, because a peer that comes in the plain way may choose any id.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libc::c_int;

use super::endpoint;
use super::shared::Flag;
use super::types::{NamesPeers, SocketKind, SocketType};
use super::{Core, Socket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;

const CALL: &str = "zmq_connect";

/// What a socket knows about the routing ids of its peers.
#[derive(Default)]
pub(super) struct PeerNames {
    /// Whether the socket was bound or connected in the plain way.
    plain: Flag,
    /// `None` before the first `connect_as`.
    given: Mutex<Option<Box<Given>>>,
}

#[derive(Default)]
struct Given {
    ids: HashSet<Box<[u8]>>,
    /// Whether libzmq holds the id of a failed `connect_as`, to give it to the next peer.
    pending: bool,
    /// How many ids were made up here.
    made_up: u64,
}

impl PeerNames {
    /// Refuses to bind or connect in the plain way where that lets a peer choose its id.
    pub(super) fn check_plain(
        &self,
        call: &'static str,
        kind: SocketKind,
        endpoint: &str,
    ) -> Result<()> {
        if kind == SocketKind::Router && self.given().is_some() {
            return Err(Error::own(call, ErrorKind::InvalidState)
                .on(endpoint)
                .because("after connect_as, no peer of a ROUTER may choose its own routing id"));
        }
        Ok(())
    }

    fn given(&self) -> MutexGuard<'_, Option<Box<Given>>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that the socket was bound or connected in the plain way.
    pub(super) fn went_plain(&self) {
        self.plain.set(true);
    }
}

impl<T: SocketType> Socket<T> {
    /// Connects to `endpoint`, and calls the peer there `routing_id`, whatever it calls itself.
    ///
    /// The first frame of messages to it and from it is that id, and messages can be sent at
    /// once, before the connection is made. The id, of 1 to 255 bytes that do not begin with a
    /// zero, can be given once in the life of the socket, also when the peer was disconnected.
    ///
    /// A ROUTER names all of its peers or none: it uses `connect_as` alone, or
    /// [`bind`](Socket::bind) and [`connect`](Socket::connect) alone. In the plain way a peer may
    /// choose any id, and libzmq aborts the process when it is taken. A STREAM may use all of them,
    /// since its peers choose nothing.
    ///
    /// Source: `ZMQ_CONNECT_ROUTING_ID` in `zmq_setsockopt(3)`, `zmq_connect(3)`.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for an id that cannot be, or was given before;
    /// [`InvalidState`](ErrorKind::InvalidState) on a ROUTER that was bound or connected in the
    /// plain way, and with [`immediate`](Socket::immediate), because then the peer has no id yet;
    /// [`NotSupported`](ErrorKind::NotSupported) on a [`Socket<Any>`](super::Any) of another type;
    /// otherwise as [`connect`](Socket::connect). After an error the id was not given.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let server = context.socket(zmq::DEALER)?;
    /// server.bind("tcp://127.0.0.1:*")?;
    ///
    /// let client = context.socket(zmq::ROUTER)?;
    /// client.connect_as("server", &server.last_endpoint()?)?;
    /// client.send_to("server", "Hello")?;
    /// assert_eq!(server.recv()?, "Hello");
    /// server.send("World")?;
    /// assert_eq!(client.recv_multipart()?, ["server", "World"]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "ZMQ_CONNECT_ROUTING_ID")]
    #[doc(alias = "ZMQ_CONNECT_RID")]
    #[doc(alias = "zmq_connect")]
    pub fn connect_as(&self, routing_id: impl AsRef<[u8]>, endpoint: &str) -> Result<()>
    where
        T: NamesPeers,
    {
        self.core().connect_as(routing_id.as_ref(), endpoint)
    }
}

impl Core {
    fn connect_as(&self, id: &[u8], endpoint: &str) -> Result<()> {
        self.check_fork(CALL)?;
        self.check_id(id)?;
        endpoint::checked(CALL, endpoint)?;
        endpoint::check_transport(CALL, endpoint, self.kind())?;
        let fail = |errno| Error::from_errno(CALL, errno).on(endpoint);
        // With it, libzmq makes the peer's pipe later, and leaves the id for another peer.
        let immediate: c_int = self.raw.get(zmq_sys::ZMQ_IMMEDIATE).map_err(fail)?;
        if immediate != 0 {
            return Err(Error::own(CALL, ErrorKind::InvalidState)
                .on(endpoint)
                .because("with ZMQ_IMMEDIATE a peer cannot be named"));
        }
        self.set_next_id(id).map_err(fail)?;
        {
            let mut given = self.names.given();
            given.get_or_insert_default().pending = true;
        }
        self.connect_now(endpoint)?;
        let mut given = self.names.given();
        let given = given.get_or_insert_default();
        given.pending = false;
        given.ids.insert(id.into());
        Ok(())
    }

    fn check_id(&self, id: &[u8]) -> Result<()> {
        let refuse = |kind, reason| {
            Err(Error::own(CALL, kind)
                .on(format_args!("{}: {}", self.kind(), id.escape_ascii()))
                .because(reason))
        };
        match self.kind() {
            SocketKind::Stream => {}
            SocketKind::Router if !self.names.plain.get() => {}
            SocketKind::Router => {
                return refuse(
                    ErrorKind::InvalidState,
                    "after bind or connect, a peer may have chosen the same routing id",
                );
            }
            _ => return refuse(ErrorKind::NotSupported, "its peers have no routing ids"),
        }
        if id.is_empty() || id.len() > 255 {
            return refuse(ErrorKind::InvalidInput, "a routing id has 1 to 255 bytes");
        }
        if id[0] == 0 {
            return refuse(
                ErrorKind::InvalidInput,
                "ids that begin with a zero are those libzmq makes",
            );
        }
        let given = self.names.given();
        if given.as_ref().is_some_and(|given| given.ids.contains(id)) {
            return refuse(
                ErrorKind::InvalidInput,
                "this socket has given that routing id before",
            );
        }
        Ok(())
    }

    fn set_next_id(&self, id: &[u8]) -> Result<(), Errno> {
        self.raw.set_bytes(zmq_sys::ZMQ_CONNECT_ROUTING_ID, id)
    }

    /// Connects in the plain way.
    pub(super) fn connect(&self, endpoint: &str) -> Result<()> {
        self.check_fork(CALL)?;
        self.names.check_plain(CALL, self.kind(), endpoint)?;
        let made_up = self
            .make_up_id()
            .map_err(|errno| Error::from_errno(CALL, errno))?;
        self.connect_now(endpoint)?;
        self.names.went_plain();
        if made_up {
            if let Some(given) = self.names.given().as_mut() {
                given.pending = false;
            }
        }
        Ok(())
    }

    /// The id of a `connect_as` that failed stays in libzmq, and cannot be taken back. A peer that
    /// is not to have it gets one that nobody else has: libzmq makes ids of a zero and four bytes,
    /// and users' do not begin with a zero.
    fn make_up_id(&self) -> Result<bool, Errno> {
        let mut given = self.names.given();
        let Some(given) = given.as_mut().filter(|given| given.pending) else {
            return Ok(false);
        };
        given.made_up += 1;
        let mut id = [0; 9];
        id[1..].copy_from_slice(&given.made_up.to_be_bytes());
        self.set_next_id(&id)?;
        Ok(true)
    }
}
