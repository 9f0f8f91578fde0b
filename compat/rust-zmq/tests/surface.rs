//! The API is rust-zmq's, name by name and type by type: where one differs, this does not compile.

use std::error::Error as StdError;
use std::ffi::{NulError, c_void};
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::io;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::string::FromUtf8Error;

use zmq::{
    Context, CurveKeyPair, DecodeError, EncodeError, Error, Mechanism, Message, PollEvents,
    PollItem, Result, Sendable, Socket, SocketEvent, SocketType,
};
use zmq_sys::RawFd;

type Text = std::result::Result<String, Vec<u8>>;

macro_rules! methods {
    ($($signature:ty: $($name:ident),* $(,)?;)*) => {
        $($(const _: $signature = Socket::$name;)*)*
    };
}

// Setters of borrowed values are generic over their lifetime, which `fn` pointers are, too.
methods! {
    fn(&Socket) -> Result<bool>:
        is_ipv6, is_immediate, is_plain_server, is_conflate, is_probe_router,
        is_router_mandatory, is_router_handover, is_curve_server, is_gssapi_server,
        is_gssapi_plaintext,;
    fn(&Socket) -> Result<i64>:
        get_maxmsgsize,;
    fn(&Socket) -> Result<i32>:
        get_sndhwm, get_rcvhwm, get_rate, get_recovery_ivl, get_sndbuf, get_rcvbuf, get_tos,
        get_linger, get_reconnect_ivl, get_reconnect_ivl_max, get_backlog, get_multicast_hops,
        get_rcvtimeo, get_sndtimeo, get_tcp_keepalive, get_tcp_keepalive_cnt,
        get_tcp_keepalive_idle, get_tcp_keepalive_intvl, get_handshake_ivl, get_heartbeat_ivl,
        get_heartbeat_ttl, get_heartbeat_timeout, get_connect_timeout,;
    fn(&Socket) -> Result<u64>:
        get_affinity,;
    fn(&Socket) -> Result<RawFd>:
        get_fd,;
    fn(&Socket) -> Result<PollEvents>:
        get_events,;
    fn(&Socket) -> Result<Text>:
        get_socks_proxy, get_plain_username, get_plain_password, get_zap_domain,
        get_last_endpoint, get_gssapi_principal, get_gssapi_service_principal,;
    fn(&Socket) -> Result<Vec<u8>>:
        get_identity, get_curve_publickey, get_curve_secretkey, get_curve_serverkey,;
    fn(&Socket, bool) -> Result<()>:
        set_ipv6, set_immediate, set_plain_server, set_conflate, set_probe_router,
        set_router_mandatory, set_router_handover, set_curve_server, set_gssapi_server,
        set_gssapi_plaintext, set_req_relaxed, set_req_correlate, set_xpub_verbose,;
    fn(&Socket, i64) -> Result<()>:
        set_maxmsgsize,;
    fn(&Socket, i32) -> Result<()>:
        set_sndhwm, set_rcvhwm, set_rate, set_recovery_ivl, set_sndbuf, set_rcvbuf, set_tos,
        set_linger, set_reconnect_ivl, set_reconnect_ivl_max, set_backlog, set_multicast_hops,
        set_rcvtimeo, set_sndtimeo, set_tcp_keepalive, set_tcp_keepalive_cnt,
        set_tcp_keepalive_idle, set_tcp_keepalive_intvl, set_handshake_ivl, set_heartbeat_ivl,
        set_heartbeat_ttl, set_heartbeat_timeout, set_connect_timeout,;
    fn(&Socket, u64) -> Result<()>:
        set_affinity,;
    fn(&Socket, &[u8]) -> Result<()>:
        set_identity, set_subscribe, set_unsubscribe, set_curve_publickey, set_curve_secretkey,
        set_curve_serverkey,;
    fn(&Socket, Option<&str>) -> Result<()>:
        set_socks_proxy, set_plain_username, set_plain_password, set_xpub_welcome_msg,;
    fn(&Socket, &str) -> Result<()>:
        set_zap_domain, set_gssapi_principal, set_gssapi_service_principal,;
    fn(&Socket) -> Result<SocketType>: get_socket_type;
    fn(&Socket) -> Result<bool>: get_rcvmore;
    fn(&Socket) -> Result<Mechanism>: get_mechanism;
    fn(&Socket, &str) -> Result<()>: bind, unbind, connect, disconnect;
    fn(&Socket, &str, i32) -> Result<()>: monitor;
    fn(&Socket, &mut Message, i32) -> Result<()>: recv;
    fn(&Socket, &mut [u8], i32) -> Result<usize>: recv_into;
    fn(&Socket, i32) -> Result<Message>: recv_msg;
    fn(&Socket, i32) -> Result<Vec<u8>>: recv_bytes;
    fn(&Socket, i32) -> Result<Text>: recv_string;
    fn(&Socket, i32) -> Result<Vec<Vec<u8>>>: recv_multipart;
    fn(&Socket, PollEvents, i64) -> Result<i32>: poll;
    fn(Socket) -> *mut c_void: into_raw;
    unsafe fn(*mut c_void) -> Socket: from_raw;
    fn(&mut Socket) -> *mut c_void: as_mut_ptr;
}

#[expect(deprecated, reason = "they are there all the same")]
mod functions {
    use super::*;

    const _: fn(&Socket, Message, i32) -> Result<()> = Socket::send_msg;
    const _: fn(&Socket, &str, i32) -> Result<()> = Socket::send_str;
    const _: fn(&Socket, Vec<u8>, i32) -> Result<()> = Socket::send::<Vec<u8>>;
    const _: fn(&Socket, Vec<Vec<u8>>, i32) -> Result<()> =
        Socket::send_multipart::<Vec<Vec<u8>>, Vec<u8>>;
    const _: for<'a> fn(&'a Socket, PollEvents) -> PollItem<'a> = Socket::as_poll_item;

    const _: fn() -> Context = Context::new;
    const _: fn(&Context) -> Result<i32> = Context::get_io_threads;
    const _: fn(&Context, i32) -> Result<()> = Context::set_io_threads;
    const _: fn(&Context, SocketType) -> Result<Socket> = Context::socket;
    const _: fn(&mut Context) -> Result<()> = Context::destroy;

    const _: fn() -> Message = Message::new;
    const _: fn(usize) -> Message = Message::with_size;
    const _: fn(usize) -> Message = Message::with_capacity;
    const _: unsafe fn(usize) -> Message = Message::with_capacity_unallocated;
    const _: fn(&[u8]) -> Message = Message::from_slice;
    const _: fn(&Message) -> Option<&str> = Message::as_str;
    const _: fn(&Message) -> bool = Message::get_more;
    const _: for<'a> fn(&'a mut Message, &str) -> Option<&'a str> = Message::gets;

    const _: fn(RawFd, PollEvents) -> PollItem<'static> = PollItem::from_fd;
    const _: fn(&mut PollItem<'static>, PollEvents) = PollItem::set_events;
    const _: fn(&PollItem<'static>) -> PollEvents = PollItem::get_revents;
    const _: fn(&PollItem<'static>) -> bool = PollItem::is_readable;
    const _: fn(&PollItem<'static>) -> bool = PollItem::is_writable;
    const _: fn(&PollItem<'static>) -> bool = PollItem::is_error;
    const _: fn(&PollItem<'static>, &Socket) -> bool = PollItem::has_socket;
    const _: fn(&PollItem<'static>, RawFd) -> bool = PollItem::has_fd;

    const _: fn(Error) -> i32 = Error::to_raw;
    const _: fn(i32) -> Error = Error::from_raw;
    const _: fn(Error) -> &'static str = Error::message;
    const _: fn(SocketEvent) -> u16 = SocketEvent::to_raw;
    const _: fn(u16) -> SocketEvent = SocketEvent::from_raw;

    const _: fn() -> (i32, i32, i32) = zmq::version;
    const _: fn(&str) -> Option<bool> = zmq::has;
    const _: fn(&mut [PollItem<'_>], i64) -> Result<i32> = zmq::poll;
    const _: fn(&Socket, &Socket) -> Result<()> = zmq::proxy;
    const _: fn(&mut Socket, &mut Socket, &mut Socket) -> Result<()> = zmq::proxy_with_capture;
    const _: fn(&mut Socket, &mut Socket, &mut Socket) -> Result<()> = zmq::proxy_steerable;
    const _: fn(&mut Socket, &mut Socket, &mut Socket, &mut Socket) -> Result<()> =
        zmq::proxy_steerable_with_capture;
    const _: fn(&[u8]) -> std::result::Result<String, EncodeError> = zmq::z85_encode;
    const _: fn(&str) -> std::result::Result<Vec<u8>, DecodeError> = zmq::z85_decode;
    const _: fn() -> Result<CurveKeyPair> = CurveKeyPair::new;
}

/// The names that are values.
#[test]
fn constants_are_at_the_root_and_of_their_types() {
    let flags: [&'static i32; 2] = [&zmq::DONTWAIT, &zmq::SNDMORE];
    assert_eq!(flags, [&1, &2]);
    let events = [zmq::POLLIN, zmq::POLLOUT, zmq::POLLERR];
    assert_eq!(
        events,
        [PollEvents::POLLIN, PollEvents::POLLOUT, PollEvents::POLLERR]
    );
    assert_eq!(events.map(|event| event.bits()), [1, 2, 4]);
    let types = [
        zmq::PAIR,
        zmq::PUB,
        zmq::SUB,
        zmq::REQ,
        zmq::REP,
        zmq::DEALER,
        zmq::ROUTER,
        zmq::PULL,
        zmq::PUSH,
        zmq::XPUB,
        zmq::XSUB,
        zmq::STREAM,
    ];
    assert_eq!(types[0], SocketType::PAIR);
    let context = Context::default();
    for kind in types {
        assert_eq!(context.socket(kind).unwrap().get_socket_type(), Ok(kind));
    }
    assert_eq!(SocketEvent::ALL as i32, 0xffff);
    assert_eq!(SocketEvent::from_raw(0x20), SocketEvent::ACCEPTED);
    assert_eq!(SocketEvent::HANDSHAKE_FAILED_AUTH.to_raw(), 0x4000);
}

#[test]
fn errors_are_the_errnos_of_libzmq() {
    use zmq_sys::errno;
    for (error, raw) in [
        (Error::EACCES, errno::EACCES),
        (Error::EADDRINUSE, errno::EADDRINUSE),
        (Error::EAGAIN, errno::EAGAIN),
        (Error::EBUSY, errno::EBUSY),
        (Error::ECONNREFUSED, errno::ECONNREFUSED),
        (Error::EFAULT, errno::EFAULT),
        (Error::EINTR, errno::EINTR),
        (Error::EHOSTUNREACH, errno::EHOSTUNREACH),
        (Error::EINPROGRESS, errno::EINPROGRESS),
        (Error::EINVAL, errno::EINVAL),
        (Error::EMFILE, errno::EMFILE),
        (Error::EMSGSIZE, errno::EMSGSIZE),
        (Error::ENAMETOOLONG, errno::ENAMETOOLONG),
        (Error::ENODEV, errno::ENODEV),
        (Error::ENOENT, errno::ENOENT),
        (Error::ENOMEM, errno::ENOMEM),
        (Error::ENOTCONN, errno::ENOTCONN),
        (Error::ENOTSOCK, errno::ENOTSOCK),
        (Error::EPROTO, errno::EPROTO),
        (Error::EPROTONOSUPPORT, errno::EPROTONOSUPPORT),
        (Error::ENOTSUP, errno::ENOTSUP),
        (Error::ENOBUFS, errno::ENOBUFS),
        (Error::ENETDOWN, errno::ENETDOWN),
        (Error::EADDRNOTAVAIL, errno::EADDRNOTAVAIL),
        (Error::EFSM, errno::EFSM),
        (Error::ENOCOMPATPROTO, errno::ENOCOMPATPROTO),
        (Error::ETERM, errno::ETERM),
        (Error::EMTHREAD, errno::EMTHREAD),
    ] {
        assert_eq!((error.to_raw(), Error::from_raw(raw)), (raw, error));
        assert!(!error.message().is_empty());
    }
    assert_eq!(Error::from_raw(errno::EADDRINUSE_ALT), Error::EADDRINUSE);
}

#[test]
fn types_implement_what_they_did() {
    fn copies<T: Copy + Eq + Debug>() {}
    fn shares<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}
    fn moves<T: Send + Unpin + UnwindSafe + RefUnwindSafe>() {}
    fn unwinds<T: Unpin + UnwindSafe + RefUnwindSafe>() {}
    fn fails<T: StdError + Display + Debug + Send + Sync + 'static>() {}
    copies::<Error>();
    copies::<Mechanism>();
    copies::<SocketEvent>();
    copies::<SocketType>();
    fn orders<T: Ord + Hash + Copy + Debug>() {}
    orders::<PollEvents>();
    shares::<Context>();
    shares::<Message>();
    shares::<CurveKeyPair>();
    moves::<Socket>();
    unwinds::<PollItem<'_>>();
    fails::<Error>();
    fails::<EncodeError>();
    fails::<DecodeError>();
    fn clones<T: Clone + Default>() {}
    clones::<Context>();
    fn bytes<T: DerefMut + Deref<Target = [u8]> + Eq + Debug>() {}
    bytes::<Message>();
    fn becomes<M, T: Into<M>>() {}
    becomes::<Message, &[u8]>();
    becomes::<Message, Vec<u8>>();
    becomes::<Message, &Vec<u8>>();
    becomes::<Message, Box<[u8]>>();
    becomes::<Message, &str>();
    becomes::<Message, &&str>();
    becomes::<Message, &String>();
    becomes::<io::Error, Error>();
    becomes::<EncodeError, FromUtf8Error>();
    becomes::<DecodeError, NulError>();
    fn sends<T: Sendable>() {}
    sends::<&str>();
    sends::<Message>();
    #[cfg(unix)]
    {
        fn descriptor<T: std::os::fd::AsRawFd>() {}
        descriptor::<Socket>();
    }
}
