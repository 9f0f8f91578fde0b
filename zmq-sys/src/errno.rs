//! The error numbers that `zmq_errno` can yield.

use core::ffi::c_int;

use crate::bindings::ZMQ_HAUSNUMERO;

macro_rules! of_zmq {
    ($($(#[$doc:meta])* $name:ident = $offset:literal;)*) => {$(
        $(#[$doc])*
        pub const $name: c_int = ZMQ_HAUSNUMERO + $offset;
    )*};
}

of_zmq! {
    /// The operation does not fit the state the socket is in.
    EFSM = 51;
    /// The protocol does not work with this type of socket.
    ENOCOMPATPROTO = 52;
    /// The context was terminated.
    ETERM = 53;
    /// No I/O thread is available.
    EMTHREAD = 54;
}

// libzmq uses the numbers of the platform, and makes up those that a platform lacks.
macro_rules! of_network {
    ($($(#[$doc:meta])* $name:ident = $offset:literal;)*) => {$(
        $(#[$doc])*
        #[cfg(any(unix, windows))]
        pub const $name: c_int = libc::$name;
        $(#[$doc])*
        #[cfg(not(any(unix, windows)))]
        pub const $name: c_int = ZMQ_HAUSNUMERO + $offset;
    )*};
}

of_network! {
    /// The operation is not supported by this type of socket.
    ENOTSUP = 1;
    /// The transport is not supported.
    EPROTONOSUPPORT = 2;
    /// No buffer space is available.
    ENOBUFS = 3;
    /// The network is down.
    ENETDOWN = 4;
    /// The address is already in use.
    EADDRINUSE = 5;
    /// The address is not one of this host.
    EADDRNOTAVAIL = 6;
    /// The peer refused the connection.
    ECONNREFUSED = 7;
    /// The operation goes on in the background.
    EINPROGRESS = 8;
    /// The handle is not a socket, or not one any more.
    ENOTSOCK = 9;
    /// The message is too long.
    EMSGSIZE = 10;
    /// The family of addresses is not supported.
    EAFNOSUPPORT = 11;
    /// The network cannot be reached.
    ENETUNREACH = 12;
    /// The connection was given up on this side.
    ECONNABORTED = 13;
    /// The peer dropped the connection.
    ECONNRESET = 14;
    /// The socket is not connected.
    ENOTCONN = 15;
    /// The operation took too long.
    ETIMEDOUT = 16;
    /// The peer cannot be reached, or nobody is known under this routing id.
    EHOSTUNREACH = 17;
    /// The network dropped the connection.
    ENETRESET = 18;
}

macro_rules! of_system {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub const $name: c_int = libc::$name;
    )*};
}

of_system! {
    /// Permission is denied.
    EACCES;
    /// The operation would block, or its timeout ran out.
    EAGAIN;
    /// The file descriptor is bad.
    EBADF;
    /// The resource is in use.
    EBUSY;
    /// It exists already.
    EEXIST;
    /// A pointer or a handle is not valid.
    EFAULT;
    /// A signal interrupted the call.
    EINTR;
    /// An argument is not valid.
    EINVAL;
    /// Input or output failed.
    EIO;
    /// The process has too many files or sockets open.
    EMFILE;
    /// A name, such as the path of an `ipc` endpoint, is too long.
    ENAMETOOLONG;
    /// The system has too many files open.
    ENFILE;
    /// There is no such network interface.
    ENODEV;
    /// There is no such endpoint, or no such file.
    ENOENT;
    /// Memory ran out.
    ENOMEM;
    /// The function is not there.
    ENOSYS;
    /// The operation is not permitted.
    EPERM;
    /// The other end is closed.
    EPIPE;
    /// The protocol was violated.
    EPROTO;
}
