//! Parts go out as whole messages, and whole messages come in as parts.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use common::{LONG, connected, patient};
use zmq::{Context, DONTWAIT, Error, Message, POLLIN, POLLOUT, SNDMORE};

#[test]
fn nothing_is_sent_before_the_last_part() {
    let (context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    push.send("begun", SNDMORE).unwrap();
    let other = patient(&context, zmq::PUSH);
    other
        .connect(&pull.get_last_endpoint().unwrap().unwrap())
        .unwrap();
    other.send("whole", 0).unwrap();
    assert_eq!(pull.recv_multipart(0).unwrap(), [b"whole"]);
    push.send("and ended", 0).unwrap();
    assert_eq!(
        pull.recv_multipart(0).unwrap(),
        [&b"begun"[..], b"and ended"]
    );
}

#[test]
fn a_message_that_was_begun_goes_with_its_socket() {
    let (context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    push.send("begun", SNDMORE).unwrap();
    drop(push);
    let push = patient(&context, zmq::PUSH);
    push.connect(&pull.get_last_endpoint().unwrap().unwrap())
        .unwrap();
    push.send("whole", 0).unwrap();
    assert_eq!(pull.recv_multipart(0).unwrap(), [b"whole"]);
}

#[test]
fn no_room_is_said_at_the_first_part() {
    let context = Context::new();
    for kind in [zmq::PUSH, zmq::DEALER, zmq::PAIR] {
        let socket = context.socket(kind).unwrap();
        assert_eq!(socket.send("a", DONTWAIT | SNDMORE), Err(Error::EAGAIN));
        socket.set_sndtimeo(1).unwrap();
        assert_eq!(socket.send("a", SNDMORE), Err(Error::EAGAIN));
        assert_eq!(
            socket.send_multipart(["a", "b"], DONTWAIT),
            Err(Error::EAGAIN)
        );
    }
}

#[test]
fn what_cannot_send_says_so_at_the_first_part() {
    let context = Context::new();
    let send = |kind| context.socket(kind).unwrap().send("a", SNDMORE);
    assert_eq!(send(zmq::REP), Err(Error::EFSM));
    assert_eq!(send(zmq::PULL), Err(Error::ENOTSUP));
    assert_eq!(send(zmq::SUB), Err(Error::ENOTSUP));
}

#[test]
fn after_a_message_that_failed_the_next_is_one_of_its_own() {
    let (context, dealer, peer) = connected(zmq::DEALER, zmq::DEALER);
    peer.send("there", 0).unwrap();
    assert_eq!(dealer.recv_bytes(0).unwrap(), b"there");
    dealer.send("lost", SNDMORE).unwrap();
    drop(peer);
    // The peer is seen to be gone.
    let start = Instant::now();
    while dealer.get_events().unwrap().contains(POLLOUT) {
        assert!(start.elapsed() < Duration::from_millis(LONG as u64));
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(dealer.send("with this", DONTWAIT), Err(Error::EAGAIN));
    let peer = patient(&context, zmq::DEALER);
    peer.connect(&dealer.get_last_endpoint().unwrap().unwrap())
        .unwrap();
    dealer.send("next", 0).unwrap();
    assert_eq!(peer.recv_multipart(0).unwrap(), [b"next"]);
}

#[test]
fn a_panic_among_the_parts_leaves_no_message_begun() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    let parts = ["a", "b"]
        .into_iter()
        .inspect(|&part| assert_eq!(part, "a"));
    catch_unwind(AssertUnwindSafe(|| push.send_multipart(parts, 0))).unwrap_err();
    push.send("next", 0).unwrap();
    assert_eq!(pull.recv_multipart(0).unwrap(), [b"next"]);
}

#[test]
fn a_lone_part_of_a_router_is_dropped_without_a_word() {
    let (_context, router, dealer) = connected(zmq::ROUTER, zmq::DEALER);
    dealer.send("hello", 0).unwrap();
    let id = router.recv_msg(0).unwrap();
    assert_eq!(router.recv_bytes(0).unwrap(), b"hello");
    router.send(&id[..], 0).unwrap();
    router.send(id, SNDMORE).unwrap();
    router.send("after it", 0).unwrap();
    assert_eq!(dealer.recv_multipart(0).unwrap(), [b"after it"]);
}

#[test]
fn an_unknown_peer_is_said_at_the_last_part() {
    let (_context, router, _dealer) = connected(zmq::ROUTER, zmq::DEALER);
    router.set_router_mandatory(true).unwrap();
    router.send("nobody", SNDMORE).unwrap();
    assert_eq!(router.send("hello", 0), Err(Error::EHOSTUNREACH));
}

#[test]
fn a_stream_takes_an_id_and_bytes_whatever_the_flags_say() {
    use std::io::{Read, Write};
    let context = Context::new();
    let stream = patient(&context, zmq::STREAM);
    stream.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = stream.get_last_endpoint().unwrap().unwrap();
    let mut peer = std::net::TcpStream::connect(endpoint.trim_start_matches("tcp://")).unwrap();
    peer.set_read_timeout(Some(Duration::from_millis(LONG as u64)))
        .unwrap();
    peer.write_all(b"hello").unwrap();
    let id = stream.recv_bytes(0).unwrap();
    assert_eq!(stream.recv_bytes(0).unwrap(), b""); // it has connected
    assert_eq!(
        stream.recv_multipart(0).unwrap(),
        [id.clone(), b"hello".to_vec()]
    );
    let mut heard = [0; 6];
    stream.send(&id, SNDMORE).unwrap();
    stream.send("one", SNDMORE).unwrap();
    stream.send(&id, 0).unwrap();
    stream.send("two", 0).unwrap();
    peer.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"onetwo");
}

#[test]
fn the_rest_of_a_message_is_there_to_be_received() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    push.send_multipart(["one", "two", "three"], 0).unwrap();
    assert!(!pull.get_rcvmore().unwrap());
    let mut part = pull.recv_msg(0).unwrap();
    assert!(part.get_more() && pull.get_rcvmore().unwrap());
    assert_eq!(pull.get_events(), Ok(POLLIN));
    let mut items = [
        pull.as_poll_item(POLLIN | POLLOUT),
        push.as_poll_item(POLLOUT),
    ];
    assert_eq!(zmq::poll(&mut items, -1), Ok(2));
    assert_eq!(items.map(|item| item.get_revents()), [POLLIN, POLLOUT]);
    let mut buffer = [0; 2];
    assert_eq!(pull.recv_into(&mut buffer, DONTWAIT), Ok(3));
    assert_eq!(&buffer, b"tw");
    pull.recv(&mut part, DONTWAIT).unwrap();
    assert_eq!(&part[..], b"three");
    assert!(!part.get_more() && !pull.get_rcvmore().unwrap());
    assert_eq!(pull.poll(POLLIN, 0), Ok(0));
    assert_eq!(pull.recv_bytes(DONTWAIT), Err(Error::EAGAIN));
}

#[test]
fn the_rest_of_a_message_outlives_its_connection() {
    let (_context, router, dealer) = connected(zmq::ROUTER, zmq::DEALER);
    dealer.send_multipart(["one", "two"], 0).unwrap();
    let _id = router.recv_msg(0).unwrap();
    router
        .unbind(&router.get_last_endpoint().unwrap().unwrap())
        .unwrap();
    drop(dealer);
    assert_eq!(router.recv_multipart(0).unwrap(), [b"one", b"two"]);
}

#[test]
fn a_received_part_goes_out_again_with_the_flag_of_its_send() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    push.send_multipart(["one", "two"], 0).unwrap();
    let first = pull.recv_msg(0).unwrap();
    assert!(first.get_more());
    pull.recv_msg(0).unwrap();
    push.send(first, 0).unwrap();
    push.send(Message::from("next"), 0).unwrap();
    assert_eq!(pull.recv_multipart(0).unwrap(), [b"one"]);
    assert_eq!(pull.recv_multipart(0).unwrap(), [b"next"]);
}
