//! Errors: an errno each.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{LazyLock, Mutex, PoisonError};

use zmq_sys::errno;

/// The result of the calls of this crate.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! errors {
    ($($name:ident $(or $alias:ident)?),* $(,)?) => {
        /// Why a call failed: the errno of libzmq.
        #[derive(Clone, Copy, Eq, PartialEq)]
        pub enum Error {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                $name,
            )*
            /// An errno that has no name here, which rust-zmq panics at.
            Other(i32),
        }

        impl Error {
            /// The errno.
            pub fn to_raw(self) -> i32 {
                match self {
                    $(Error::$name => errno::$name,)*
                    Error::Other(raw) => raw,
                }
            }

            /// The error for an errno.
            pub fn from_raw(raw: i32) -> Error {
                match raw {
                    $(errno::$name => Error::$name,)*
                    // Where the platform has no number of its own.
                    $($(errno::$alias => Error::$name,)?)*
                    other => Error::Other(other),
                }
            }
        }
    };
}

errors! {
    EACCES, EADDRINUSE or EADDRINUSE_ALT, EAGAIN, EBUSY, ECONNREFUSED or ECONNREFUSED_ALT, EFAULT, EINTR,
    EHOSTUNREACH, EINPROGRESS or EINPROGRESS_ALT, EINVAL, EMFILE, EMSGSIZE or EMSGSIZE_ALT,
    ENAMETOOLONG, ENODEV, ENOENT, ENOMEM, ENOTCONN, ENOTSOCK or ENOTSOCK_ALT, EPROTO,
    EPROTONOSUPPORT or EPROTONOSUPPORT_ALT, ENOTSUP or ENOTSUP_ALT, ENOBUFS or ENOBUFS_ALT,
    ENETDOWN or ENETDOWN_ALT, EADDRNOTAVAIL or EADDRNOTAVAIL_ALT, EFSM, ENOCOMPATPROTO, ETERM, EMTHREAD,
}

impl Error {
    /// What libzmq says about the errno.
    pub fn message(self) -> &'static str {
        // libzmq's own text may stand in a buffer that the next question overwrites. One copy of each
        // is kept for good.
        static TEXTS: LazyLock<Mutex<HashMap<i32, &'static str>>> = LazyLock::new(Mutex::default);
        let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        texts.entry(self.to_raw()).or_insert_with_key(|&raw| {
            let text = safe::ErrorKind::Other(raw).to_string();
            Box::leak(text.into_boxed_str())
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// The text, as `Display` gives it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {
    fn description(&self) -> &str {
        self.message()
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error {
            Error::ENOENT => io::ErrorKind::NotFound,
            Error::EACCES => io::ErrorKind::PermissionDenied,
            Error::ECONNREFUSED => io::ErrorKind::ConnectionRefused,
            Error::ENOTCONN => io::ErrorKind::NotConnected,
            Error::EADDRINUSE => io::ErrorKind::AddrInUse,
            Error::EADDRNOTAVAIL => io::ErrorKind::AddrNotAvailable,
            Error::EAGAIN => io::ErrorKind::WouldBlock,
            Error::EINVAL => io::ErrorKind::InvalidInput,
            Error::EINTR => io::ErrorKind::Interrupted,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

/// Keeps the errno alone.
impl From<safe::Error> for Error {
    fn from(error: safe::Error) -> Error {
        Error::from_raw(error.errno())
    }
}
