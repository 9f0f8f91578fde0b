//! The programs in tasks, as processes of their own.
#![cfg(unix)]

mod common;

use common::LONG;
use common::program::Program;
use zmq::{Context, Multipart};

/// The endpoint that a program says to listen at.
#[track_caller]
fn listening(program: &mut Program) -> String {
    let line = program.says("Listening at ");
    line.rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn async_hello_asks_itself_and_leaves_at_an_interrupt() {
    let mut server = Program::example("async_hello", &["server", "tcp://127.0.0.1:*"]);
    let endpoint = listening(&mut server);
    let said = Program::example("async_hello", &["client", &endpoint, "3"]).succeeds();
    assert_eq!(said.last().unwrap(), "Received World 2");
    let said = server.leaves();
    assert_eq!(
        said.iter().filter(|line| *line == "Received Hello").count(),
        3
    );
}

#[test]
fn async_server_answers_what_it_has_before_it_leaves() {
    const REQUESTS: usize = 20;
    let mut server = Program::example("async_server", &["tcp://127.0.0.1:*", "500"]);
    let endpoint = listening(&mut server);
    let context = Context::new().unwrap();
    let client = context.socket(zmq::DEALER).unwrap();
    client.set_rcvtimeo(Some(LONG)).unwrap();
    client.connect(&endpoint).unwrap();
    for number in 0..REQUESTS {
        client.send_multipart(["", &number.to_string()]).unwrap();
    }
    for _ in 0..REQUESTS {
        server.says("Received a request");
    }
    server.interrupt();
    let mut answered: Vec<Multipart> = (0..REQUESTS)
        .map(|_| client.recv_multipart().unwrap())
        .collect();
    answered.sort_by_key(|reply| {
        reply[1]
            .to_string()
            .split(',')
            .next()
            .unwrap()
            .parse::<usize>()
            .unwrap()
    });
    for (number, reply) in answered.iter().enumerate() {
        assert_eq!(*reply, ["", &format!("{number}, done")]);
    }
    let said = server.succeeds();
    assert_eq!(said.last().unwrap(), "Done");
}

#[test]
fn async_select_hears_both_sockets_and_the_timer() {
    let mut program = Program::example("async_select", &["60000"]);
    for part in ["Task of ", "Weather: 10001 ", " tasks, ", "Task of "] {
        program.says(part);
    }
}

#[test]
fn async_select_ends_after_its_time() {
    let said = Program::example("async_select", &["100"]).succeeds();
    assert!(said.last().unwrap().starts_with("In all "), "{said:?}");
}

#[test]
fn async_channels_brings_every_message_through() {
    let said = Program::example("async_channels", &["500"]).succeeds();
    assert_eq!(said, ["500 squares, together 41791750"]);
}

#[test]
fn the_clients_of_async_asyncsrv_get_replies_to_their_own_requests() {
    let mut program = Program::example("async_asyncsrv", &["60000"]);
    for _ in 0..3 {
        program.says(" request #");
    }
}

#[test]
fn async_asyncsrv_ends_after_its_time() {
    let said = Program::example("async_asyncsrv", &["100"]).succeeds();
    assert!(said[0].starts_with("Listening at "), "{said:?}");
}

#[test]
fn async_asyncsrv_answers_a_client_from_outside() {
    let mut server = Program::example("async_asyncsrv", &["60000"]);
    let endpoint = listening(&mut server);
    let context = Context::new().unwrap();
    let client = context.socket(zmq::DEALER).unwrap();
    client.set_rcvtimeo(Some(LONG)).unwrap();
    client.connect(&endpoint).unwrap();
    // A request may get no reply, but not each of so many.
    for number in 0..20 {
        client.send(format!("outside {number}")).unwrap();
    }
    assert!(client.recv().unwrap().to_string().starts_with("outside "));
}
