//! What this libzmq was built without is named in the error, together with who has it.

mod common;

use common::context_and;
use zmq::{Capability, ErrorKind, GssapiNameType, Result};

/// Checks that the error names the capability, and is given if and only if it is missing.
#[track_caller]
fn check<V>(capability: Capability, remedy: &str, asked: &str, result: Result<V>) {
    let missing = ErrorKind::MissingCapability(capability);
    if zmq::has(capability) {
        if let Err(error) = result {
            assert_ne!(error.kind(), missing, "{error}");
        }
        return;
    }
    let Err(error) = result else {
        panic!("{asked} was done without {capability}");
    };
    assert_eq!(error.kind(), missing, "{error}");
    let text = error.to_string();
    assert!(text.contains(asked), "{text}");
    assert!(
        text.contains(&format!("built without {capability}: ")),
        "{text}"
    );
    assert!(text.contains(remedy), "{text}");
}

#[test]
fn a_capability_is_there_if_libzmq_says_so() {
    for (capability, name) in [
        (Capability::Ipc, c"ipc"),
        (Capability::Pgm, c"pgm"),
        (Capability::Tipc, c"tipc"),
        (Capability::Norm, c"norm"),
        (Capability::Curve, c"curve"),
        (Capability::Gssapi, c"gssapi"),
        (Capability::Vmci, c"vmci"),
        (Capability::Draft, c"draft"),
        (Capability::Ws, c"WS"),
        (Capability::Wss, c"WSS"),
        (Capability::Vsock, c"vsock"),
    ] {
        // SAFETY: a C string.
        let has = unsafe { zmq_sys::zmq_has(name.as_ptr()) };
        assert_eq!(zmq::has(capability), has == 1, "{capability}");
    }
}

#[test]
fn a_transport_that_was_left_out_of_libzmq_is_named_with_who_has_it() {
    for (endpoint, capability, remedy) in [
        (
            "pgm://127.0.0.1;239.255.0.1:5555",
            Capability::Pgm,
            "OpenPGM",
        ),
        (
            "epgm://127.0.0.1;239.255.0.1:5555",
            Capability::Pgm,
            "OpenPGM",
        ),
        ("tipc://{5560,0,0}", Capability::Tipc, "headers of TIPC"),
        ("norm://127.0.0.1:5555", Capability::Norm, "--with-norm"),
        ("vmci://1:5555", Capability::Vmci, "VMCI library"),
        ("ws://127.0.0.1:*", Capability::Ws, "ENABLE_WS"),
        ("wss://127.0.0.1:*", Capability::Wss, "GnuTLS"),
        ("vsock://1:5555", Capability::Vsock, "newer than 4.3.5"),
    ] {
        if zmq::has(capability) {
            continue; // using it takes more than this machine may have
        }
        let (_context, publisher) = context_and(zmq::PUB);
        check(capability, remedy, endpoint, publisher.bind(endpoint));
        check(capability, remedy, endpoint, publisher.connect(endpoint));
    }
}

#[test]
fn a_transport_that_no_libzmq_has_is_no_missing_capability() {
    let (_context, socket) = context_and(zmq::PULL);
    let error = socket.bind("carrier://pigeon").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProtocolNotSupported);
}

#[test]
fn a_security_option_that_was_left_out_of_libzmq_is_named_with_who_has_it() {
    let (_context, socket) = context_and(zmq::PULL);
    let key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7".parse().unwrap();
    let secret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6".parse().unwrap();
    let curve = |asked, result: Result<()>| {
        check(Capability::Curve, "libsodium", asked, result);
    };
    curve("ZMQ_CURVE_SERVER", socket.curve_server().map(drop));
    curve("ZMQ_CURVE_SERVER", socket.set_curve_server(true));
    curve("ZMQ_CURVE_PUBLICKEY", socket.set_curve_publickey(key));
    curve("ZMQ_CURVE_SECRETKEY", socket.set_curve_secretkey(&secret));
    curve("ZMQ_CURVE_SERVERKEY", socket.set_curve_serverkey(key));
    let gssapi = |asked, result: Result<()>| {
        check(Capability::Gssapi, "Kerberos", asked, result);
    };
    gssapi("ZMQ_GSSAPI_SERVER", socket.gssapi_server().map(drop));
    gssapi("ZMQ_GSSAPI_SERVER", socket.set_gssapi_server(true));
    gssapi("ZMQ_GSSAPI_PRINCIPAL", socket.set_gssapi_principal("a"));
    gssapi(
        "ZMQ_GSSAPI_PRINCIPAL_NAMETYPE",
        socket.set_gssapi_principal_nametype(GssapiNameType::UserName),
    );
}

#[test]
fn an_option_that_was_left_out_of_libzmq_is_named_with_who_has_it() {
    let (context, socket) = context_and(zmq::PULL);
    let vmci = |result| {
        let asked = "ZMQ_VMCI_BUFFER_SIZE";
        check(Capability::Vmci, "VMCI library", asked, result);
    };
    vmci(socket.set_vmci_buffer_size(1 << 16));
    // But not by an error about something else.
    context.shutdown().unwrap();
    socket.recv().unwrap_err(); // takes the end in
    let error = socket.set_vmci_buffer_size(1 << 16).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Terminated);
}

#[test]
fn a_value_that_an_option_cannot_have_is_no_missing_capability() {
    let (_context, socket) = context_and(zmq::PULL);
    let error = socket.set_multicast_maxtpdu(0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
