//! What the libzmq in use is and can do.

use safe::Capability;

/// The version of the libzmq that runs, as `(major, minor, patch)`.
pub fn version() -> (i32, i32, i32) {
    safe::version()
}

/// Whether the libzmq that runs was built with that capability; always `Some`.
pub fn has(capability: &str) -> Option<bool> {
    let known = [
        Capability::Ipc,
        Capability::Pgm,
        Capability::Tipc,
        Capability::Norm,
        Capability::Curve,
        Capability::Gssapi,
        Capability::Vmci,
        Capability::Draft,
        Capability::Ws,
        Capability::Wss,
        Capability::Vsock,
    ];
    let found = known.into_iter().find(|known| known.name() == capability);
    Some(found.is_some_and(safe::has))
}
