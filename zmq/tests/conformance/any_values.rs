//! Any bytes and any text as the value of an option: taken and read back, or refused.

use proptest::prelude::*;
use zmq::{Any, Context, ErrorKind, Result, Socket, SocketKind};

use crate::common::in_child;

/// A value that was taken is read back; one that was not is the caller's mistake.
fn holds<V: PartialEq + std::fmt::Debug>(
    set: Result<()>,
    get: impl FnOnce() -> Result<V>,
    value: V,
) -> std::result::Result<(), TestCaseError> {
    match set {
        Ok(()) => prop_assert_eq!(get().unwrap(), value),
        Err(error) => prop_assert!(
            matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::MissingCapability(_) | ErrorKind::NotSupported
            ),
            "{error}"
        ),
    }
    Ok(())
}

/// Every option whose value is bytes or text, on every type.
fn try_all(
    socket: &Socket<Any>,
    bytes: &[u8],
    text: &str,
) -> std::result::Result<(), TestCaseError> {
    let some = || Some(text.to_owned());
    holds(
        socket.set_routing_id(bytes),
        || socket.routing_id(),
        bytes.to_vec(),
    )?;
    holds(
        socket.set_plain_username(Some(text)),
        || socket.plain_username(),
        some(),
    )?;
    holds(
        socket.set_plain_password(Some(text)),
        || socket.plain_password(),
        some(),
    )?;
    holds(
        socket.set_zap_domain(text),
        || socket.zap_domain(),
        text.to_owned(),
    )?;
    holds(
        socket.set_bindtodevice(text),
        || socket.bindtodevice(),
        some(),
    )?;
    holds(
        socket.set_gssapi_principal(text),
        || socket.gssapi_principal(),
        some(),
    )?;
    // These are not read back.
    for set in [
        socket.subscribe(bytes),
        socket.unsubscribe(bytes),
        socket.set_xpub_welcome_msg(bytes),
        #[cfg(feature = "draft")]
        socket.set_metadata(text, text),
        #[cfg(feature = "draft")]
        socket.set_wss_hostname(text),
    ] {
        holds(set, || Ok(()), ())?;
    }
    Ok(())
}

#[test]
fn any_bytes_and_any_text_are_taken_or_refused_by_every_option() {
    in_child(
        "any_values::any_bytes_and_any_text_are_taken_or_refused_by_every_option",
        || {
            let context = Context::new().unwrap();
            let config = ProptestConfig {
                failure_persistence: None,
                ..ProptestConfig::with_cases(100)
            };
            let bytes = proptest::collection::vec(any::<u8>(), 0..300);
            let text = prop_oneof![".{0,300}", "[\\x00-\\x7f]{0,20}"];
            proptest!(config, |(bytes in bytes, text in text)| {
                for raw in 0..=SocketKind::Stream.to_raw() {
                    let kind = SocketKind::from_raw(raw).unwrap();
                    try_all(&context.socket_of(kind).unwrap(), &bytes, &text)?;
                }
            });
        },
    );
}
