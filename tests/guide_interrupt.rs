//! The guide's `interrupt`, and the server it interrupts.
#![cfg(unix)]

mod common;

use common::program::{Program, ports};

#[test]
fn interrupt_serves_until_it_is_interrupted_and_says_so() {
    let _ports = ports();
    let server = Program::example("interrupt", &[]);
    let context = zmq::Context::new().unwrap();
    let client = common::patient(context.socket(zmq::REQ).unwrap());
    client.connect("tcp://localhost:5555").unwrap();
    for request in [&["Hello"][..], &["two", "frames"], &[""]] {
        client.send_multipart(request.to_vec()).unwrap();
        assert_eq!(client.recv().unwrap(), "World");
    }
    assert_eq!(
        server.leaves(),
        [
            "W: recv",
            "W: recv",
            "W: recv",
            "W: interrupt received, killing server...",
            "W: cleaning up"
        ]
    );
}
