//! Endpoints: where sockets bind and connect, and what they call it.

use crate::common::connected_over;
use zmq::ErrorKind;

/// No file is made: the name is gone with the socket that is bound to it.
#[cfg(target_os = "linux")]
#[test]
fn an_abstract_ipc_name_is_met_and_an_empty_one_refused() {
    let name = format!("ipc://@conformance-{}", std::process::id());
    let (context, server, client) = connected_over(&name, zmq::PAIR, zmq::PAIR);
    client.send("there").unwrap();
    assert_eq!(server.recv().unwrap(), "there");
    server.send("and back").unwrap();
    assert_eq!(client.recv().unwrap(), "and back");

    let other = context.socket(zmq::PAIR).unwrap();
    assert_eq!(
        other.bind("ipc://@").unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}
