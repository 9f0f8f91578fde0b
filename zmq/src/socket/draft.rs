//! What only the draft types do: groups, and peers by number.

use super::endpoint;
use super::send::{CALL, Fault, conclude};
use super::types::{
    AddressesPeers, JoinsGroups, NumbersPeers, SendsToGroups, SocketKind, SocketType,
};
use super::{Socket, forked};
use crate::error::{Error, ErrorKind, Result, SendError};
use crate::ffi::Errno;
use crate::ffi::socket::{Flags, RawSocket};
use crate::message::{Group, Message, RoutingId};
use crate::payload::sealed::Part as _;
use crate::payload::{One, Payload};

/// What a RADIO receives at most, which is a group of 255 bytes to be joined. More of them, and libzmq
/// aborts the process (`radio_session_t::push_msg`).
const JOIN: i64 = b"\x04JOIN".len() as i64 + 255;

/// Makes a new socket one that no peer can abort the process with.
pub(crate) fn prepare(raw: &RawSocket, kind: SocketKind) -> Result<()> {
    if kind != SocketKind::Radio {
        return Ok(());
    }
    raw.set(zmq_sys::ZMQ_MAXMSGSIZE, JOIN)
        .map_err(|errno| Error::from_errno("zmq_setsockopt", errno).on("ZMQ_MAXMSGSIZE"))
}

impl<T: SocketType> Socket<T> {
    /// Sends a frame to the peer with this routing id, waiting for room there
    /// (`zmq_msg_set_routing_id(3)`).
    ///
    /// # Errors
    /// The message comes back in the error: [`HostUnreachable`](ErrorKind::HostUnreachable) when
    /// the peer is gone, [`WouldBlock`](ErrorKind::WouldBlock) when
    /// [`sndtimeo`](Socket::sndtimeo) ran out, [`Terminated`](ErrorKind::Terminated),
    /// [`Forked`](ErrorKind::Forked); [`NotSupported`](ErrorKind::NotSupported) on a
    /// [`Socket<Any>`](crate::Any) of another type.
    ///
    /// ```
    /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
    /// let context = zmq::Context::new()?;
    /// let (server, client) = (context.socket(zmq::SERVER)?, context.socket(zmq::CLIENT)?);
    /// server.bind("tcp://127.0.0.1:*")?;
    /// client.connect(&server.last_endpoint()?)?;
    /// client.send("Hello")?;
    /// let request = server.recv()?;
    /// server.send_to_peer(request.routing_id().unwrap(), "World")?;
    /// assert_eq!(client.recv()?, "World");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_msg_set_routing_id")]
    pub fn send_to_peer<P: Payload>(&self, peer: RoutingId, frame: P) -> Result<(), SendError>
    where
        T: AddressesPeers,
    {
        self.send_addressed(self.to_peer(peer, frame)?, Flags::BLOCK)
    }

    /// Sends a frame to the peer with this routing id if there is room there now.
    ///
    /// # Errors
    /// As [`send_to_peer`](Socket::send_to_peer); [`WouldBlock`](ErrorKind::WouldBlock) at once when
    /// there is no room.
    ///
    /// ```
    /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
    /// let context = zmq::Context::new()?;
    /// let server = context.socket(zmq::SERVER)?;
    /// let nobody = zmq::RoutingId::new(std::num::NonZero::<u32>::MIN);
    /// let refused = server.try_send_to_peer(nobody, "World").unwrap_err();
    /// assert_eq!(refused.kind(), zmq::ErrorKind::HostUnreachable);
    /// assert_eq!(refused.message, "World");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn try_send_to_peer<P: Payload>(&self, peer: RoutingId, frame: P) -> Result<(), SendError>
    where
        T: AddressesPeers,
    {
        self.send_addressed(self.to_peer(peer, frame)?, Flags::DONTWAIT)
    }

    /// Sends a frame to those who have joined the group, 1 to 14 bytes without a NUL
    /// (`zmq_msg_set_group(3)`).
    ///
    /// It waits for nobody, unless [`set_xpub_nodrop`](Socket::set_xpub_nodrop) says so. A group
    /// that the message had before, since a DISH received it, makes no difference.
    ///
    /// libzmq itself takes groups of up to 255 bytes, and frees the name of one that is longer than
    /// 14 once for each peer that it goes to.
    ///
    /// # Errors
    /// The message comes back in the error: [`InvalidInput`](ErrorKind::InvalidInput) for what is no
    /// group, [`WouldBlock`](ErrorKind::WouldBlock), [`Terminated`](ErrorKind::Terminated),
    /// [`Forked`](ErrorKind::Forked); [`NotSupported`](ErrorKind::NotSupported) on a
    /// [`Socket<Any>`](crate::Any) of another type.
    ///
    /// ```
    /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
    /// let context = zmq::Context::new()?;
    /// let radio = context.socket(zmq::RADIO)?;
    /// radio.bind("tcp://127.0.0.1:*")?;
    /// radio.send_to_group("weather", "rain")?; // nobody hears it
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_msg_set_group")]
    pub fn send_to_group<P: Payload>(
        &self,
        group: impl AsRef<[u8]>,
        frame: P,
    ) -> Result<(), SendError>
    where
        T: SendsToGroups,
    {
        self.send_addressed(self.to_group(group.as_ref(), frame)?, Flags::BLOCK)
    }

    /// Sends a frame to those who have joined the group, without waiting.
    ///
    /// # Errors
    /// As [`send_to_group`](Socket::send_to_group).
    ///
    /// ```
    /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
    /// let context = zmq::Context::new()?;
    /// let radio = context.socket(zmq::RADIO)?;
    /// radio.try_send_to_group("weather", "rain")?;
    /// let refused = radio.try_send_to_group("a name too long", "rain").unwrap_err();
    /// assert_eq!(refused.kind(), zmq::ErrorKind::InvalidInput);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn try_send_to_group<P: Payload>(
        &self,
        group: impl AsRef<[u8]>,
        frame: P,
    ) -> Result<(), SendError>
    where
        T: SendsToGroups,
    {
        self.send_addressed(self.to_group(group.as_ref(), frame)?, Flags::DONTWAIT)
    }

    /// Receives what is sent to the group, 1 to 14 bytes without a NUL (`zmq_join(3)`).
    ///
    /// It reaches the senders some time later: what they send before is not received.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no group and for one that is joined
    /// already, [`Forked`](ErrorKind::Forked); [`NotSupported`](ErrorKind::NotSupported) on a
    /// [`Socket<Any>`](crate::Any) of another type.
    ///
    /// ```
    /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
    /// let context = zmq::Context::new()?;
    /// let (radio, dish) = (context.socket(zmq::RADIO)?, context.socket(zmq::DISH)?);
    /// radio.bind("tcp://127.0.0.1:*")?;
    /// dish.join("weather")?;
    /// dish.connect(&radio.last_endpoint()?)?;
    /// let message = loop {
    ///     radio.send_to_group("weather", "rain")?; // until the DISH is there
    ///     if let Some(message) = dish.try_recv()? {
    ///         break message;
    ///     }
    /// };
    /// assert_eq!(message, "rain");
    /// assert_eq!(message.group(), Some("weather"));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_join")]
    #[doc(alias = "ZMQ_GROUP_MAX_LENGTH")]
    pub fn join(&self, group: impl AsRef<[u8]>) -> Result<()>
    where
        T: JoinsGroups,
    {
        let why = "the group is joined already";
        self.membership("zmq_join", group.as_ref(), RawSocket::join, why)
    }

    /// Receives no longer what is sent to the group (`zmq_leave(3)`), but for one message that may
    /// be waiting.
    ///
    /// # Errors
    /// As [`join`](Socket::join); [`InvalidInput`](ErrorKind::InvalidInput) for a group that is not
    /// joined.
    ///
    /// ```
    /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
    /// let context = zmq::Context::new()?;
    /// let dish = context.socket(zmq::DISH)?;
    /// dish.join("weather")?;
    /// dish.leave("weather")?;
    /// assert!(dish.leave("weather").is_err());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_leave")]
    pub fn leave(&self, group: impl AsRef<[u8]>) -> Result<()>
    where
        T: JoinsGroups,
    {
        let why = "the group is not joined";
        self.membership("zmq_leave", group.as_ref(), RawSocket::leave, why)
    }

    /// Connects to `endpoint`, and gives the routing id of the peer there
    /// (`zmq_connect_peer(3)`).
    ///
    /// What is sent to it waits until the connection is made. With
    /// [`set_immediate`](Socket::set_immediate) there is no such id.
    ///
    /// # Errors
    /// As [`connect`](Socket::connect); [`InvalidState`](ErrorKind::InvalidState) with
    /// [`immediate`](Socket::immediate); [`NotSupported`](ErrorKind::NotSupported) on a
    /// [`Socket<Any>`](crate::Any) of another type.
    ///
    /// ```
    /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
    /// let context = zmq::Context::new()?;
    /// let (a, b) = (context.socket(zmq::PEER)?, context.socket(zmq::PEER)?);
    /// a.bind("tcp://127.0.0.1:*")?;
    /// let to_a = b.connect_peer(&a.last_endpoint()?)?;
    /// b.send_to_peer(to_a, "Hello")?;
    /// assert_eq!(a.recv()?, "Hello");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_connect_peer")]
    pub fn connect_peer(&self, endpoint: &str) -> Result<RoutingId>
    where
        T: NumbersPeers,
    {
        const CALL: &str = "zmq_connect_peer";
        self.core.check_fork(CALL)?;
        self.check_kind(CALL, &[SocketKind::Peer])?;
        let text = endpoint::checked(CALL, endpoint)?;
        endpoint::check_draft(CALL, endpoint, self.kind())?;
        self.core.will_have_peers();
        match self.core.raw.connect_peer(&text) {
            Ok(id) => Ok(RoutingId::new(id)),
            Err(Errno(libc::EFAULT)) => Err(Error::own(CALL, ErrorKind::InvalidState)
                .on(endpoint)
                .because("`immediate` is set: the peer has no id before it is connected")),
            Err(errno) => Err(Error::from_errno(CALL, errno).on(endpoint)),
        }
    }

    // ---- how ---------------------------------------------------------------------------------

    /// Checks what the type says, where only the socket knows it.
    fn check_kind(&self, call: &'static str, kinds: &[SocketKind]) -> Result<()> {
        if T::KIND.is_some() || kinds.contains(&self.kind()) {
            return Ok(());
        }
        Err(Error::own(call, ErrorKind::NotSupported).on(self.kind()))
    }

    fn membership(
        &self,
        call: &'static str,
        group: &[u8],
        change: fn(&RawSocket, &Group) -> Result<(), Errno>,
        why: &'static str,
    ) -> Result<()> {
        self.core.check_fork(call)?;
        self.check_kind(call, &[SocketKind::Dish])?;
        change(&self.core.raw, &Group::new(call, group)?).map_err(|errno| {
            Error::from_errno(call, errno)
                .on(group.escape_ascii())
                .because(why)
        })
    }

    /// A frame with the routing id of the peer that it goes to.
    pub(crate) fn to_peer<P: Payload>(
        &self,
        peer: RoutingId,
        frame: P,
    ) -> Result<Addressed, SendError> {
        let mut message = frame.prepare().into_message();
        if let Err(error) = self.check_kind(CALL, &[SocketKind::Server, SocketKind::Peer]) {
            return Err(SendError { error, message });
        }
        message.set_routing_id(peer);
        Ok(Addressed {
            frame: One(message),
            address: Address::Peer(peer),
        })
    }

    /// A frame with the group that it goes to.
    pub(crate) fn to_group<P: Payload>(
        &self,
        group: &[u8],
        frame: P,
    ) -> Result<Addressed, SendError> {
        let mut message = frame.prepare().into_message();
        let checked = self
            .check_kind(CALL, &[SocketKind::Radio])
            .and_then(|()| Group::new(CALL, group));
        let group = match checked {
            Ok(group) => group,
            Err(error) => return Err(SendError { error, message }),
        };
        message.set_group(&group);
        Ok(Addressed {
            frame: One(message),
            address: Address::Group(group),
        })
    }

    fn send_addressed(&self, mut message: Addressed, flags: Flags) -> Result<(), SendError> {
        let sent = self.try_addressed(&mut message, flags);
        message.conclude(sent)
    }

    /// Sends what stays where it is unless libzmq has taken it.
    pub(crate) fn try_addressed(&self, message: &mut Addressed, flags: Flags) -> Result<(), Fault> {
        let error = if self.core.raw.is_inherited() {
            forked(CALL)
        } else {
            match message.frame.0.send(&self.core.raw, flags) {
                Ok(()) => return Ok(()),
                Err(errno) => Error::from_errno(CALL, errno),
            }
        };
        Err(Fault::Refused(match &message.address {
            Address::Peer(peer) => error.on(peer),
            Address::Group(group) => error.on(group.as_c_str().to_bytes().escape_ascii()),
        }))
    }
}

/// A frame that says whom it is for, and that again for an error.
pub(crate) struct Addressed {
    frame: One<Message>,
    address: Address,
}

enum Address {
    Peer(RoutingId),
    Group(Group),
}

impl Addressed {
    pub(crate) fn conclude(self, sent: Result<(), Fault>) -> Result<(), SendError> {
        conclude!(self.frame, sent)
    }
}
