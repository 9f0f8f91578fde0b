//! What the libzmq in use is and can do.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::library;

/// The version of the libzmq that runs, as `(major, minor, patch)` (`zmq_version(3)`).
///
/// It need not be the one of the build. Which faults of which version are known is in
/// [the guide](crate::guide::security#versions-of-libzmq).
///
/// ```
/// assert!(zmq::version() >= (4, 3, 4));
/// ```
#[doc(alias = "zmq_version")]
#[doc(alias = "ZMQ_VERSION")]
#[doc(alias = "ZMQ_VERSION_MAJOR")]
#[doc(alias = "ZMQ_VERSION_MINOR")]
#[doc(alias = "ZMQ_VERSION_PATCH")]
#[doc(alias = "ZMQ_MAKE_VERSION")]
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
/// Asking for what is not there gives an error of kind
/// [`MissingCapability`](crate::ErrorKind::MissingCapability), which says what has it.
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

impl Capability {
    /// What an error about a libzmq without it says.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Capability::Ipc => {
                "libzmq has it on every POSIX system, and on Windows where it was built with AF_UNIX"
            }
            Capability::Pgm => "a libzmq built with OpenPGM (`--with-pgm`) has it",
            Capability::Tipc => "a libzmq built on Linux with the headers of TIPC has it",
            Capability::Norm => "a libzmq built with NORM (`--with-norm`) has it",
            Capability::Curve => {
                "a libzmq built with libsodium has it, and so has the bundled one with the features \
                 `vendored` and `curve`"
            }
            Capability::Gssapi => "a libzmq built with Kerberos (`--with-libgssapi_krb5`) has it",
            Capability::Vmci => "a libzmq built with the VMCI library has it",
            Capability::Draft => {
                "a libzmq built with `--enable-drafts` has it, and so has the bundled one with the \
                 features `vendored` and `draft`; this crate needs its feature `draft` as well"
            }
            Capability::Ws => "a libzmq built with WebSockets (`ENABLE_WS`) has it",
            Capability::Wss => "a libzmq built with WebSockets and GnuTLS has it",
            Capability::Vsock => "a libzmq newer than 4.3.5, built on Linux, has it",
        }
    }

    /// An error unless this libzmq has it; `subject` is what was asked for.
    pub(crate) fn needed(self, call: &'static str, subject: impl fmt::Display) -> Result<()> {
        if has(self) {
            return Ok(());
        }
        Err(Error::own(call, ErrorKind::MissingCapability(self))
            .on(subject)
            .because(self.remedy()))
    }

    /// The capability that the transport of an endpoint takes, if it is not always there.
    pub(crate) fn of_transport(endpoint: &str) -> Option<Capability> {
        let (transport, _) = endpoint.split_once("://")?;
        Some(match transport {
            "ipc" => Capability::Ipc,
            "pgm" | "epgm" => Capability::Pgm,
            "tipc" => Capability::Tipc,
            "norm" => Capability::Norm,
            "vmci" => Capability::Vmci,
            "ws" => Capability::Ws,
            "wss" => Capability::Wss,
            "vsock" => Capability::Vsock,
            _ => return None,
        })
    }

    /// The capability that a socket option takes, if it is not in every libzmq.
    pub(crate) fn of_option(name: &str) -> Option<Capability> {
        let subject = name.strip_prefix("ZMQ_")?;
        let of_subject = |(prefix, capability)| subject.starts_with(prefix).then_some(capability);
        [
            ("CURVE_", Capability::Curve),
            ("GSSAPI_", Capability::Gssapi),
            ("VMCI_", Capability::Vmci),
            ("NORM_", Capability::Norm),
            ("WSS_", Capability::Wss),
        ]
        .into_iter()
        .find_map(of_subject)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_takes_the_capability_of_its_name() {
        for (transport, capability) in [
            ("ipc", Capability::Ipc),
            ("pgm", Capability::Pgm),
            ("epgm", Capability::Pgm),
            ("tipc", Capability::Tipc),
            ("norm", Capability::Norm),
            ("vmci", Capability::Vmci),
            ("ws", Capability::Ws),
            ("wss", Capability::Wss),
            ("vsock", Capability::Vsock),
        ] {
            let endpoint = format!("{transport}://somewhere");
            assert_eq!(Capability::of_transport(&endpoint), Some(capability));
        }
        for endpoint in ["tcp://ws:1", "inproc://ipc", "udp://1:1", "ipc", ""] {
            assert_eq!(Capability::of_transport(endpoint), None, "{endpoint}");
        }
    }

    #[test]
    fn an_option_takes_the_capability_that_its_name_begins_with() {
        for (option, capability) in [
            ("ZMQ_CURVE_SERVER", Some(Capability::Curve)),
            ("ZMQ_GSSAPI_SERVER", Some(Capability::Gssapi)),
            ("ZMQ_VMCI_BUFFER_SIZE", Some(Capability::Vmci)),
            ("ZMQ_NORM_MODE", Some(Capability::Norm)),
            ("ZMQ_WSS_KEY_PEM", Some(Capability::Wss)),
            ("ZMQ_LINGER", None),
            ("ZMQ_PLAIN_SERVER", None),
        ] {
            assert_eq!(Capability::of_option(option), capability, "{option}");
        }
    }

    #[test]
    fn what_is_missing_is_an_error_and_what_is_there_is_none() {
        for capability in [Capability::Ipc, Capability::Curve, Capability::Vmci] {
            let needed = capability.needed("zmq_bind", "endpoint");
            assert_eq!(needed.is_ok(), has(capability), "{capability}");
            if let Err(error) = needed {
                assert_eq!(error.kind(), ErrorKind::MissingCapability(capability));
                assert_eq!(error.subject(), Some("endpoint"));
            }
        }
    }
}
