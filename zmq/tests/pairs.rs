//! The valid pairs of socket types, over each transport that they can meet on.

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use common::{LONG, patient};
use zmq::{Context, ErrorKind, Message, Socket, SocketType};

/// Where two sockets meet.
#[derive(Clone, Copy)]
enum Over {
    Tcp,
    Ipc,
    Inproc,
    /// The connect comes before the bind.
    InprocEarly,
}

impl Over {
    /// Whether messages carry the properties of a connection.
    fn has_properties(self) -> bool {
        matches!(self, Over::Tcp | Over::Ipc)
    }

    fn join<A: SocketType, B: SocketType>(self, binds: &Socket<A>, connects: &Socket<B>) {
        let wildcard = match self {
            Over::Tcp => "tcp://127.0.0.1:*",
            Over::Ipc => "ipc://*",
            Over::Inproc => "inproc://pair",
            Over::InprocEarly => {
                connects.connect("inproc://pair").unwrap();
                binds.bind("inproc://pair").unwrap();
                return;
            }
        };
        binds.bind(&common::endpoint(wildcard)).unwrap();
        let endpoint = binds.last_endpoint().unwrap();
        connects.connect(&endpoint).unwrap();
        assert_eq!(connects.last_endpoint().unwrap(), endpoint);
    }
}

/// Two sockets of one context that have met; the first has bound.
fn joined<A: SocketType, B: SocketType>(over: Over, a: A, b: B) -> (Socket<A>, Socket<B>) {
    let context = Context::new().unwrap();
    let a = patient(context.socket(a).unwrap());
    let b = patient(context.socket(b).unwrap());
    over.join(&a, &b);
    (a, b)
}

/// Each claim once for every way to meet.
macro_rules! over_each_transport {
    ($($claim:ident)*) => {$(
        mod $claim {
            use super::Over;

            #[test]
            fn over_tcp() {
                super::$claim(Over::Tcp);
            }

            #[test]
            fn over_ipc() {
                super::$claim(Over::Ipc);
            }

            #[test]
            fn over_inproc() {
                super::$claim(Over::Inproc);
            }

            #[test]
            fn over_inproc_when_the_connect_came_first() {
                super::$claim(Over::InprocEarly);
            }
        }
    )*};
}

over_each_transport! {
    sub_receives_what_pub_sends_on_its_topic
    req_and_rep_take_turns
    router_sees_the_empty_delimiter_of_req
    rep_answers_a_dealer_that_adds_the_delimiter
    router_answers_the_dealer_it_heard
    dealers_talk_both_ways
    routers_talk_by_routing_id
    pull_receives_all_that_push_sends_in_order
    pairs_talk_both_ways
    xpub_sees_the_subscriptions_of_sub
    xsub_subscribes_by_message
}

fn sub_receives_what_pub_sends_on_its_topic(over: Over) {
    let (publisher, subscriber) = joined(over, zmq::PUB, zmq::SUB);
    subscriber.subscribe("B").unwrap();
    // A PUB does not tell when the subscription has arrived: what it sends before is dropped.
    let end = Instant::now() + LONG;
    loop {
        publisher.send_multipart(["A", "unwanted"]).unwrap();
        publisher.send_multipart(["B", "wanted"]).unwrap();
        let [ready] = zmq::poll([subscriber.poll_in()], Some(Duration::from_millis(20))).unwrap();
        if ready.is_readable() {
            break;
        }
        assert!(Instant::now() < end, "the subscription never arrived");
    }
    assert_eq!(subscriber.recv_multipart().unwrap(), ["B", "wanted"]);

    // The subscription is in force now, so that nothing is dropped any more.
    publisher.send("A").unwrap();
    publisher.send("B, the last").unwrap();
    while subscriber.recv_multipart().unwrap() != ["B, the last"] {}
}

fn req_and_rep_take_turns(over: Over) {
    let (server, client) = joined(over, zmq::REP, zmq::REQ);
    for turn in ["one", "two"] {
        client.send(turn).unwrap();
        let request = server.recv().unwrap();
        assert_eq!(request, turn);
        let peer = over.has_properties().then_some("REQ");
        assert_eq!(request.peer_socket_type(), peer);
        server.send_multipart([turn, "reply"]).unwrap();
        assert_eq!(client.recv_multipart().unwrap(), [turn, "reply"]);
    }
}

fn router_sees_the_empty_delimiter_of_req(over: Over) {
    let (router, client) = joined(over, zmq::ROUTER, zmq::REQ);
    client.send("question").unwrap();
    let [id, delimiter, body] = router.recv_array().unwrap();
    assert!(!id.is_empty());
    assert!(delimiter.is_empty());
    assert_eq!(body, "question");
    router.send_multipart((id, "", "answer")).unwrap();
    assert_eq!(client.recv().unwrap(), "answer");
}

fn rep_answers_a_dealer_that_adds_the_delimiter(over: Over) {
    let (server, dealer) = joined(over, zmq::REP, zmq::DEALER);
    // The first has no delimiter, so that no REP takes it for a request.
    dealer.send("malformed").unwrap();
    dealer.send_multipart(["", "one"]).unwrap();
    dealer.send_multipart(["", "two", "parts"]).unwrap();
    assert_eq!(server.recv().unwrap(), "one");
    server.send("first").unwrap();
    assert_eq!(server.recv_multipart().unwrap(), ["two", "parts"]);
    server.send("second").unwrap();
    assert_eq!(dealer.recv_multipart().unwrap(), ["", "first"]);
    assert_eq!(dealer.recv_multipart().unwrap(), ["", "second"]);
}

fn router_answers_the_dealer_it_heard(over: Over) {
    let context = Context::new().unwrap();
    let router = patient(context.socket(zmq::ROUTER).unwrap());
    let dealer = patient(context.socket(zmq::DEALER).unwrap());
    dealer.set_routing_id("dealer-1").unwrap();
    over.join(&router, &dealer);
    dealer.send("one").unwrap();
    dealer.send_multipart(["two", "parts"]).unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["dealer-1", "one"]);
    let [id, two, parts] = router.recv_array().unwrap();
    assert_eq!([two, parts], ["two", "parts"]);
    router.send_to(id, "back").unwrap();
    assert_eq!(dealer.recv().unwrap(), "back");
}

fn dealers_talk_both_ways(over: Over) {
    let (a, b) = joined(over, zmq::DEALER, zmq::DEALER);
    b.send_multipart(["to", "a"]).unwrap();
    a.send("to b").unwrap();
    assert_eq!(a.recv_multipart().unwrap(), ["to", "a"]);
    assert_eq!(b.recv().unwrap(), "to b");
}

fn routers_talk_by_routing_id(over: Over) {
    let context = Context::new().unwrap();
    let a = patient(context.socket(zmq::ROUTER).unwrap());
    let b = patient(context.socket(zmq::ROUTER).unwrap());
    a.set_routing_id("a").unwrap();
    b.set_routing_id("b").unwrap();
    for router in [&a, &b] {
        router.set_router_mandatory(true).unwrap();
    }
    over.join(&a, &b);

    // Neither hears of the other before the handshake is over; poll lets the socket notice.
    let mut message = zmq::Multipart::from(["a", "from b"]);
    let end = Instant::now() + LONG;
    while let Err(refused) = b.send_multipart(message) {
        assert_eq!(refused.kind(), ErrorKind::HostUnreachable);
        assert!(Instant::now() < end, "the routers never met");
        message = refused.into_message();
        zmq::poll([b.poll_in()], Some(Duration::from_millis(1))).unwrap();
    }
    assert_eq!(a.recv_multipart().unwrap(), ["b", "from b"]);
    a.send_to("b", "from a").unwrap();
    assert_eq!(b.recv_multipart().unwrap(), ["a", "from a"]);
}

fn pull_receives_all_that_push_sends_in_order(over: Over) {
    let (pull, push) = joined(over, zmq::PULL, zmq::PUSH);
    for number in 0..100u32 {
        push.send(&number.to_be_bytes()).unwrap();
    }
    for number in 0..100u32 {
        assert_eq!(pull.recv().unwrap(), number.to_be_bytes());
    }
}

fn pairs_talk_both_ways(over: Over) {
    let (a, b) = joined(over, zmq::PAIR, zmq::PAIR);
    b.send_multipart(["to", "a"]).unwrap();
    a.send("to b").unwrap();
    assert_eq!(a.recv_multipart().unwrap(), ["to", "a"]);
    assert_eq!(b.recv().unwrap(), "to b");
}

fn xpub_sees_the_subscriptions_of_sub(over: Over) {
    let (publisher, subscriber) = joined(over, zmq::XPUB, zmq::SUB);
    subscriber.subscribe("topic").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x01topic");
    publisher.send("elsewhere").unwrap();
    publisher.send("topic and more").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "topic and more");
    subscriber.unsubscribe("topic").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x00topic");
}

fn xsub_subscribes_by_message(over: Over) {
    let (publisher, subscriber) = joined(over, zmq::XPUB, zmq::XSUB);
    subscriber.send(b"\x01topic").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x01topic");
    publisher.send("elsewhere").unwrap();
    publisher.send_multipart(["topic", "news"]).unwrap();
    assert_eq!(subscriber.recv_multipart().unwrap(), ["topic", "news"]);
    subscriber.send(b"\x00topic").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x00topic");
}

/// A TCP connection that gives up after [`LONG`].
fn patient_stream(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.set_write_timeout(Some(LONG)).unwrap();
    stream
}

/// Receives from one peer until `count` bytes have come: TCP keeps no boundaries.
fn bytes_from(stream: &Socket<zmq::Stream>, peer: &Message, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        let [id, chunk] = stream.recv_array().unwrap();
        assert_eq!(&id, peer);
        assert!(!chunk.is_empty(), "the peer went away");
        bytes.extend_from_slice(&chunk);
    }
    bytes
}

#[test]
fn stream_serves_a_plain_tcp_client() {
    let context = Context::new().unwrap();
    let server = patient(context.socket(zmq::STREAM).unwrap());
    server.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = server.last_endpoint().unwrap();
    let mut client =
        patient_stream(TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap());

    let [mut id, came] = server.recv_array().unwrap();
    assert!(came.is_empty(), "an empty part says that a peer came");
    client.write_all(b"hello").unwrap();
    assert_eq!(bytes_from(&server, &id, 5), b"hello");
    server.send_multipart((id.share(), "world")).unwrap();
    let mut answer = [0; 5];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"world");

    // An empty part closes the connection. The socket has its own part in that, which it plays
    // while it is polled.
    server.send_multipart((id, "")).unwrap();
    loop {
        let items = [server.poll_in(), client.as_fd().into()];
        let [_, closed] = zmq::poll(items, Some(LONG)).unwrap();
        if closed.is_readable() {
            break;
        }
        let _ = server.recv_multipart().unwrap();
    }
    assert_eq!(client.read(&mut answer).unwrap(), 0);
}

#[test]
fn stream_connects_to_a_plain_tcp_server_and_sees_it_go() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let context = Context::new().unwrap();
    let client = patient(context.socket(zmq::STREAM).unwrap());
    client
        .connect(&format!("tcp://{}", listener.local_addr().unwrap()))
        .unwrap();
    let mut server = patient_stream(listener.accept().unwrap().0);

    let [id, came] = client.recv_array().unwrap();
    assert!(came.is_empty());
    client.send_multipart((&id[..], "hello")).unwrap();
    let mut request = [0; 5];
    server.read_exact(&mut request).unwrap();
    assert_eq!(&request, b"hello");
    server.write_all(b"world").unwrap();
    assert_eq!(bytes_from(&client, &id, 5), b"world");

    drop((server, listener));
    let [gone, empty] = client.recv_array().unwrap();
    assert_eq!(gone, id);
    assert!(empty.is_empty(), "an empty part says that a peer went");
}

#[test]
fn inproc_binds_and_connects_in_any_order_and_number() {
    let context = Context::new().unwrap();
    let early = patient(context.socket(zmq::PUSH).unwrap());
    early.connect("inproc://meeting").unwrap();
    early.send("sent before the bind").unwrap();
    let pull = patient(context.socket(zmq::PULL).unwrap());
    pull.bind("inproc://meeting").unwrap();
    let late = patient(context.socket(zmq::PUSH).unwrap());
    late.connect("inproc://meeting").unwrap();
    assert_eq!(pull.recv().unwrap(), "sent before the bind");
    late.send("sent after it").unwrap();
    assert_eq!(pull.recv().unwrap(), "sent after it");
}
