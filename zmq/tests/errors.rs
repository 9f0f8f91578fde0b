//! Errors: their kinds, texts and conversions; each names its call and what it was about.

mod common;

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use common::{connected_over, context_and};
use zmq::{Capability, Error, ErrorKind, Message, SendError};

// ---- conversions and texts -------------------------------------------------------------------------

fn refused_send() -> Result<(), SendError<Message>> {
    context_and(zmq::PUSH).1.try_send(Message::from("precious"))
}

fn wrong_shape() -> Result<(), zmq::RecvError> {
    let (_context, pull, push) = connected_over("inproc://shape", zmq::PULL, zmq::PUSH);
    push.send_multipart(["a", "b"]).unwrap();
    pull.recv().map(drop)
}

fn refused_bind() -> zmq::Result<()> {
    context_and(zmq::PULL).1.bind("tcp://127.0.0.1:99999")
}

fn still_open() -> Result<(), zmq::StillOpen> {
    let (context, _socket) = context_and(zmq::PULL);
    context.terminate_timeout(Duration::ZERO)
}

#[test]
fn every_error_becomes_a_zmq_error_by_question_mark() {
    fn send() -> zmq::Result<()> {
        Ok(refused_send()?)
    }
    fn receive() -> zmq::Result<()> {
        Ok(wrong_shape()?)
    }
    fn terminate() -> zmq::Result<()> {
        Ok(still_open()?)
    }
    assert_eq!(send().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(receive().unwrap_err().kind(), ErrorKind::PartCount);
    assert_eq!(terminate().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn every_error_becomes_an_io_error_by_question_mark_and_stays_inside() {
    fn send() -> io::Result<()> {
        Ok(refused_send()?)
    }
    fn receive() -> io::Result<()> {
        Ok(wrong_shape()?)
    }
    fn bind() -> io::Result<()> {
        Ok(refused_bind()?)
    }
    for (error, kind, inner) in [
        (send(), io::ErrorKind::WouldBlock, ErrorKind::WouldBlock),
        (receive(), io::ErrorKind::InvalidData, ErrorKind::PartCount),
        (bind(), io::ErrorKind::InvalidInput, ErrorKind::InvalidInput),
    ] {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind);
        let source = error.get_ref().unwrap().downcast_ref::<Error>().unwrap();
        assert_eq!(source.kind(), inner);
        assert_eq!(error.to_string(), source.to_string());
    }
}

#[test]
fn every_error_becomes_a_boxed_error_by_question_mark() {
    type Boxed = Box<dyn StdError + Send + Sync>;
    fn send() -> Result<(), Boxed> {
        Ok(refused_send()?)
    }
    fn receive() -> Result<(), Boxed> {
        Ok(wrong_shape()?)
    }
    fn bind() -> Result<(), Boxed> {
        Ok(refused_bind()?)
    }
    fn terminate() -> Result<(), Boxed> {
        Ok(still_open()?)
    }
    let error = send().unwrap_err();
    let error = error.downcast::<SendError>().unwrap();
    assert_eq!(error.message, "precious", "the message is still in the box");
    let error = receive().unwrap_err().downcast::<zmq::RecvError>().unwrap();
    assert_eq!(error.into_multipart().unwrap(), ["a", "b"]);
    assert!(bind().unwrap_err().is::<Error>());
    assert!(terminate().unwrap_err().is::<zmq::StillOpen>());
}

#[test]
fn kinds_map_to_those_of_std() {
    for (kind, expected) in [
        (ErrorKind::WouldBlock, io::ErrorKind::WouldBlock),
        (ErrorKind::Interrupted, io::ErrorKind::Interrupted),
        (ErrorKind::Terminated, io::ErrorKind::Other),
        (ErrorKind::InvalidState, io::ErrorKind::Other),
        (ErrorKind::HostUnreachable, io::ErrorKind::HostUnreachable),
        (ErrorKind::InvalidInput, io::ErrorKind::InvalidInput),
        (ErrorKind::NameTooLong, io::ErrorKind::InvalidInput),
        (ErrorKind::AddressInUse, io::ErrorKind::AddrInUse),
        (
            ErrorKind::AddressNotAvailable,
            io::ErrorKind::AddrNotAvailable,
        ),
        (ErrorKind::NotFound, io::ErrorKind::NotFound),
        (ErrorKind::NoDevice, io::ErrorKind::NotFound),
        (ErrorKind::PermissionDenied, io::ErrorKind::PermissionDenied),
        (ErrorKind::ProtocolNotSupported, io::ErrorKind::Unsupported),
        (ErrorKind::IncompatibleProtocol, io::ErrorKind::Unsupported),
        (ErrorKind::NotSupported, io::ErrorKind::Unsupported),
        (
            ErrorKind::MissingCapability(Capability::Pgm),
            io::ErrorKind::Unsupported,
        ),
        (ErrorKind::LibraryTooOld, io::ErrorKind::Unsupported),
        (ErrorKind::TooManyOpen, io::ErrorKind::Other),
        (ErrorKind::OutOfMemory, io::ErrorKind::OutOfMemory),
        (ErrorKind::PartCount, io::ErrorKind::InvalidData),
        (ErrorKind::UnexpectedMessage, io::ErrorKind::InvalidData),
        (ErrorKind::Dropped, io::ErrorKind::ConnectionReset),
        (ErrorKind::Truncated, io::ErrorKind::UnexpectedEof),
        (ErrorKind::Forked, io::ErrorKind::Other),
        (ErrorKind::Other(libc::ETIMEDOUT), io::ErrorKind::TimedOut),
    ] {
        assert_eq!(io::ErrorKind::from(kind), expected, "{kind:?}");
    }
}

#[test]
fn every_kind_says_something_of_its_own() {
    let kinds = [
        ErrorKind::WouldBlock,
        ErrorKind::Interrupted,
        ErrorKind::Terminated,
        ErrorKind::InvalidState,
        ErrorKind::HostUnreachable,
        ErrorKind::InvalidInput,
        ErrorKind::AddressInUse,
        ErrorKind::AddressNotAvailable,
        ErrorKind::NotFound,
        ErrorKind::NoDevice,
        ErrorKind::PermissionDenied,
        ErrorKind::ProtocolNotSupported,
        ErrorKind::IncompatibleProtocol,
        ErrorKind::NotSupported,
        ErrorKind::MissingCapability(Capability::Curve),
        ErrorKind::MissingCapability(Capability::Wss),
        ErrorKind::LibraryTooOld,
        ErrorKind::NoIoThread,
        ErrorKind::TooManyOpen,
        ErrorKind::OutOfMemory,
        ErrorKind::NameTooLong,
        ErrorKind::NotASocket,
        ErrorKind::BadAddress,
        ErrorKind::PartCount,
        ErrorKind::UnexpectedMessage,
        ErrorKind::Dropped,
        ErrorKind::Truncated,
        ErrorKind::Forked,
        ErrorKind::Other(libc::ENOSPC),
        ErrorKind::Other(987_654),
    ];
    let texts: std::collections::HashSet<String> = kinds.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), kinds.len());
    assert!(texts.iter().all(|text| !text.is_empty()));
}

#[test]
fn texts_name_the_call_and_what_it_was_about() {
    let error = refused_bind().unwrap_err();
    assert_eq!(error.call(), "zmq_bind");
    assert_eq!(error.subject(), Some("tcp://127.0.0.1:99999"));
    assert_eq!(
        error.to_string(),
        "zmq_bind(tcp://127.0.0.1:99999): invalid argument: a port is a number from 0 to 65535, or * for any that is free"
    );
    assert_eq!(
        format!("{error:?}"),
        "Error { call: \"zmq_bind\", kind: InvalidInput, errno: 22, subject: \"tcp://127.0.0.1:99999\", reason: \"a port is a number from 0 to 65535, or * for any that is free\" }"
    );

    let error = refused_send().unwrap_err();
    assert_eq!(
        error.to_string(),
        "zmq_msg_send: operation would block or timed out"
    );
    assert!(format!("{error:?}").contains("WouldBlock"));
    assert!(
        !format!("{error:?}").contains("precious"),
        "a log does not tell what was to be sent"
    );
    assert_eq!(error.error.subject(), None);

    let error = wrong_shape().unwrap_err();
    assert_eq!(
        error.to_string(),
        "zmq_msg_recv(1 wanted, 2 came): message has another number of parts"
    );
    assert!(format!("{error:?}").contains(r#"b"a""#));

    let error = Error::from(still_open().unwrap_err());
    assert_eq!(error.call(), "zmq_ctx_term");
    let what = error.subject().unwrap();
    assert!(
        what.starts_with("still open: 1 sockets, 0 handles: "),
        "{what}"
    );

    let (_context, socket) = context_and(zmq::PULL);
    let error = socket.unbind("tcp://127.0.0.1:5555").unwrap_err();
    assert_eq!(
        error.to_string(),
        "zmq_unbind(tcp://127.0.0.1:5555): no such endpoint"
    );
    let error = socket.set_sndhwm(u32::MAX).unwrap_err();
    assert_eq!(error.call(), "zmq_setsockopt");
    assert_eq!(error.subject(), Some("ZMQ_SNDHWM"));
}

#[test]
fn errors_clone_and_compare() {
    let error = refused_bind().unwrap_err();
    assert_eq!(error.clone(), error);
    assert_ne!(error, Error::from(refused_send().unwrap_err()));
    assert_eq!(refused_send(), refused_send());
    assert_eq!(wrong_shape(), wrong_shape());
}

#[test]
fn errno_is_what_c_would_have_seen() {
    let (context, socket) = context_and(zmq::PULL);
    assert_eq!(refused_send().unwrap_err().error.errno(), libc::EAGAIN);
    assert_eq!(refused_bind().unwrap_err().errno(), libc::EINVAL);
    let error = socket.bind("udp://127.0.0.1:5555").unwrap_err();
    assert_eq!(error.errno(), zmq_sys::ENOCOMPATPROTO);
    let error = socket.bind("nonsense://address").unwrap_err();
    assert_eq!(error.errno(), zmq_sys::EPROTONOSUPPORT);
    let error = socket.unbind("inproc://nowhere").unwrap_err();
    assert_eq!(error.errno(), libc::ENOENT);
    let (_context, requester) = context_and(zmq::REQ);
    let error = requester.recv().unwrap_err();
    assert_eq!(error.error().errno(), zmq_sys::EFSM);
    let (_context, router) = context_and(zmq::ROUTER);
    router.set_router_mandatory(true).unwrap();
    let error = router.send_to("nobody", "body").unwrap_err();
    assert_eq!(error.error.errno(), zmq_sys::EHOSTUNREACH);
    context.shutdown().unwrap();
    let error = socket.recv_multipart().unwrap_err();
    assert_eq!(error.errno(), zmq_sys::ETERM);
    let error = context.socket(zmq::PULL).unwrap_err();
    assert_eq!(error.errno(), zmq_sys::ETERM);
}

#[test]
fn a_refusal_of_this_crate_has_the_errno_of_its_kind() {
    let (_context, socket) = context_and(zmq::PULL);
    let own = socket.bind("inproc://zeromq.zap.01").unwrap_err();
    let libzmqs = socket.bind("udp://127.0.0.1:5555").unwrap_err();
    assert_eq!(own.kind(), libzmqs.kind());
    assert_eq!(own.errno(), libzmqs.errno());
}
