//! Why a handshake failed: the numbers of libzmq and of the authenticator.

use std::fmt;

/// The numbers of a C enumeration; those without a name are kept.
macro_rules! numbers {
    (
        $(#[$type_doc:meta])* $type:ident;
        $($(#[$doc:meta])* $name:ident = $number:expr, $text:literal;)*
    ) => {
        $(#[$type_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$doc])* $name,)*
            /// A number that has no name above.
            Other(u32),
        }

        impl $type {
            pub(super) fn of(number: u32) -> $type {
                $(if number == $number as u32 {
                    return $type::$name;
                })*
                $type::Other(number)
            }

            /// The number that C has for it.
            pub fn code(self) -> u32 {
                match self {
                    $($type::$name => $number as u32,)*
                    $type::Other(number) => number,
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($type::$name => f.write_str($text),)*
                    $type::Other(number) => write!(f, "unknown code {number:#x}"),
                }
            }
        }
    };
}

numbers! {
    /// What the authenticator (RFC 27) answered instead of letting a peer in.
    AuthStatus;
    /// 300: it cannot say now; the peer may try again.
    Temporary = 300, "temporary failure of the authenticator (300)";
    /// 400: the peer may not come in.
    Denied = 400, "authentication failed (400)";
    /// 500: the authenticator itself failed.
    InternalError = 500, "internal error of the authenticator (500)";
}

numbers! {
    /// Which rule of the protocol was broken in a handshake.
    ProtocolError;
    /// ZMTP: not said in more detail.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED")]
    ZmtpUnspecified = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
        "ZMTP: unspecified";
    /// ZMTP: a command out of place.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND")]
    ZmtpUnexpectedCommand = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
        "ZMTP: unexpected command";
    /// ZMTP: a nonce that is not the next one.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE")]
    ZmtpInvalidSequence = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
        "ZMTP: invalid sequence";
    /// ZMTP: the exchange of keys.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE")]
    ZmtpKeyExchange = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE,
        "ZMTP: key exchange";
    /// ZMTP: a malformed command.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED")]
    ZmtpMalformedCommandUnspecified = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
        "ZMTP: malformed command";
    /// ZMTP: a malformed MESSAGE.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE")]
    ZmtpMalformedCommandMessage = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
        "ZMTP: malformed MESSAGE";
    /// ZMTP: a malformed HELLO.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO")]
    ZmtpMalformedCommandHello = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
        "ZMTP: malformed HELLO";
    /// ZMTP: a malformed INITIATE.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE")]
    ZmtpMalformedCommandInitiate = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE,
        "ZMTP: malformed INITIATE";
    /// ZMTP: a malformed ERROR.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR")]
    ZmtpMalformedCommandError = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR,
        "ZMTP: malformed ERROR";
    /// ZMTP: a malformed READY.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY")]
    ZmtpMalformedCommandReady = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY,
        "ZMTP: malformed READY";
    /// ZMTP: a malformed WELCOME.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME")]
    ZmtpMalformedCommandWelcome = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME,
        "ZMTP: malformed WELCOME";
    /// ZMTP: the peer's properties.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA")]
    ZmtpInvalidMetadata = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
        "ZMTP: invalid metadata";
    /// ZMTP: what was encrypted cannot be read, as with a wrong key.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC")]
    ZmtpCryptographic = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC,
        "ZMTP: cryptographic error";
    /// ZMTP: one side wants another mechanism than the other.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH")]
    ZmtpMechanismMismatch = zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH,
        "ZMTP: mechanism mismatch";
    /// ZAP: not said in more detail.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED")]
    ZapUnspecified = zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED,
        "ZAP: unspecified";
    /// ZAP: a malformed reply of the authenticator.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY")]
    ZapMalformedReply = zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY,
        "ZAP: malformed reply";
    /// ZAP: a reply to another request.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID")]
    ZapBadRequestId = zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID,
        "ZAP: bad request id";
    /// ZAP: a reply in another version.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION")]
    ZapBadVersion = zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION,
        "ZAP: bad version";
    /// ZAP: a status that there is not.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE")]
    ZapInvalidStatusCode = zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE,
        "ZAP: invalid status code";
    /// ZAP: the properties in the authenticator's reply.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA")]
    ZapInvalidMetadata = zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA,
        "ZAP: invalid metadata";
    /// WebSocket: not said in more detail.
    #[doc(alias = "ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED")]
    WsUnspecified = zmq_sys::ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED,
        "WebSocket: unspecified";
}

impl std::error::Error for ProtocolError {}
