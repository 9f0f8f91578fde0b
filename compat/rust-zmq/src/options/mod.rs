//! Socket options: most are rows of a table, by which the plain numbers of this API become the types of
//! the safe crate's.

mod codec;
mod numbers;

use self::codec::*;
use crate::error::{Error, Result};
use crate::socket::Socket;
use crate::types::{Mechanism, SocketType};

type Text = std::result::Result<String, Vec<u8>>;

macro_rules! options {
    ($($name:literal: $plain:ty as $codec:ty => $($get:ident = $typed_get:ident)? $(, $set:ident = $typed_set:ident)?;)*) => {
        impl Socket {$(
            $(
                #[doc = concat!("Reads `", $name, "`, as `zmq_getsockopt(3)` has it.")]
                ///
                /// # Errors
                /// As there.
                pub fn $get(&self) -> Result<$plain> {
                    Ok(<$codec as Codec>::plain(self.live()?.$typed_get()?))
                }
            )?
            $(
                #[doc = concat!("Sets `", $name, "`, as `zmq_setsockopt(3)` has it.")]
                ///
                /// # Errors
                /// As there.
                pub fn $set(&self, value: $plain) -> Result<()> {
                    let value = <$codec as Codec>::typed(value)?;
                    Ok(self.live()?.$typed_set(value)?)
                }
            )?
        )*}
    };
}

options! {
    "ZMQ_IPV6": bool as Same<bool> => is_ipv6 = ipv6, set_ipv6 = set_ipv6;
    "ZMQ_IMMEDIATE": bool as Same<bool> => is_immediate = immediate;
    "ZMQ_PLAIN_SERVER": bool as Same<bool> => is_plain_server = plain_server, set_plain_server = set_plain_server;
    "ZMQ_PROBE_ROUTER": bool as Same<bool> => , set_probe_router = set_probe_router;
    "ZMQ_ROUTER_MANDATORY": bool as Same<bool> => , set_router_mandatory = set_router_mandatory;
    "ZMQ_ROUTER_HANDOVER": bool as Same<bool> => , set_router_handover = set_router_handover;
    "ZMQ_CURVE_SERVER": bool as Same<bool> => is_curve_server = curve_server, set_curve_server = set_curve_server;
    "ZMQ_GSSAPI_SERVER": bool as Same<bool> => is_gssapi_server = gssapi_server, set_gssapi_server = set_gssapi_server;
    "ZMQ_GSSAPI_PLAINTEXT": bool as Same<bool> => is_gssapi_plaintext = gssapi_plaintext, set_gssapi_plaintext = set_gssapi_plaintext;
    "ZMQ_REQ_RELAXED": bool as Same<bool> => , set_req_relaxed = set_req_relaxed;
    "ZMQ_REQ_CORRELATE": bool as Same<bool> => , set_req_correlate = set_req_correlate;
    "ZMQ_XPUB_VERBOSE": bool as Same<bool> => , set_xpub_verbose = set_xpub_verbose;
    "ZMQ_MAXMSGSIZE": i64 as Bytes => get_maxmsgsize = maxmsgsize, set_maxmsgsize = set_maxmsgsize;
    "ZMQ_SNDHWM": i32 as Count => get_sndhwm = sndhwm, set_sndhwm = set_sndhwm;
    "ZMQ_RCVHWM": i32 as Count => get_rcvhwm = rcvhwm, set_rcvhwm = set_rcvhwm;
    "ZMQ_AFFINITY": u64 as Same<u64> => get_affinity = affinity, set_affinity = set_affinity;
    "ZMQ_RATE": i32 as Count => get_rate = rate, set_rate = set_rate;
    "ZMQ_RECOVERY_IVL": i32 as Millis => get_recovery_ivl = recovery_ivl, set_recovery_ivl = set_recovery_ivl;
    "ZMQ_SNDBUF": i32 as OrNone<Count> => get_sndbuf = sndbuf, set_sndbuf = set_sndbuf;
    "ZMQ_RCVBUF": i32 as OrNone<Count> => get_rcvbuf = rcvbuf, set_rcvbuf = set_rcvbuf;
    "ZMQ_TOS": i32 as Byte => get_tos = tos, set_tos = set_tos;
    "ZMQ_LINGER": i32 as OrNone<Millis> => get_linger = linger, set_linger = set_linger;
    "ZMQ_RECONNECT_IVL_MAX": i32 as Millis => get_reconnect_ivl_max = reconnect_ivl_max, set_reconnect_ivl_max = set_reconnect_ivl_max;
    "ZMQ_BACKLOG": i32 as Count => get_backlog = backlog, set_backlog = set_backlog;
    "ZMQ_MULTICAST_HOPS": i32 as Count => get_multicast_hops = multicast_hops, set_multicast_hops = set_multicast_hops;
    "ZMQ_RCVTIMEO": i32 as OrNone<Millis> => get_rcvtimeo = rcvtimeo, set_rcvtimeo = set_rcvtimeo;
    "ZMQ_SNDTIMEO": i32 as OrNone<Millis> => get_sndtimeo = sndtimeo, set_sndtimeo = set_sndtimeo;
    "ZMQ_TCP_KEEPALIVE": i32 as OrNone<Flag> => get_tcp_keepalive = tcp_keepalive, set_tcp_keepalive = set_tcp_keepalive;
    "ZMQ_TCP_KEEPALIVE_CNT": i32 as OrNone<Count> => get_tcp_keepalive_cnt = tcp_keepalive_cnt, set_tcp_keepalive_cnt = set_tcp_keepalive_cnt;
    "ZMQ_TCP_KEEPALIVE_IDLE": i32 as OrNone<Seconds> => get_tcp_keepalive_idle = tcp_keepalive_idle, set_tcp_keepalive_idle = set_tcp_keepalive_idle;
    "ZMQ_TCP_KEEPALIVE_INTVL": i32 as OrNone<Seconds> => get_tcp_keepalive_intvl = tcp_keepalive_intvl, set_tcp_keepalive_intvl = set_tcp_keepalive_intvl;
    "ZMQ_HANDSHAKE_IVL": i32 as Millis => get_handshake_ivl = handshake_ivl, set_handshake_ivl = set_handshake_ivl;
    "ZMQ_HEARTBEAT_IVL": i32 as Millis => get_heartbeat_ivl = heartbeat_ivl, set_heartbeat_ivl = set_heartbeat_ivl;
    "ZMQ_HEARTBEAT_TTL": i32 as Tenths => get_heartbeat_ttl = heartbeat_ttl, set_heartbeat_ttl = set_heartbeat_ttl;
    "ZMQ_HEARTBEAT_TIMEOUT": i32 as OrNone<Millis> => get_heartbeat_timeout = heartbeat_timeout;
    "ZMQ_HEARTBEAT_TIMEOUT": i32 as Millis => , set_heartbeat_timeout = set_heartbeat_timeout;
    "ZMQ_CONNECT_TIMEOUT": i32 as Millis => get_connect_timeout = connect_timeout, set_connect_timeout = set_connect_timeout;
    "ZMQ_ROUTING_ID": Vec<u8> as Same<Vec<u8>> => get_identity = routing_id;
}

// ---- values that are borrowed --------------------------------------------------------------------

macro_rules! borrowed {
    ($($name:literal: $value:ty => $set:ident = $typed_set:ident;)*) => {
        impl Socket {$(
            #[doc = concat!("Sets `", $name, "`, as `zmq_setsockopt(3)` has it.")]
            ///
            /// # Errors
            /// As there.
            pub fn $set(&self, value: $value) -> Result<()> {
                Ok(self.live()?.$typed_set(value)?)
            }
        )*}
    };
}

borrowed! {
    "ZMQ_ROUTING_ID": &[u8] => set_identity = set_routing_id;
    "ZMQ_SUBSCRIBE": &[u8] => set_subscribe = subscribe;
    "ZMQ_UNSUBSCRIBE": &[u8] => set_unsubscribe = unsubscribe;
    "ZMQ_PLAIN_USERNAME": Option<&str> => set_plain_username = set_plain_username;
    "ZMQ_PLAIN_PASSWORD": Option<&str> => set_plain_password = set_plain_password;
    "ZMQ_ZAP_DOMAIN": &str => set_zap_domain = set_zap_domain;
    "ZMQ_GSSAPI_PRINCIPAL": &str => set_gssapi_principal = set_gssapi_principal;
    "ZMQ_GSSAPI_SERVICE_PRINCIPAL": &str => set_gssapi_service_principal = set_gssapi_service_principal;
}

/// A CURVE key as `zmq_setsockopt(3)` takes it: 32 bytes, or 40 characters with or without a NUL.
fn key(value: &[u8]) -> Result<[u8; 32]> {
    if let Ok(key) = value.try_into() {
        return Ok(key);
    }
    let text = value.strip_suffix(&[0]).unwrap_or(value);
    let text = std::str::from_utf8(text).map_err(|_| Error::EINVAL)?;
    let key = safe::z85::decode(text)?;
    key.try_into().map_err(|_| Error::EINVAL)
}

impl Socket {
    /// Sets `ZMQ_CURVE_PUBLICKEY`: 32 bytes, or 40 characters.
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn set_curve_publickey(&self, value: &[u8]) -> Result<()> {
        Ok(self.live()?.set_curve_publickey(key(value)?.into())?)
    }

    /// Sets `ZMQ_CURVE_SECRETKEY`: 32 bytes, or 40 characters.
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn set_curve_secretkey(&self, value: &[u8]) -> Result<()> {
        let secret = safe::curve::SecretKey::from_bytes(&key(value)?);
        Ok(self.live()?.set_curve_secretkey(&secret)?)
    }

    /// Sets `ZMQ_CURVE_SERVERKEY`: 32 bytes, or 40 characters.
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn set_curve_serverkey(&self, value: &[u8]) -> Result<()> {
        Ok(self.live()?.set_curve_serverkey(key(value)?.into())?)
    }

    /// Reads `ZMQ_CURVE_PUBLICKEY`: 32 bytes.
    ///
    /// # Errors
    /// `EINVAL` where libzmq has no CURVE.
    pub fn get_curve_publickey(&self) -> Result<Vec<u8>> {
        Ok(self.live()?.curve_publickey()?.as_bytes().to_vec())
    }

    /// Reads `ZMQ_CURVE_SERVERKEY`: 32 bytes.
    ///
    /// # Errors
    /// `EINVAL` where libzmq has no CURVE.
    pub fn get_curve_serverkey(&self) -> Result<Vec<u8>> {
        Ok(self.live()?.curve_serverkey()?.as_bytes().to_vec())
    }

    /// Reads `ZMQ_PLAIN_USERNAME`; empty where PLAIN is not used.
    ///
    /// # Errors
    /// As in `zmq_getsockopt(3)`.
    pub fn get_plain_username(&self) -> Result<Text> {
        Ok(Ok(self.live()?.plain_username()?.unwrap_or_default()))
    }

    /// Reads `ZMQ_PLAIN_PASSWORD`; empty where PLAIN is not used.
    ///
    /// # Errors
    /// As in `zmq_getsockopt(3)`.
    pub fn get_plain_password(&self) -> Result<Text> {
        Ok(Ok(self.live()?.plain_password()?.unwrap_or_default()))
    }

    /// Reads `ZMQ_ZAP_DOMAIN`.
    ///
    /// # Errors
    /// As in `zmq_getsockopt(3)`.
    pub fn get_zap_domain(&self) -> Result<Text> {
        Ok(Ok(self.live()?.zap_domain()?))
    }

    /// Reads `ZMQ_GSSAPI_PRINCIPAL`.
    ///
    /// # Errors
    /// `EINVAL` where libzmq has no GSSAPI.
    pub fn get_gssapi_principal(&self) -> Result<Text> {
        Ok(Ok(self.live()?.gssapi_principal()?.unwrap_or_default()))
    }

    /// Reads `ZMQ_GSSAPI_SERVICE_PRINCIPAL`.
    ///
    /// # Errors
    /// `EINVAL` where libzmq has no GSSAPI.
    pub fn get_gssapi_service_principal(&self) -> Result<Text> {
        let principal = self.live()?.gssapi_service_principal()?;
        Ok(Ok(principal.unwrap_or_default()))
    }

    /// Reads `ZMQ_LAST_ENDPOINT`: what was bound or connected last, with its wildcards filled in.
    ///
    /// # Errors
    /// As in `zmq_getsockopt(3)`.
    pub fn get_last_endpoint(&self) -> Result<Text> {
        Ok(Ok(self.live()?.last_endpoint()?))
    }

    /// Reads `ZMQ_MECHANISM`.
    ///
    /// # Errors
    /// `ENOTSUP` for one that has no name here.
    pub fn get_mechanism(&self) -> Result<Mechanism> {
        match self.live()?.mechanism()? {
            safe::Mechanism::Null => Ok(Mechanism::ZMQ_NULL),
            safe::Mechanism::Plain => Ok(Mechanism::ZMQ_PLAIN),
            safe::Mechanism::Curve => Ok(Mechanism::ZMQ_CURVE),
            safe::Mechanism::Gssapi => Ok(Mechanism::ZMQ_GSSAPI),
            _ => Err(Error::ENOTSUP),
        }
    }

    /// The type of the socket.
    ///
    /// # Errors
    /// `ENOTSUP` for one that has no name here.
    pub fn get_socket_type(&self) -> Result<SocketType> {
        SocketType::of(self.live()?.kind()).ok_or(Error::ENOTSUP)
    }

    /// Sets `ZMQ_XPUB_WELCOME_MSG`; `None` takes it back.
    ///
    /// # Errors
    /// As in `zmq_setsockopt(3)`.
    pub fn set_xpub_welcome_msg(&self, value: Option<&str>) -> Result<()> {
        let text = value.unwrap_or_default();
        Ok(self.live()?.set_xpub_welcome_msg(text.as_bytes())?)
    }
}
