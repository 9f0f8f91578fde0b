//! Options of security: the mechanisms NULL, PLAIN, CURVE and GSSAPI, and ZAP.

use libc::c_int;

use super::codec::*;
use super::refused;
use super::text::*;
use crate::curve::{PublicKey, SecretKey};
use crate::error::{Error, ErrorKind, Result};
use crate::socket::endpoint::is_web;
use crate::socket::{Core, Socket, SocketType};

/// How connections are secured (`ZMQ_MECHANISM`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// Not at all.
    #[doc(alias = "ZMQ_NULL")]
    Null,
    /// By a name and a password, in clear text (`zmq_plain(7)`).
    #[doc(alias = "ZMQ_PLAIN")]
    Plain,
    /// By keys on elliptic curves (`zmq_curve(7)`).
    #[doc(alias = "ZMQ_CURVE")]
    Curve,
    /// By Kerberos (`zmq_gssapi(7)`).
    #[doc(alias = "ZMQ_GSSAPI")]
    Gssapi,
    /// A mechanism with another number.
    Other(i32),
}

impl Mechanism {
    pub(super) fn from_raw(raw: c_int) -> Mechanism {
        match raw {
            zmq_sys::ZMQ_NULL => Mechanism::Null,
            zmq_sys::ZMQ_PLAIN => Mechanism::Plain,
            zmq_sys::ZMQ_CURVE => Mechanism::Curve,
            zmq_sys::ZMQ_GSSAPI => Mechanism::Gssapi,
            other => Mechanism::Other(other),
        }
    }
}

/// What the name of a GSSAPI principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GssapiNameType {
    /// The name of a service on a host, as `service@host`.
    #[doc(alias = "ZMQ_GSSAPI_NT_HOSTBASED")]
    Hostbased,
    /// The name of a local user.
    #[doc(alias = "ZMQ_GSSAPI_NT_USER_NAME")]
    UserName,
    /// A Kerberos principal.
    #[doc(alias = "ZMQ_GSSAPI_NT_KRB5_PRINCIPAL")]
    Krb5Principal,
    /// A name of a type with another number.
    Other(i32),
}

impl Codec for GssapiNameType {
    type Raw = c_int;
    type Value = GssapiNameType;

    fn encode(value: GssapiNameType) -> Result<c_int, &'static str> {
        Ok(match value {
            GssapiNameType::Hostbased => zmq_sys::ZMQ_GSSAPI_NT_HOSTBASED,
            GssapiNameType::UserName => zmq_sys::ZMQ_GSSAPI_NT_USER_NAME,
            GssapiNameType::Krb5Principal => zmq_sys::ZMQ_GSSAPI_NT_KRB5_PRINCIPAL,
            GssapiNameType::Other(other) => other,
        })
    }

    fn decode(raw: c_int) -> GssapiNameType {
        match raw {
            zmq_sys::ZMQ_GSSAPI_NT_HOSTBASED => GssapiNameType::Hostbased,
            zmq_sys::ZMQ_GSSAPI_NT_USER_NAME => GssapiNameType::UserName,
            zmq_sys::ZMQ_GSSAPI_NT_KRB5_PRINCIPAL => GssapiNameType::Krb5Principal,
            other => GssapiNameType::Other(other),
        }
    }
}

/// Without a domain, a flag that enforces it makes libzmq abort the process when the first client
/// of PLAIN comes (`plain_server_t`), and keeps it from asking a handler about those of CURVE. A
/// domain that was set stays.
fn has_domain(core: &Core) -> Result<bool> {
    Text::read(core, "ZMQ_ZAP_DOMAIN", zmq_sys::ZMQ_ZAP_DOMAIN).map(|domain| !domain.is_empty())
}

/// Whether the socket would ask an authenticator about its peers: a server, or a socket without
/// security that has a domain.
pub(in crate::socket) fn asks(core: &Core) -> Result<bool> {
    match Mechanism::read(core, "ZMQ_MECHANISM", zmq_sys::ZMQ_MECHANISM)? {
        Mechanism::Null => has_domain(core),
        Mechanism::Plain => Flag::read(core, "ZMQ_PLAIN_SERVER", zmq_sys::ZMQ_PLAIN_SERVER),
        Mechanism::Curve => {
            let is_server = Flag::read(core, "ZMQ_CURVE_SERVER", zmq_sys::ZMQ_CURVE_SERVER)?;
            Ok(is_server && !asks_nobody(core)?)
        }
        Mechanism::Gssapi => Flag::read(core, "ZMQ_GSSAPI_SERVER", zmq_sys::ZMQ_GSSAPI_SERVER),
        Mechanism::Other(_) => Ok(false),
    }
}

/// Refuses WebSockets for what they are not secured by. Without security their peer chooses whether there
/// is a handshake at all, and without one no handler is asked; a client of GSSAPI makes libzmq abort.
pub(in crate::socket) fn check_web(core: &Core, call: &'static str, endpoint: &str) -> Result<()> {
    if !is_web(endpoint) {
        return Ok(());
    }
    // Where it cannot be told, the context has ended, and the call will say so.
    let mechanism = Mechanism::read(core, "ZMQ_MECHANISM", zmq_sys::ZMQ_MECHANISM);
    let reason = match mechanism.unwrap_or(Mechanism::Null) {
        Mechanism::Gssapi => "libzmq has no GSSAPI over WebSockets, and aborts the process",
        Mechanism::Null if has_domain(core).unwrap_or(false) => {
            "over WebSockets without PLAIN or CURVE, libzmq lets a peer in that avoids being asked about"
        }
        _ => return Ok(()),
    };
    Err(Error::own(call, ErrorKind::IncompatibleProtocol)
        .on(endpoint)
        .because(reason))
}

/// Whether no handler is asked about clients of CURVE.
fn asks_nobody(core: &Core) -> Result<bool> {
    let enforce = zmq_sys::ZMQ_ZAP_ENFORCE_DOMAIN;
    let enforced = Flag::read(core, "ZMQ_ZAP_ENFORCE_DOMAIN", enforce)?;
    Ok(enforced && !has_domain(core)?)
}

/// Keeps the socket from asking any handler about clients of CURVE.
pub(crate) fn ask_no_handler(core: &Core) -> Result<()> {
    let enforce = zmq_sys::ZMQ_ZAP_ENFORCE_DOMAIN;
    Flag::write(core, "ZMQ_ZAP_ENFORCE_DOMAIN", enforce, true)
}

/// `ZMQ_ZAP_ENFORCE_DOMAIN`.
struct EnforceDomain;

impl Read for EnforceDomain {
    type Value = bool;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<bool> {
        Flag::read(core, name, option)
    }
}

impl Write for EnforceDomain {
    type Given<'a> = bool;

    fn write(core: &Core, name: &'static str, option: c_int, value: bool) -> Result<()> {
        if value && !has_domain(core)? {
            return Err(refused(
                format_args!("{name} = 1"),
                "a domain is to be set before, with set_zap_domain",
            ));
        }
        Flag::write(core, name, option, value)
    }
}

/// `ZMQ_PLAIN_SERVER`.
struct PlainServer;

impl Read for PlainServer {
    type Value = bool;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<bool> {
        Flag::read(core, name, option)
    }
}

impl Write for PlainServer {
    type Given<'a> = bool;

    fn write(core: &Core, name: &'static str, option: c_int, value: bool) -> Result<()> {
        if value && asks_nobody(core)? {
            return Err(refused(
                format_args!("{name} = 1"),
                "the socket asks no handler, as a server of CURVE for any client",
            ));
        }
        Flag::write(core, name, option, value)
    }
}

socket_options! {
    /// The mechanism of this socket's connections over tcp and ipc: the one of the security option
    /// that was set last. Default [`Null`](Mechanism::Null).
    ro mechanism: Mechanism as Mechanism = ZMQ_MECHANISM "ZMQ_MECHANISM";

    /// The domain that a ZAP handler is asked about, 1 to 255 bytes. Default empty: no handler is
    /// asked about connections without security. From the next `bind` or `connect`.
    rw zap_domain, set_zap_domain: String, &str as Text = ZMQ_ZAP_DOMAIN "ZMQ_ZAP_DOMAIN";

    /// Whether connections are refused where no ZAP handler is there. Default false: without a
    /// handler **everybody is let in**, but for clients of PLAIN. It needs a
    /// [`zap_domain`](Socket::zap_domain), to be set before: without one, libzmq would ask no handler
    /// about clients of CURVE, and abort the process at the first client of PLAIN.
    /// [`Authenticator::protect`](crate::auth::Authenticator::protect) sets both. From the next
    /// `bind` or `connect`. Since libzmq 4.3, whose header counts it among the drafts while every
    /// build has it.
    rw zap_enforce_domain, set_zap_enforce_domain: bool as EnforceDomain = ZMQ_ZAP_ENFORCE_DOMAIN "ZMQ_ZAP_ENFORCE_DOMAIN";

    /// Whether the socket is the server of PLAIN, which asks a ZAP handler about its clients and
    /// without one lets nobody in. Default false; setting false takes every security off again.
    /// From the next `bind` or `connect`.
    rw plain_server, set_plain_server: bool as PlainServer = ZMQ_PLAIN_SERVER "ZMQ_PLAIN_SERVER";

    /// The name that a client of PLAIN gives, 1 to 255 bytes. `None`, the default, takes every
    /// security off again. From the next `bind` or `connect`.
    rw plain_username, set_plain_username: Option<String>, Option<&str> as Credential = ZMQ_PLAIN_USERNAME "ZMQ_PLAIN_USERNAME";

    /// The password that a client of PLAIN gives, 1 to 255 bytes; it is sent in clear text.
    /// `None`, the default, takes every security off again. From the next `bind` or `connect`.
    rw plain_password, set_plain_password: Option<String>, Option<&str> as Credential = ZMQ_PLAIN_PASSWORD "ZMQ_PLAIN_PASSWORD";

    /// Whether the socket is the server of CURVE. Default false; setting false takes every
    /// security off again. From the next `bind` or `connect`.
    rw curve_server, set_curve_server: bool as Flag = ZMQ_CURVE_SERVER "ZMQ_CURVE_SERVER";

    /// This socket's own public key of CURVE, which a client needs. Default all zero. From the next
    /// `bind` or `connect`.
    rw curve_publickey, set_curve_publickey: PublicKey as PublicKey = ZMQ_CURVE_PUBLICKEY "ZMQ_CURVE_PUBLICKEY";

    /// This socket's own secret key of CURVE. It cannot be read back here. From the next `bind` or
    /// `connect`.
    wo set_curve_secretkey: &SecretKey as SecretKey = ZMQ_CURVE_SECRETKEY "ZMQ_CURVE_SECRETKEY";

    /// The public key of the server that a client of CURVE connects to; setting it makes the
    /// socket a client. Default all zero. From the next `connect`. Who has the secret key to it can
    /// make libzmq abort the client, as [`ClientConfig`](crate::curve::ClientConfig) says.
    rw curve_serverkey, set_curve_serverkey: PublicKey as PublicKey = ZMQ_CURVE_SERVERKEY "ZMQ_CURVE_SERVERKEY";

    /// Whether the socket is the server of GSSAPI. Default false; setting either value turns
    /// GSSAPI on. From the next `bind` or `connect`. Since libzmq 4.1, where it was built with
    /// GSSAPI.
    rw gssapi_server, set_gssapi_server: bool as Flag = ZMQ_GSSAPI_SERVER "ZMQ_GSSAPI_SERVER";

    /// The principal whose credentials this socket uses, 1 to 255 bytes; `None` is the default.
    /// From the next `bind` or `connect`. Since libzmq 4.1, where it was built with GSSAPI.
    rw gssapi_principal, set_gssapi_principal: Option<String>, &str as OptionalText = ZMQ_GSSAPI_PRINCIPAL "ZMQ_GSSAPI_PRINCIPAL";

    /// The principal of the server that a client of GSSAPI connects to, 1 to 255 bytes; `None` is
    /// the default. From the next `connect`. Since libzmq 4.1, where it was built with GSSAPI.
    rw gssapi_service_principal, set_gssapi_service_principal: Option<String>, &str as OptionalText = ZMQ_GSSAPI_SERVICE_PRINCIPAL "ZMQ_GSSAPI_SERVICE_PRINCIPAL";

    /// Whether GSSAPI only says who the peers are and leaves their messages in clear text. Default
    /// false. From the next `bind` or `connect`. Since libzmq 4.1, where it was built with GSSAPI.
    rw gssapi_plaintext, set_gssapi_plaintext: bool as Flag = ZMQ_GSSAPI_PLAINTEXT "ZMQ_GSSAPI_PLAINTEXT";

    /// What the name of [`gssapi_principal`](Socket::gssapi_principal) is. Default
    /// [`Hostbased`](GssapiNameType::Hostbased). From the next `bind` or `connect`. Since libzmq
    /// 4.3, where it was built with GSSAPI.
    rw gssapi_principal_nametype, set_gssapi_principal_nametype: GssapiNameType as GssapiNameType = ZMQ_GSSAPI_PRINCIPAL_NAMETYPE "ZMQ_GSSAPI_PRINCIPAL_NAMETYPE";

    /// What the name of [`gssapi_service_principal`](Socket::gssapi_service_principal) is. Default
    /// [`Hostbased`](GssapiNameType::Hostbased). From the next `bind` or `connect`. Since libzmq
    /// 4.3, where it was built with GSSAPI.
    rw gssapi_service_principal_nametype, set_gssapi_service_principal_nametype: GssapiNameType as GssapiNameType = ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE "ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE";
}
