//! What the libzmq in use is and can do.

use std::fmt;

use crate::ffi::library;

/// The version of the libzmq that runs, as `(major, minor, patch)` (`zmq_version(3)`).
///
/// ```
/// assert!(zmq::version() >= (4, 3, 4));
/// ```
#[doc(alias = "zmq_version")]
pub fn version() -> (i32, i32, i32) {
    library::version()
}

/// Whether the libzmq that runs was built with `capability` (`zmq_has(3)`).
///
/// ```
/// if !zmq::has(zmq::Capability::Curve) {
///     println!("this libzmq cannot encrypt");
/// }
/// ```
#[doc(alias = "zmq_has")]
pub fn has(capability: Capability) -> bool {
    library::has(capability.name())
}

/// Something that libzmq has or has not, by how it was built.
///
/// The transports `tcp`, `inproc` and `udp` are always there and are no capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// The `ipc://` transport.
    Ipc,
    /// The `pgm://` and `epgm://` transports.
    Pgm,
    /// The `tipc://` transport.
    Tipc,
    /// The `norm://` transport.
    Norm,
    /// The CURVE security mechanism.
    Curve,
    /// The GSSAPI security mechanism.
    Gssapi,
    /// The `vmci://` transport.
    Vmci,
    /// The draft API.
    Draft,
    /// The `ws://` transport.
    Ws,
    /// The `wss://` transport.
    Wss,
    /// The `vsock://` transport.
    Vsock,
}

impl Capability {
    /// The name that libzmq knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Capability::Ipc => "ipc",
            Capability::Pgm => "pgm",
            Capability::Tipc => "tipc",
            Capability::Norm => "norm",
            Capability::Curve => "curve",
            Capability::Gssapi => "gssapi",
            Capability::Vmci => "vmci",
            Capability::Draft => "draft",
            Capability::Ws => "WS",
            Capability::Wss => "WSS",
            Capability::Vsock => "vsock",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
