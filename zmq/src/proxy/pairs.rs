//! Which socket types make a proxy, and which ways its messages go.

use crate::error::{Error, ErrorKind, Result};
use crate::socket::*;

/// The two sides of a proxy: `F: ProxyWith<B>` says that a frontend of type `F` goes with a backend
/// of type `B`, as the table at [`proxy`](crate::proxy()) has it.
///
/// With [`Any`] on a side it is checked when the proxy starts.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` frontend and a `{B}` backend do not make a proxy",
    label = "what one side receives, the other cannot send",
    note = "both ways: ROUTER and DEALER, DEALER and DEALER, XSUB and XPUB, PAIR and PAIR or DEALER; one way: from PULL, SUB or XSUB to PUSH or PUB",
    note = "REQ and REP take turns, so they are for clients and workers: a proxy between them has a ROUTER and a DEALER"
)]
pub trait ProxyWith<B: SocketType>: SocketType {}

/// Sockets that can be given a copy of all that goes through a proxy: PUB, PUSH, DEALER and PAIR.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket cannot capture what goes through a proxy",
    label = "only PUB, PUSH, DEALER and PAIR sockets can"
)]
pub trait CanCapture: SocketType {}

impl CanCapture for Pub {}
impl CanCapture for Push {}
impl CanCapture for Dealer {}
impl CanCapture for Pair {}
impl CanCapture for Any {}

/// The ways that messages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ways {
    /// From the frontend to the backend.
    pub(crate) forth: bool,
    /// From the backend to the frontend.
    pub(crate) back: bool,
}

macro_rules! pairs {
    (both ways: $($a:ident $b:ident),*; alike: $($same:ident),*; one way: $($from:ident $to:ident),*;
     any: $($any:ident),*;) => {
        $(impl ProxyWith<$b> for $a {} impl ProxyWith<$a> for $b {})*
        $(impl ProxyWith<$same> for $same {})*
        $(impl ProxyWith<$to> for $from {} impl ProxyWith<$from> for $to {})*
        $(impl ProxyWith<Any> for $any {})*
        impl<B: SocketType> ProxyWith<B> for Any {}

        fn ways(frontend: SocketKind, backend: SocketKind) -> Option<Ways> {
            use SocketKind::*;
            match (frontend, backend) {
                $(($a, $b) | ($b, $a) => Some(Ways { forth: true, back: true }),)*
                $(($same, $same) => Some(Ways { forth: true, back: true }),)*
                $(($from, $to) => Some(Ways { forth: true, back: false }),
                  ($to, $from) => Some(Ways { forth: false, back: true }),)*
                _ => None,
            }
        }
    };
}

// An XPUB goes with an XSUB only: elsewhere its subscriptions would pile up unread.
pairs! {
    both ways: Router Dealer, XSub XPub, Pair Dealer;
    alike: Dealer, Pair;
    one way: Pull Push, Pull Pub, Sub Push, Sub Pub, XSub Push, XSub Pub;
    any: Router, Dealer, XSub, XPub, Pair, Pull, Push, Sub, Pub;
}

/// The ways between two sockets. What the types have not settled is settled here.
pub(crate) fn checked(
    call: &'static str,
    frontend: &Core,
    backend: &Core,
    capture: Option<&Core>,
) -> Result<Ways> {
    let invalid = || Error::own(call, ErrorKind::InvalidInput);
    let (front, back) = (frontend.kind(), backend.kind());
    let Some(mut ways) = ways(front, back) else {
        return Err(invalid()
            .on(format_args!("frontend {front}, backend {back}"))
            .because("these socket types do not make a proxy"));
    };
    if std::ptr::eq(frontend, backend) {
        // As in C: what comes in goes out on the same socket.
        ways.back = false;
    }
    if let Some(capture) = capture {
        if std::ptr::eq(capture, frontend) || std::ptr::eq(capture, backend) {
            return Err(invalid()
                .on("capture")
                .because("it is a side of the proxy itself"));
        }
        if !matches!(
            capture.kind(),
            SocketKind::Pub | SocketKind::Push | SocketKind::Dealer | SocketKind::Pair
        ) {
            return Err(invalid()
                .on(format_args!("capture {}", capture.kind()))
                .because("only PUB, PUSH, DEALER and PAIR capture"));
        }
    }
    Ok(ways)
}
