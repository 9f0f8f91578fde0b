//! Endpoints are checked here where libzmq would take a wrong one for another.

use std::ffi::{CStr, CString};

use super::types::SocketKind;
use crate::error::{Error, ErrorKind, Result};
use crate::library::Capability;

/// Where libzmq asks for authentication (RFC 27).
pub(crate) const ZAP: &str = "inproc://zeromq.zap.01";

/// The most bytes of an endpoint that becomes an HTTP request, for which libzmq has 8 KiB.
const LONGEST_WEB: usize = 4096;

/// The endpoint as C wants it.
pub(super) fn checked(call: &'static str, endpoint: &str) -> Result<CString> {
    let refuse = |reason| {
        Error::own(call, ErrorKind::InvalidInput)
            .on(endpoint)
            .because(reason)
    };
    let Ok(text) = CString::new(endpoint) else {
        return Err(Error::own(call, ErrorKind::InvalidInput)
            .on(endpoint.escape_default())
            .because("an endpoint cannot contain a NUL"));
    };
    let Some((transport, address)) = endpoint.split_once("://") else {
        return Err(refuse("an endpoint is transport://address"));
    };
    if address.is_empty() {
        return Err(refuse("the address is empty"));
    }
    if is_web(endpoint) && endpoint.len() > LONGEST_WEB {
        return Err(refuse(
            "too long: libzmq aborts the process when a request does not fit its buffer",
        ));
    }
    if matches!(transport, "tcp" | "udp" | "ws" | "wss") {
        // A `source;destination` of connect has two ports.
        for part in address.split(';') {
            if !is_port_valid(part, transport) {
                return Err(refuse(
                    "a port is a number from 0 to 65535, or * for any that is free",
                ));
            }
        }
    }
    Ok(text)
}

/// libzmq cuts any number to 16 bits, so that 99999 would quietly be 34463.
fn is_port_valid(address: &str, transport: &str) -> bool {
    // ws:// and wss:// go on with a path behind the port.
    let address = match transport {
        "ws" | "wss" => address.split('/').next().unwrap_or(address),
        _ => address,
    };
    let Some((_, port)) = address.rsplit_once(':') else {
        return false;
    };
    matches!(port, "*" | "!")
        || (port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

/// Anything but a REP, ROUTER or SERVER at the authenticator's place makes libzmq abort at the next
/// handshake.
pub(super) fn check_zap(endpoint: &str, kind: SocketKind) -> Result<()> {
    if endpoint == ZAP
        && !matches!(
            kind,
            SocketKind::Rep | SocketKind::Router | SocketKind::Server
        )
    {
        return Err(Error::own("zmq_bind", ErrorKind::IncompatibleProtocol)
            .on(endpoint)
            .because("only a REP, ROUTER or SERVER can be the authenticator"));
    }
    Ok(())
}

/// Whether the transport is that of WebSockets.
pub(super) fn is_web(endpoint: &str) -> bool {
    endpoint.starts_with("ws://") || endpoint.starts_with("wss://")
}

/// Whether a bind asks for the machine's interfaces, for which it needs a descriptor: without one libzmq
/// aborts.
pub(super) fn resolves(endpoint: &str) -> bool {
    endpoint.starts_with("tcp://") || is_web(endpoint)
}

/// What no socket is bound or connected to. libzmq aborts the process when a multicast transport cannot
/// be set up, on an I/O thread and after the call has returned, and at a packet that it does not expect,
/// which anybody on the network can send.
pub(super) fn check_multicast(call: &'static str, endpoint: &str) -> Result<()> {
    let Some(("pgm" | "epgm" | "norm", _)) = endpoint.split_once("://") else {
        return Ok(());
    };
    if let Some(capability) = Capability::of_transport(endpoint) {
        capability.needed(call, endpoint)?;
    }
    Err(Error::own(call, ErrorKind::NotSupported)
        .on(endpoint)
        .because("libzmq's multicast aborts the process at what it does not expect"))
}

/// A STREAM whose peer does not talk plain bytes makes libzmq abort at that peer's first message of
/// several frames.
pub(super) fn check_transport(call: &'static str, endpoint: &str, kind: SocketKind) -> Result<()> {
    let transport = endpoint.split_once("://").map(|(transport, _)| transport);
    if kind == SocketKind::Stream && matches!(transport, Some("inproc" | "ws" | "wss")) {
        return Err(Error::own(call, ErrorKind::IncompatibleProtocol)
            .on(endpoint)
            .because("a STREAM talks plain bytes, which this transport does not carry"));
    }
    Ok(())
}

/// What libzmq's draft types must not be bound or connected to.
///
/// Over inproc a socket takes the other's lock under its own, to tell it of a message, and two that
/// both have locks wait for each other at the first occasion; a DISH, besides, sends to a socket of
/// any type what makes that one abort. Over udp, an over-long message to be sent runs over a buffer
/// of 8 KiB, and a datagram whose first byte is above 127 makes a DISH abort the process.
pub(super) fn check_draft(call: &'static str, endpoint: &str, kind: SocketKind) -> Result<()> {
    if !kind.is_draft() {
        return Ok(());
    }
    let reason = match endpoint.split_once("://") {
        Some(("inproc", _)) if call != "zmq_bind" || endpoint != ZAP => {
            "two sockets of draft types would block each other over inproc"
        }
        Some(("udp", _)) => "libzmq's udp aborts the process at a datagram it does not expect",
        _ => return Ok(()),
    };
    Err(Error::own(call, ErrorKind::IncompatibleProtocol)
        .on(endpoint)
        .because(reason))
}

/// The name of an inproc endpoint.
pub(super) fn inproc_name(endpoint: &CStr) -> Option<&str> {
    endpoint.to_str().ok()?.strip_prefix("inproc://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_outside_16_bits_are_refused() {
        for good in [
            "tcp://*:*",
            "tcp://lo:!",
            "tcp://[::1]:0",
            "tcp://127.0.0.1:65535",
        ] {
            assert!(checked("zmq_bind", good).is_ok(), "{good}");
        }
        assert!(checked("zmq_connect", "tcp://127.0.0.1:0;localhost:5555").is_ok());
        assert!(checked("zmq_bind", "ws://127.0.0.1:80/path:x").is_ok());
        for bad in [
            "tcp://*:65536",
            "tcp://*:99999",
            "tcp://*:-1",
            "tcp://*:12x",
            "tcp://*:",
            "tcp://*",
            "tcp://*:+1",
            "tcp://1.1.1.1:99999;localhost:1",
            "",
            "tcp",
            "tcp://",
            "inproc://",
        ] {
            let error = checked("zmq_bind", bad).unwrap_err();
            assert_eq!(
                (error.kind(), error.subject()),
                (ErrorKind::InvalidInput, Some(bad))
            );
        }
    }

    #[test]
    fn a_nul_is_shown_escaped() {
        let error = checked("zmq_connect", "inproc://a\0b").unwrap_err();
        assert_eq!(error.subject(), Some(r"inproc://a\u{0}b"));
    }
}
