//! The types of the draft API, which libzmq locks in every call, and the markers of draft options.
//!
//! What is left out, and why, stands in ARCHITECTURE.md, "Not offered".

use super::*;

socket_types! {
    /// Asks servers: a DEALER for messages of one frame, which threads can share.
    ///
    /// | | |
    /// |---|---|
    /// | peers | SERVER |
    /// | direction | any |
    /// | out, in | round robin over the peers; fair queue |
    /// | when no peer takes it | sending waits, or gives `WouldBlock` |
    /// | transports | all but inproc |
    ///
    /// What a peer sends in several frames is dropped, as by all types that threads can share.
    ///
    /// ```
    /// # if !zmq::has(zmq::Capability::Draft) { return Ok(()); }
    /// let context = zmq::Context::new()?;
    /// let (server, client) = (context.socket(zmq::SERVER)?, context.socket(zmq::CLIENT)?);
    /// server.bind("tcp://127.0.0.1:*")?;
    /// client.connect(&server.last_endpoint()?)?;
    /// std::thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| client.send("Hello")); // the same socket
    ///     }
    /// });
    /// for _ in 0..2 {
    ///     let request = server.recv()?;
    ///     server.send_to_peer(request.routing_id().unwrap(), "World")?;
    ///     assert_eq!(client.recv()?, "World");
    /// }
    /// # Ok::<(), zmq::Error>(())
    /// ```
    Client, CLIENT, "ZMQ_CLIENT": CanSend, CanReceive, ReceivesFrames, SingleFrame, SpeaksZmtp,
        ThreadSafe, HearsHiccups, GivesUpConnections;

    /// Serves clients: a ROUTER for messages of one frame, which threads can share.
    ///
    /// Every message it receives has a [routing id](crate::Message::routing_id), and
    /// [`send_to_peer`](crate::Socket::send_to_peer) sends to the peer that has it.
    ///
    /// | | |
    /// |---|---|
    /// | peers | CLIENT |
    /// | direction | any |
    /// | out, in | to the peer with the routing id; fair queue |
    /// | when that peer is gone | `HostUnreachable` |
    /// | when it is full | sending waits, or gives `WouldBlock` |
    /// | transports | all but inproc, where it can only be the authenticator |
    ///
    /// It lets go of a peer that has gone when some thread receives or polls. Where nobody does, what
    /// is sent to that peer is queued, and then waits.
    ///
    /// ```compile_fail,E0277
    /// let server = zmq::Context::new()?.socket(zmq::SERVER)?;
    /// server.send("to whom?")?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    Server, SERVER, "ZMQ_SERVER": CanSend, CanReceive, ReceivesFrames, SpeaksZmtp, ThreadSafe,
        AddressesPeers, HearsPartings, GivesUpConnections;

    /// Sends to groups, which those who receive choose from; threads can share it.
    ///
    /// Messages go with [`send_to_group`](crate::Socket::send_to_group).
    ///
    /// | | |
    /// |---|---|
    /// | peers | DISH |
    /// | direction | sends only |
    /// | out | to every peer that has joined the group |
    /// | when a peer is full | it loses the message, unless [`set_xpub_nodrop`](crate::Socket::set_xpub_nodrop) says otherwise |
    /// | transports | all but inproc and udp |
    ///
    /// A peer that asks for a group of more than 255 bytes makes libzmq abort the process, so no
    /// peer can say more than 260 bytes at once. Too little for a CURVE server: no peer gets through
    /// the handshake with a RADIO that is one. It can be a CURVE client.
    ///
    /// ```compile_fail,E0277
    /// let radio = zmq::Context::new()?.socket(zmq::RADIO)?;
    /// radio.send("to which group?")?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    Radio, RADIO, "ZMQ_RADIO": CanSend, SpeaksZmtp, ThreadSafe, SendsToGroups, IsPublisher, GivesUpConnections;

    /// Receives from the groups it [joins](crate::Socket::join); threads can share it.
    ///
    /// Its messages tell their [group](crate::Message::group).
    ///
    /// | | |
    /// |---|---|
    /// | peers | RADIO |
    /// | direction | receives only |
    /// | in | fair queue |
    /// | transports | all but inproc and udp |
    Dish, DISH, "ZMQ_DISH": CanReceive, ReceivesFrames, SpeaksZmtp, ThreadSafe, JoinsGroups, GivesUpConnections;

    /// Middle or end of a pipeline: a PULL for messages of one frame, which threads can share.
    ///
    /// | | |
    /// |---|---|
    /// | peers | SCATTER |
    /// | direction | receives only |
    /// | in | fair queue |
    /// | transports | all but inproc |
    Gather, GATHER, "ZMQ_GATHER": CanReceive, ReceivesFrames, SingleFrame, SpeaksZmtp, ThreadSafe, GivesUpConnections;

    /// Beginning or middle of a pipeline: a PUSH for messages of one frame, which threads can share.
    ///
    /// | | |
    /// |---|---|
    /// | peers | GATHER |
    /// | direction | sends only |
    /// | out | round robin over the peers |
    /// | when no peer takes it | sending waits, or gives `WouldBlock` |
    /// | transports | all but inproc |
    Scatter, SCATTER, "ZMQ_SCATTER": CanSend, ReceivesFrames, SingleFrame, SpeaksZmtp, ThreadSafe, GivesUpConnections;

    /// A SERVER that also connects, to others of its kind; threads can share it.
    ///
    /// [`connect_peer`](crate::Socket::connect_peer) gives the routing id of the peer it connects to,
    /// and every message received has that of its sender.
    ///
    /// | | |
    /// |---|---|
    /// | peers | PEER |
    /// | direction | any |
    /// | out, in | to the peer with the routing id; fair queue |
    /// | when that peer is gone | `HostUnreachable` if it had connected here; otherwise its messages wait for it |
    /// | when it is full | sending waits, or gives `WouldBlock` |
    /// | transports | all but inproc |
    ///
    /// It lets go of a peer that has gone when some thread receives or polls, as a [`Server`] does.
    Peer, PEER, "ZMQ_PEER": CanSend, CanReceive, ReceivesFrames, SpeaksZmtp, ThreadSafe,
        AddressesPeers, NumbersPeers, HearsPartings, HearsHiccups, GivesUpConnections;

    /// One of exactly two: a PAIR for messages of one frame, which threads can share.
    ///
    /// | | |
    /// |---|---|
    /// | peers | CHANNEL, one |
    /// | direction | any |
    /// | when the peer is full or absent | sending waits, or gives `WouldBlock` |
    /// | transports | all but inproc |
    ///
    /// It lets go of a peer that has gone, and takes another, when some thread receives or polls.
    Channel, CHANNEL, "ZMQ_CHANNEL": CanSend, CanReceive, ReceivesFrames, SingleFrame, SpeaksZmtp,
        ThreadSafe, GivesUpConnections;
}

macro_rules! markers {
    ($($marker:ident: $($name:ident),*;)*) => {$($(
        impl $marker for $name {}
    )*)*};
}

markers! {
    PassesSubscriptions: XPub, XSub, Any;
    IsXSub: XSub, Any;
    CountsTopics: Pub, XPub, Sub, XSub, Any;
    HearsHiccups: Dealer, Any;
    HearsPartings: Router, Any;
    AddressesPeers: Any;
    NumbersPeers: Any;
    SendsToGroups: Any;
    JoinsGroups: Any;
}
