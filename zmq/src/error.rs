//! Errors: which call failed, on what, and why.

use std::fmt;
use std::io;

use libc::c_int;

use crate::ffi::{Errno, library};
use crate::library::Capability;
use crate::message::Message;
use crate::multipart::Multipart;

/// The result of most calls in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed call: the name libzmq gives it, what it was asked where that helps, and why it failed.
///
/// ```
/// let context = zmq::Context::new()?;
/// let error = context.socket(zmq::PULL)?.bind("tcp://127.0.0.1:99999").unwrap_err();
/// assert_eq!(error.kind(), zmq::ErrorKind::InvalidInput);
/// assert_eq!(error.call(), "zmq_bind");
/// assert_eq!(error.subject(), Some("tcp://127.0.0.1:99999"));
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_strerror")]
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    call: &'static str,
    kind: ErrorKind,
    errno: c_int,
    detail: Option<Box<Detail>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Detail {
    subject: Option<Box<str>>,
    reason: Option<&'static str>,
}

/// Why a call failed. New kinds may come, and any errno has a place: [`Other`](ErrorKind::Other).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
// A word: of less, results with an error are copied as that much and an odd rest, which the processor waits for.
#[repr(usize)]
pub enum ErrorKind {
    /// `EAGAIN`: the call would block, or its time ran out.
    #[doc(alias = "EAGAIN")]
    WouldBlock,
    /// `EINTR`: a signal arrived before anything happened. Nothing is lost; call again or stop.
    #[doc(alias = "EINTR")]
    Interrupted,
    /// `ETERM`: the context was shut down or terminated.
    #[doc(alias = "ETERM")]
    Terminated,
    /// `EFSM`: not the turn for this call, such as a second send on a REQ.
    #[doc(alias = "EFSM")]
    InvalidState,
    /// `EHOSTUNREACH`: no peer with that routing id.
    #[doc(alias = "EHOSTUNREACH")]
    HostUnreachable,
    /// `EINVAL`: an argument, endpoint or option value that cannot be.
    #[doc(alias = "EINVAL")]
    InvalidInput,
    /// `EADDRINUSE`: the endpoint is bound already.
    #[doc(alias = "EADDRINUSE")]
    AddressInUse,
    /// `EADDRNOTAVAIL`: the address is not one of this machine.
    #[doc(alias = "EADDRNOTAVAIL")]
    AddressNotAvailable,
    /// `ENOENT`: the endpoint is not bound or connected here.
    #[doc(alias = "ENOENT")]
    NotFound,
    /// `ENODEV`: no such network interface.
    #[doc(alias = "ENODEV")]
    NoDevice,
    /// `EACCES`, `EPERM`: the operating system refused.
    #[doc(alias = "EACCES")]
    #[doc(alias = "EPERM")]
    PermissionDenied,
    /// `EPROTONOSUPPORT`: this libzmq does not have the transport.
    #[doc(alias = "EPROTONOSUPPORT")]
    ProtocolNotSupported,
    /// `ENOCOMPATPROTO`: the transport does not go with the socket type.
    #[doc(alias = "ENOCOMPATPROTO")]
    IncompatibleProtocol,
    /// `ENOTSUP`: this libzmq, or this socket type, does not offer the operation.
    #[doc(alias = "ENOTSUP")]
    NotSupported,
    /// This libzmq was built without that capability. The error says which build has it.
    MissingCapability(Capability),
    /// The libzmq that the program met when it started is older than 4.3.4. Older ones have known
    /// vulnerabilities: see [`guide::security`](crate::guide::security#versions-of-libzmq).
    LibraryTooOld,
    /// `EMTHREAD`: the context has no I/O thread (`set_io_threads(0)`), and the transport needs one.
    #[doc(alias = "EMTHREAD")]
    NoIoThread,
    /// `EMFILE`, `ENFILE`: no more sockets (`set_max_sockets`) or file descriptors.
    #[doc(alias = "EMFILE")]
    #[doc(alias = "ENFILE")]
    TooManyOpen,
    /// `ENOMEM`: out of memory.
    #[doc(alias = "ENOMEM")]
    OutOfMemory,
    /// `ENAMETOOLONG`: the path or name is too long.
    #[doc(alias = "ENAMETOOLONG")]
    NameTooLong,
    /// `ENOTSOCK`: the handle is no socket.
    #[doc(alias = "ENOTSOCK")]
    NotASocket,
    /// `EFAULT`: the handle is not valid.
    #[doc(alias = "EFAULT")]
    BadAddress,
    /// The message does not have the number of parts that was asked for. The error that carries
    /// this kind also carries the message.
    PartCount,
    /// A message came that is not what was asked for, such as one that a user of an XSUB sent to an
    /// XPUB where a subscription was expected. The error that carries this kind also carries the
    /// message.
    UnexpectedMessage,
    /// libzmq had taken the message, or its first parts, and then dropped it, because the peer
    /// went away in the middle. It was not sent and cannot be given back.
    Dropped,
    /// The rest of a multipart message did not come. What had come is dropped with it.
    Truncated,
    /// The context or socket was made before a `fork`, in the parent process.
    Forked,
    /// Code of the caller's that this crate called, a callback or an actor's body, panicked.
    Panicked,
    /// There is no async runtime here, or it lacks its event loop, or it was shut down.
    NoRuntime,
    /// An errno that has no name above.
    Other(c_int),
}

impl ErrorKind {
    fn of(errno: c_int) -> ErrorKind {
        match errno {
            libc::EAGAIN => ErrorKind::WouldBlock,
            libc::EINTR => ErrorKind::Interrupted,
            zmq_sys::ETERM => ErrorKind::Terminated,
            zmq_sys::EFSM => ErrorKind::InvalidState,
            zmq_sys::EHOSTUNREACH => ErrorKind::HostUnreachable,
            libc::EINVAL => ErrorKind::InvalidInput,
            zmq_sys::EADDRINUSE => ErrorKind::AddressInUse,
            zmq_sys::EADDRNOTAVAIL => ErrorKind::AddressNotAvailable,
            libc::ENOENT => ErrorKind::NotFound,
            libc::ENODEV => ErrorKind::NoDevice,
            libc::EACCES | libc::EPERM => ErrorKind::PermissionDenied,
            zmq_sys::EPROTONOSUPPORT => ErrorKind::ProtocolNotSupported,
            zmq_sys::ENOCOMPATPROTO => ErrorKind::IncompatibleProtocol,
            zmq_sys::ENOTSUP => ErrorKind::NotSupported,
            zmq_sys::EMTHREAD => ErrorKind::NoIoThread,
            libc::EMFILE | libc::ENFILE => ErrorKind::TooManyOpen,
            libc::ENOMEM => ErrorKind::OutOfMemory,
            libc::ENAMETOOLONG => ErrorKind::NameTooLong,
            zmq_sys::ENOTSOCK => ErrorKind::NotASocket,
            libc::EFAULT => ErrorKind::BadAddress,
            other => ErrorKind::Other(other),
        }
    }

    /// The errno that stands for a kind this crate made itself.
    fn errno(self) -> c_int {
        match self {
            ErrorKind::WouldBlock => libc::EAGAIN,
            ErrorKind::Interrupted => libc::EINTR,
            ErrorKind::Terminated => zmq_sys::ETERM,
            ErrorKind::InvalidState => zmq_sys::EFSM,
            ErrorKind::HostUnreachable => zmq_sys::EHOSTUNREACH,
            ErrorKind::InvalidInput => libc::EINVAL,
            ErrorKind::AddressInUse => zmq_sys::EADDRINUSE,
            ErrorKind::AddressNotAvailable => zmq_sys::EADDRNOTAVAIL,
            ErrorKind::NotFound => libc::ENOENT,
            ErrorKind::NoDevice => libc::ENODEV,
            ErrorKind::PermissionDenied => libc::EACCES,
            ErrorKind::ProtocolNotSupported => zmq_sys::EPROTONOSUPPORT,
            ErrorKind::IncompatibleProtocol => zmq_sys::ENOCOMPATPROTO,
            ErrorKind::NotSupported => zmq_sys::ENOTSUP,
            ErrorKind::MissingCapability(_) | ErrorKind::LibraryTooOld => zmq_sys::ENOTSUP,
            ErrorKind::NoIoThread => zmq_sys::EMTHREAD,
            ErrorKind::TooManyOpen => libc::EMFILE,
            ErrorKind::OutOfMemory => libc::ENOMEM,
            ErrorKind::NameTooLong => libc::ENAMETOOLONG,
            ErrorKind::NotASocket => zmq_sys::ENOTSOCK,
            ErrorKind::BadAddress => libc::EFAULT,
            ErrorKind::PartCount => zmq_sys::EMSGSIZE,
            ErrorKind::UnexpectedMessage => libc::EPROTO,
            ErrorKind::Dropped => zmq_sys::ECONNRESET,
            ErrorKind::Truncated => zmq_sys::ECONNABORTED,
            ErrorKind::Forked => libc::ECHILD,
            ErrorKind::Panicked => libc::ECANCELED,
            ErrorKind::NoRuntime => libc::ENXIO,
            ErrorKind::Other(errno) => errno,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ErrorKind::WouldBlock => "operation would block or timed out",
            ErrorKind::Interrupted => "interrupted by a signal",
            ErrorKind::Terminated => "context was terminated",
            ErrorKind::InvalidState => "operation cannot be accomplished in current state",
            ErrorKind::HostUnreachable => "no peer with this routing id",
            ErrorKind::InvalidInput => "invalid argument",
            ErrorKind::AddressInUse => "address already in use",
            ErrorKind::AddressNotAvailable => "address not available on this machine",
            ErrorKind::NotFound => "no such endpoint",
            ErrorKind::NoDevice => "no such network interface",
            ErrorKind::PermissionDenied => "permission denied",
            ErrorKind::ProtocolNotSupported => "this libzmq does not have the transport",
            ErrorKind::IncompatibleProtocol => "transport does not go with the socket type",
            ErrorKind::NotSupported => "not supported by this socket type or this libzmq",
            ErrorKind::MissingCapability(capability) => {
                return write!(f, "this libzmq was built without {capability}");
            }
            ErrorKind::LibraryTooOld => "libzmq is too old",
            ErrorKind::NoIoThread => "the context has no I/O thread",
            ErrorKind::TooManyOpen => "too many sockets or open files",
            ErrorKind::OutOfMemory => "out of memory",
            ErrorKind::NameTooLong => "name too long",
            ErrorKind::NotASocket => "handle is not a socket",
            ErrorKind::BadAddress => "handle is not valid",
            ErrorKind::PartCount => "message has another number of parts",
            ErrorKind::UnexpectedMessage => "message is not what was asked for",
            ErrorKind::Dropped => "message was dropped because the peer went away",
            ErrorKind::Truncated => "the rest of the message did not come",
            ErrorKind::Forked => "made before a fork, in the parent process",
            ErrorKind::Panicked => "panicked",
            ErrorKind::NoRuntime => "no async runtime to wait in",
            ErrorKind::Other(errno) => return f.write_str(&library::strerror(*errno)),
        })
    }
}

impl From<ErrorKind> for io::ErrorKind {
    fn from(kind: ErrorKind) -> io::ErrorKind {
        match kind {
            ErrorKind::WouldBlock => io::ErrorKind::WouldBlock,
            ErrorKind::Interrupted => io::ErrorKind::Interrupted,
            ErrorKind::HostUnreachable => io::ErrorKind::HostUnreachable,
            ErrorKind::InvalidInput | ErrorKind::NameTooLong => io::ErrorKind::InvalidInput,
            ErrorKind::AddressInUse => io::ErrorKind::AddrInUse,
            ErrorKind::AddressNotAvailable => io::ErrorKind::AddrNotAvailable,
            ErrorKind::NotFound | ErrorKind::NoDevice => io::ErrorKind::NotFound,
            ErrorKind::PermissionDenied => io::ErrorKind::PermissionDenied,
            ErrorKind::ProtocolNotSupported
            | ErrorKind::IncompatibleProtocol
            | ErrorKind::NotSupported
            | ErrorKind::MissingCapability(_)
            | ErrorKind::LibraryTooOld => io::ErrorKind::Unsupported,
            ErrorKind::OutOfMemory => io::ErrorKind::OutOfMemory,
            ErrorKind::PartCount | ErrorKind::UnexpectedMessage => io::ErrorKind::InvalidData,
            ErrorKind::Dropped => io::ErrorKind::ConnectionReset,
            ErrorKind::Truncated => io::ErrorKind::UnexpectedEof,
            ErrorKind::Other(errno) => io::Error::from_raw_os_error(errno).kind(),
            _ => io::ErrorKind::Other,
        }
    }
}

impl Error {
    /// An error that libzmq reported.
    #[cold]
    pub(crate) fn from_errno(call: &'static str, Errno(errno): Errno) -> Error {
        Error {
            call,
            kind: ErrorKind::of(errno),
            errno,
            detail: None,
        }
    }

    /// An error found before, or instead of, asking libzmq.
    #[cold]
    pub(crate) fn own(call: &'static str, kind: ErrorKind) -> Error {
        Error {
            call,
            kind,
            errno: kind.errno(),
            detail: None,
        }
    }

    /// The same, if it is for want of this capability.
    #[cold]
    pub(crate) fn without(mut self, capability: Capability) -> Error {
        if library::has(capability.name()) {
            return self;
        }
        self.kind = ErrorKind::MissingCapability(capability);
        self.because(capability.remedy())
    }

    /// The same, on this endpoint, option or value.
    #[cold]
    pub(crate) fn on(mut self, subject: impl fmt::Display) -> Error {
        self.detail_mut().subject = Some(subject.to_string().into());
        self
    }

    /// The same, with the rule that was broken.
    #[cold]
    pub(crate) fn because(mut self, reason: &'static str) -> Error {
        self.detail_mut().reason = Some(reason);
        self
    }

    fn detail_mut(&mut self) -> &mut Detail {
        self.detail.get_or_insert_with(|| {
            Box::new(Detail {
                subject: None,
                reason: None,
            })
        })
    }

    /// Why the call failed.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The errno that libzmq gave, or for what this crate refused itself the one that libzmq
    /// would have given (`zmq_errno(3)`).
    #[doc(alias = "zmq_errno")]
    pub fn errno(&self) -> c_int {
        self.errno
    }

    /// The C name of the call that failed, such as `"zmq_bind"`.
    pub fn call(&self) -> &'static str {
        self.call
    }

    /// What the call was about, where there is one: the endpoint, the option, the value.
    pub fn subject(&self) -> Option<&str> {
        self.detail.as_ref()?.subject.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.call)?;
        if let Some(subject) = self.subject() {
            write!(f, "({subject})")?;
        }
        write!(f, ": {}", self.kind)?;
        match self.detail.as_ref().and_then(|detail| detail.reason) {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug
            .field("call", &self.call)
            .field("kind", &self.kind)
            .field("errno", &self.errno);
        if let Some(subject) = self.subject() {
            debug.field("subject", &subject);
        }
        if let Some(reason) = self.detail.as_ref().and_then(|detail| detail.reason) {
            debug.field("reason", &reason);
        }
        debug.finish()
    }
}

impl std::error::Error for Error {}

/// Keeps the kind; the error itself is the source, reached by `get_ref`.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(error.kind.into(), error)
    }
}

/// A send that failed, with the message that was refused.
///
/// For borrowed bytes there is nothing to give back and `M` is `()`. When the
/// [kind](SendError::kind) is [`Dropped`](ErrorKind::Dropped), or the context was terminated in
/// the middle of a multipart message, libzmq had taken parts of it already: then `message` is
/// empty, and sending the empty [`Multipart`] again is an error, not a message.
///
/// `?` turns it into an [`Error`], an [`io::Error`] or a boxed error; the message is then gone.
///
/// ```
/// let context = zmq::Context::new()?;
/// let push = context.socket(zmq::PUSH)?; // nobody is there to take the message
/// let refused = push.try_send(zmq::Message::from("precious")).unwrap_err();
/// assert_eq!(refused.kind(), zmq::ErrorKind::WouldBlock);
/// assert_eq!(refused.message, "precious");
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(PartialEq, Eq)]
pub struct SendError<M = Message> {
    /// What went wrong.
    pub error: Error,
    /// What was refused.
    pub message: M,
}

impl<M> SendError<M> {
    /// Why the send failed.
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    /// The refused message.
    pub fn into_message(self) -> M {
        self.message
    }
}

impl<M> fmt::Debug for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError")
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<M> fmt::Display for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<M> std::error::Error for SendError<M> {}

impl<M> From<SendError<M>> for Error {
    fn from(error: SendError<M>) -> Error {
        error.error
    }
}

impl<M> From<SendError<M>> for io::Error {
    fn from(error: SendError<M>) -> io::Error {
        error.error.into()
    }
}

/// A receive that failed. If a message came that is not of the asked-for shape (kind
/// [`PartCount`](ErrorKind::PartCount)) or nature
/// ([`UnexpectedMessage`](ErrorKind::UnexpectedMessage)), it is here, whole.
///
/// ```
/// let context = zmq::Context::new()?;
/// let (a, b) = (context.socket(zmq::PAIR)?, context.socket(zmq::PAIR)?);
/// a.bind("inproc://shape")?;
/// b.connect("inproc://shape")?;
/// a.send_multipart(["one", "two"])?;
/// let error = b.recv().unwrap_err();
/// assert_eq!(error.kind(), zmq::ErrorKind::PartCount);
/// assert_eq!(error.into_multipart().unwrap(), ["one", "two"]);
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(PartialEq, Eq)]
pub struct RecvError {
    error: Error,
    message: Option<Box<Multipart>>,
}

impl RecvError {
    #[cold]
    pub(crate) fn part_count(call: &'static str, wanted: usize, message: Multipart) -> RecvError {
        let error = Error::own(call, ErrorKind::PartCount)
            .on(format_args!("{wanted} wanted, {} came", message.len()));
        RecvError {
            error,
            message: Some(Box::new(message)),
        }
    }

    #[cold]
    pub(crate) fn unexpected(call: &'static str, message: Multipart) -> RecvError {
        let error = Error::own(call, ErrorKind::UnexpectedMessage);
        RecvError {
            error,
            message: Some(Box::new(message)),
        }
    }

    /// Why the receive failed.
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    /// What went wrong.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// The message that came, if one did.
    pub fn multipart(&self) -> Option<&Multipart> {
        self.message.as_deref()
    }

    /// The message that came, if one did.
    pub fn into_multipart(self) -> Option<Multipart> {
        self.message.map(|message| *message)
    }
}

impl fmt::Debug for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RecvError");
        debug.field("error", &self.error);
        if let Some(message) = &self.message {
            debug.field("message", message);
        }
        debug.finish()
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for RecvError {}

impl From<Error> for RecvError {
    fn from(error: Error) -> RecvError {
        RecvError {
            error,
            message: None,
        }
    }
}

impl From<RecvError> for Error {
    fn from(error: RecvError) -> Error {
        error.error
    }
}

impl From<RecvError> for io::Error {
    fn from(error: RecvError) -> io::Error {
        error.error.into()
    }
}
