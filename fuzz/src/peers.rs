//! Sockets that leave nothing behind, and which types talk to which.

use std::time::Duration;

use zmq::{Any, Context, Socket, SocketKind};

/// Long enough for anything that is going to happen.
pub const LONG: Duration = Duration::from_secs(30);

pub const KINDS: [SocketKind; 12] = [
    SocketKind::Pair,
    SocketKind::Pub,
    SocketKind::Sub,
    SocketKind::Req,
    SocketKind::Rep,
    SocketKind::Dealer,
    SocketKind::Router,
    SocketKind::Pull,
    SocketKind::Push,
    SocketKind::XPub,
    SocketKind::XSub,
    SocketKind::Stream,
];

/// A context that ends without waiting for what was not sent.
pub fn context() -> Context {
    let context = Context::new().unwrap();
    context.set_linger(Some(Duration::ZERO)).unwrap();
    context
}

/// A socket that gives up after [`LONG`].
pub fn socket(context: &Context, kind: SocketKind) -> Socket<Any> {
    let socket = context.socket_of(kind).unwrap();
    socket.set_rcvtimeo(Some(LONG)).unwrap();
    socket.set_sndtimeo(Some(LONG)).unwrap();
    socket
}

/// A type that talks to this one.
pub fn peer_of(kind: SocketKind) -> SocketKind {
    match kind {
        SocketKind::Pub | SocketKind::XPub => SocketKind::Sub,
        SocketKind::Sub | SocketKind::XSub => SocketKind::Pub,
        SocketKind::Req => SocketKind::Rep,
        SocketKind::Rep => SocketKind::Req,
        SocketKind::Router => SocketKind::Dealer,
        SocketKind::Pull => SocketKind::Push,
        SocketKind::Push => SocketKind::Pull,
        kind => kind,
    }
}
