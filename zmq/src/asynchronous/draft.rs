//! Sending what says beside its frame whom it is for: SERVER, PEER and RADIO.

use std::future::poll_fn;
use std::task::{Context, Poll};

use super::inner::Inner;
use super::runtime::Runtime;
use super::sync::lock;
use super::{Awaitable, SendHalf, Sender, Socket};
use crate::error::{Result, SendError};
use crate::ffi::socket::Flags;
use crate::message::RoutingId;
use crate::payload::Payload;
use crate::socket::{Addressed, AddressesPeers, Fault, SendsToGroups};

impl<T: Awaitable, R: Runtime> Inner<T, R> {
    /// Sends a frame, which stays where it is while there is no room.
    fn poll_send_addressed(
        &mut self,
        context: &mut Context<'_>,
        message: &mut Addressed,
    ) -> Poll<Result<(), Fault>> {
        self.poll_sent(context, message, |message, socket| {
            socket.try_addressed(message, Flags::DONTWAIT)
        })
    }

    /// Sends a frame if there is room now.
    fn try_send_addressed(&mut self, mut message: Addressed) -> Result<(), SendError> {
        let sent = self
            .try_unsent()
            .and_then(|()| self.with(|socket| socket.try_addressed(&mut message, Flags::DONTWAIT)));
        message.conclude(sent)
    }
}

/// The methods of whatever sends and has the socket, or its half, to itself.
macro_rules! addressing {
    ($name:ident) => {
        impl<T: Awaitable, R: Runtime> $name<T, R> {
            /// Sends a frame to the peer with this routing id, waiting for room there: see
            /// [`zmq::Socket::send_to_peer`](crate::Socket::send_to_peer).
            ///
            /// # Errors
            /// The message comes back in the error:
            /// [`HostUnreachable`](crate::ErrorKind::HostUnreachable) when the peer is gone,
            /// [`Terminated`](crate::ErrorKind::Terminated), [`Forked`](crate::ErrorKind::Forked),
            /// [`NoRuntime`](crate::ErrorKind::NoRuntime);
            /// [`NotSupported`](crate::ErrorKind::NotSupported) on a `Socket` of
            /// [`Any`](crate::Any) of another type.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has sent nothing, and drops the message.
            ///
            /// ```
            /// # #[cfg(feature = "tokio")]
            /// # #[tokio::main(flavor = "current_thread")]
            /// # async fn main() -> zmq::Result<()> {
            /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
            /// # let context = zmq::Context::new()?;
            /// # let (server, client) = (context.socket(zmq::SERVER)?, context.socket(zmq::CLIENT)?);
            /// # server.bind("tcp://127.0.0.1:*")?;
            /// # client.connect(&server.last_endpoint()?)?;
            /// # client.send("Hello")?;
            /// let mut server = zmq::tokio::Socket::new(server)?;
            /// let request = server.recv().await?;
            /// let client_id = request.routing_id().expect("a SERVER's messages have one");
            /// server.send_to_peer(client_id, "World").await?;
            /// # assert_eq!(client.recv()?, "World");
            /// # Ok(())
            /// # }
            /// # #[cfg(not(feature = "tokio"))]
            /// # fn main() {}
            /// ```
            #[doc(alias = "zmq_msg_set_routing_id")]
            pub async fn send_to_peer<P: Payload>(
                &mut self,
                peer: RoutingId,
                frame: P,
            ) -> Result<(), SendError>
            where
                T: AddressesPeers,
            {
                let mut message = self.reach().socket().to_peer(peer, frame)?;
                let sent =
                    poll_fn(|context| self.reach().poll_send_addressed(context, &mut message))
                        .await;
                message.conclude(sent)
            }

            /// Sends a frame to the peer with this routing id if there is room there now.
            ///
            /// # Errors
            /// As [`zmq::Socket::try_send_to_peer`](crate::Socket::try_send_to_peer).
            pub fn try_send_to_peer<P: Payload>(
                &mut self,
                peer: RoutingId,
                frame: P,
            ) -> Result<(), SendError>
            where
                T: AddressesPeers,
            {
                let message = self.reach().socket().to_peer(peer, frame)?;
                self.reach().try_send_addressed(message)
            }
        }
    };
}

addressing! { Socket }
addressing! { SendHalf }

// A RADIO has no halves: it only sends.
impl<T: Awaitable, R: Runtime> Socket<T, R> {
    /// Sends a frame to those who have joined the group: see
    /// [`zmq::Socket::send_to_group`](crate::Socket::send_to_group). It waits for nobody, unless
    /// [`set_xpub_nodrop`](crate::Socket::set_xpub_nodrop) says so.
    ///
    /// # Errors
    /// The message comes back in the error:
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what is no group,
    /// [`Terminated`](crate::ErrorKind::Terminated), [`Forked`](crate::ErrorKind::Forked),
    /// [`NoRuntime`](crate::ErrorKind::NoRuntime);
    /// [`NotSupported`](crate::ErrorKind::NotSupported) on a `Socket` of
    /// [`Any`](crate::Any) of another type.
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has sent nothing, and drops the message.
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> zmq::Result<()> {
    /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
    /// # let context = zmq::Context::new()?;
    /// let mut radio = zmq::tokio::Socket::new(context.socket(zmq::RADIO)?)?;
    /// radio.with(|radio| radio.bind("tcp://127.0.0.1:*"))?;
    /// radio.send_to_group("weather", "rain").await?; // nobody hears it
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// ```
    #[doc(alias = "zmq_msg_set_group")]
    pub async fn send_to_group<P: Payload>(
        &mut self,
        group: impl AsRef<[u8]>,
        frame: P,
    ) -> Result<(), SendError>
    where
        T: SendsToGroups,
    {
        let mut message = self.reach().socket().to_group(group.as_ref(), frame)?;
        let sent = poll_fn(|context| self.reach().poll_send_addressed(context, &mut message)).await;
        message.conclude(sent)
    }

    /// Sends a frame to those who have joined the group, without waiting.
    ///
    /// # Errors
    /// As [`zmq::Socket::try_send_to_group`](crate::Socket::try_send_to_group).
    pub fn try_send_to_group<P: Payload>(
        &mut self,
        group: impl AsRef<[u8]>,
        frame: P,
    ) -> Result<(), SendError>
    where
        T: SendsToGroups,
    {
        let message = self.reach().socket().to_group(group.as_ref(), frame)?;
        self.reach().try_send_addressed(message)
    }
}

impl<T: Awaitable, R: Runtime> Sender<T, R> {
    async fn addressed(&self, message: Result<Addressed, SendError>) -> Result<(), SendError> {
        let mut message = message?;
        let sent = self
            .in_turn(|inner, context| inner.poll_send_addressed(context, &mut message))
            .await;
        message.conclude(sent)
    }

    fn try_addressed(
        &self,
        address: impl FnOnce(&crate::Socket<T>) -> Result<Addressed, SendError>,
    ) -> Result<(), SendError> {
        let mut inner = lock(&self.shared);
        let message = address(inner.socket())?;
        match inner.line.check_free() {
            Ok(()) => inner.try_send_addressed(message),
            Err(fault) => message.conclude(Err(fault)),
        }
    }

    /// Sends a frame to the peer with this routing id, waiting for room there.
    ///
    /// # Errors
    /// As [`SendHalf::send_to_peer`].
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has sent nothing, drops the message and leaves the line.
    pub async fn send_to_peer<P: Payload>(&self, peer: RoutingId, frame: P) -> Result<(), SendError>
    where
        T: AddressesPeers,
    {
        let message = lock(&self.shared).socket().to_peer(peer, frame);
        self.addressed(message).await
    }

    /// Sends a frame to the peer with this routing id if there is room there now and nobody waits in
    /// line.
    ///
    /// # Errors
    /// As [`zmq::Socket::try_send_to_peer`](crate::Socket::try_send_to_peer).
    pub fn try_send_to_peer<P: Payload>(&self, peer: RoutingId, frame: P) -> Result<(), SendError>
    where
        T: AddressesPeers,
    {
        self.try_addressed(|socket| socket.to_peer(peer, frame))
    }
}
