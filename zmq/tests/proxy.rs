//! `zmq::proxy`: whole messages go both ways, and wait where they are.

mod common;

use std::io::Write as _;
use std::net::TcpStream;
use std::thread::{self, JoinHandle};

use common::{SHORT, bound, connected_over, context_and, in_child, patient, peer_of};
use zmq::{Context, Error, ErrorKind, Multipart, Proxy, ProxyWith, Socket, SocketKind, SocketType};

const ANY_PORT: &str = "tcp://127.0.0.1:*";

/// Two bound sides of a proxy.
fn sides<F: SocketType, B: SocketType>(
    context: &Context,
    frontend: F,
    backend: B,
) -> (Socket<F>, Socket<B>) {
    let frontend = bound(context, frontend, "inproc://frontend");
    (frontend, bound(context, backend, "inproc://backend"))
}

/// Runs a proxy on a thread, up to its end.
fn running<F: ProxyWith<B>, B: SocketType>(
    frontend: Socket<F>,
    backend: Socket<B>,
) -> JoinHandle<Error> {
    thread::spawn(move || {
        let Err(error) = zmq::proxy(&frontend, &backend);
        error
    })
}

/// Ends it, as a shutdown does.
fn end(context: &Context, proxy: JoinHandle<Error>) {
    context.shutdown().unwrap();
    assert_eq!(proxy.join().unwrap().kind(), ErrorKind::Terminated);
}

#[test]
fn requests_go_forth_and_replies_back_to_who_asked() {
    let context = Context::new().unwrap();
    let frontend = bound(&context, zmq::ROUTER, ANY_PORT);
    let backend = bound(&context, zmq::DEALER, ANY_PORT);
    let clients = [(); 3].map(|()| peer_of(&frontend, zmq::REQ));
    let mut worker = peer_of(&backend, zmq::REP);
    let proxy = running(frontend, backend);
    for (i, client) in clients.iter().enumerate() {
        client.send(format!("question {i}")).unwrap();
    }
    for _ in &clients {
        let request = worker.next_request().unwrap();
        let answer = format!("re {}", request[0]);
        request.reply(answer).unwrap();
    }
    for (i, client) in clients.iter().enumerate() {
        assert_eq!(client.recv().unwrap(), format!("re question {i}"));
    }
    end(&context, proxy);
}

#[test]
fn subscriptions_travel_back_and_messages_forth() {
    for reversed in [false, true] {
        let context = Context::new().unwrap();
        let (inward, outward) = sides(&context, zmq::XSUB, zmq::XPUB);
        let publisher = peer_of(&inward, zmq::XPUB);
        let subscriber = peer_of(&outward, zmq::SUB);
        let proxy = if reversed {
            running(outward, inward)
        } else {
            running(inward, outward)
        };
        subscriber.subscribe("A").unwrap();
        assert_eq!(publisher.recv().unwrap(), "\x01A");
        publisher.send_multipart(["B", "not asked for"]).unwrap();
        publisher.send_multipart(["A", "news"]).unwrap();
        assert_eq!(subscriber.recv_multipart().unwrap(), ["A", "news"]);
        subscriber.unsubscribe("A").unwrap();
        assert_eq!(publisher.recv().unwrap(), "\0A");
        end(&context, proxy);
    }
}

/// Its XSUB would keep the topic, and overflow the stack when it ends.
#[test]
fn a_peer_cannot_end_a_proxy_with_a_long_topic() {
    in_child("a_peer_cannot_end_a_proxy_with_a_long_topic", || {
        let context = Context::new().unwrap();
        let frontend = bound(&context, zmq::XSUB, "inproc://frontend");
        let backend = bound(&context, zmq::XPUB, ANY_PORT);
        let publisher = peer_of(&frontend, zmq::XPUB);
        let endpoint = backend.last_endpoint().unwrap();
        let proxy = running(frontend, backend);

        let mut peer = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
        let mut greeting = [0; 64];
        greeting[..12].copy_from_slice(b"\xff\0\0\0\0\0\0\0\0\x7f\x03\0");
        greeting[12..16].copy_from_slice(b"NULL");
        peer.write_all(&greeting).unwrap();
        peer.write_all(b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB")
            .unwrap();
        for first in [1, 0] {
            let mut subscription = vec![b'x'; 1 << 20];
            subscription[0] = first;
            peer.write_all(&[2]).unwrap();
            peer.write_all(&(subscription.len() as u64).to_be_bytes())
                .unwrap();
            peer.write_all(&subscription).unwrap();
        }
        peer.write_all(b"\0\x02\x01A").unwrap();
        assert_eq!(publisher.recv().unwrap(), "\u{1}A");
        end(&context, proxy);
    });
}

/// Messages of every shape: one frame, empty ones, many, short and long.
fn shaped(i: usize) -> Multipart {
    let frames = [1, 2, 3, 5, 40][i % 5];
    let mut message: Multipart = (0..frames)
        .map(|j| "x".repeat([0, 1, 33, 34, 2000][(i + j) % 5]))
        .collect();
    message.push_back(i.to_string());
    message
}

#[test]
fn messages_go_whole_and_in_order_both_ways_at_once() {
    const COUNT: usize = 3000;
    for endpoint in ["inproc://", ANY_PORT] {
        let context = Context::new().unwrap();
        let name = |side| match endpoint {
            "inproc://" => format!("inproc://{side}"),
            _ => endpoint.to_owned(),
        };
        let frontend = bound(&context, zmq::DEALER, &name("front"));
        let backend = bound(&context, zmq::DEALER, &name("back"));
        let ends = [
            peer_of(&frontend, zmq::DEALER),
            peer_of(&backend, zmq::DEALER),
        ];
        let proxy = running(frontend, backend);
        let peers = ends.map(|socket| {
            thread::spawn(move || {
                let (mut sent, mut received) = (0, 0);
                while received < COUNT {
                    // Few ahead, so that nothing comes to a stop with both ends full.
                    while sent < COUNT && sent < received + 500 {
                        socket.send_multipart(shaped(sent)).unwrap();
                        sent += 1;
                    }
                    assert_eq!(socket.recv_multipart().unwrap(), shaped(received)[..]);
                    received += 1;
                }
            })
        });
        for peer in peers {
            peer.join().unwrap();
        }
        end(&context, proxy);
    }
}

#[test]
fn one_way_pairs_go_their_way() {
    let context = Context::new().unwrap();
    // The frontend is the side that sends.
    let (frontend, backend) = sides(&context, zmq::PUB, zmq::PULL);
    let source = peer_of(&backend, zmq::PUSH);
    let sink = peer_of(&frontend, zmq::SUB);
    sink.subscribe("").unwrap();
    let proxy = running(frontend, backend);
    // When a subscription has arrived is not told.
    let received = loop {
        source.send_multipart(["a", "b"]).unwrap();
        let [ready] = zmq::poll([sink.poll_in()], SHORT).unwrap();
        if ready.is_readable() {
            break sink.recv_multipart().unwrap();
        }
    };
    assert_eq!(received, ["a", "b"]);
    end(&context, proxy);
}

#[test]
fn a_full_side_holds_up_its_own_direction_only() {
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::DEALER, zmq::DEALER);
    let (left, right) = (
        peer_of(&frontend, zmq::DEALER),
        peer_of(&backend, zmq::DEALER),
    );
    let proxy = running(frontend, backend);
    // Nobody receives on the right.
    let mut sent = 0;
    left.set_sndtimeo(SHORT).unwrap();
    while left.send(format!("{sent}")).is_ok() {
        sent += 1;
    }
    for i in 0..5000 {
        right.send(format!("back {i}")).unwrap();
        assert_eq!(left.recv().unwrap(), format!("back {i}"));
    }
    for i in 0..sent {
        assert_eq!(right.recv().unwrap(), format!("{i}"));
    }
    end(&context, proxy);
}

#[test]
fn an_xpub_that_does_not_drop_holds_messages_up_and_loses_none() {
    const COUNT: usize = 20_000;
    let context = Context::new().unwrap();
    let (inward, outward) = sides(&context, zmq::XSUB, zmq::XPUB);
    outward.set_xpub_nodrop(true).unwrap();
    let publisher = patient(context.socket(zmq::XPUB).unwrap());
    publisher.set_xpub_nodrop(true).unwrap();
    publisher.connect(&inward.last_endpoint().unwrap()).unwrap();
    let subscriber = peer_of(&outward, zmq::SUB);
    let proxy = running(inward, outward);
    subscriber.subscribe("").unwrap();
    assert_eq!(publisher.recv().unwrap(), "\x01");
    let sender = thread::spawn(move || {
        for i in 0..COUNT {
            publisher.send(format!("{i}")).unwrap();
        }
        publisher
    });
    for i in 0..COUNT {
        assert_eq!(subscriber.recv().unwrap(), format!("{i}"));
    }
    // A new subscription gets through while messages are held up.
    let publisher = sender.join().unwrap();
    publisher.set_sndtimeo(SHORT).unwrap();
    while publisher.send("filling").is_ok() {}
    let second = patient(context.socket(zmq::SUB).unwrap());
    second.subscribe("second").unwrap();
    second.connect("inproc://backend").unwrap();
    assert_eq!(publisher.recv().unwrap(), "\x01second");
    end(&context, proxy);
}

#[test]
fn messages_stay_whole_when_receivers_die() {
    let frames = |i: u64| [3, 20][i as usize % 2];
    let context = Context::new().unwrap();
    let frontend = bound(&context, zmq::PULL, "inproc://frontend");
    let backend = bound(&context, zmq::PUSH, ANY_PORT);
    let endpoint = backend.last_endpoint().unwrap();
    let source = peer_of(&frontend, zmq::PUSH);
    let proxy = running(frontend, backend);
    let sender = thread::spawn(move || {
        for i in 0.. {
            let message: Multipart = (0..frames(i)).map(|j| format!("{i}.{j}")).collect();
            if source.send_multipart(message).is_err() {
                break;
            }
        }
    });
    for _ in 0..50 {
        let sink = patient(context.socket(zmq::PULL).unwrap());
        sink.set_rcvhwm(5).unwrap();
        sink.connect(&endpoint).unwrap();
        for _ in 0..50 {
            let message = sink.recv_multipart().unwrap();
            let number = message[0].as_str().unwrap().strip_suffix(".0").unwrap();
            let frames = frames(number.parse().unwrap());
            let whole: Multipart = (0..frames).map(|j| format!("{number}.{j}")).collect();
            assert_eq!(message, whole[..]);
        }
    }
    end(&context, proxy);
    sender.join().unwrap();
}

#[test]
fn what_a_socket_was_left_with_goes_first() {
    let context = Context::new().unwrap();
    let (mut frontend, backend) = sides(&context, zmq::DEALER, zmq::DEALER);
    let (left, right) = (
        peer_of(&frontend, zmq::DEALER),
        peer_of(&backend, zmq::DEALER),
    );
    left.send_multipart(["half", "read"]).unwrap();
    left.send("whole").unwrap();
    std::mem::forget(frontend.recv_frames().unwrap());
    let proxy = running(frontend, backend);
    assert_eq!(right.recv_multipart().unwrap(), ["whole"]);
    end(&context, proxy);

    // A ROUTER keeps a message for the time after a disconnect.
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::ROUTER, zmq::DEALER);
    let (left, right) = (
        peer_of(&frontend, zmq::DEALER),
        peer_of(&backend, zmq::DEALER),
    );
    left.send("early").unwrap();
    zmq::poll([frontend.poll_in()], None).unwrap();
    frontend.unbind("inproc://frontend").unwrap();
    let proxy = running(frontend, backend);
    let [_id, body] = right.recv_array().unwrap();
    assert_eq!(body, "early");
    end(&context, proxy);
}

#[test]
fn one_socket_as_both_sides_sends_back_what_comes() {
    let (context, socket, peer) = connected_over("inproc://echo", zmq::PAIR, zmq::PAIR);
    let proxy = thread::spawn(move || {
        let Err(error) = zmq::proxy(&socket, &socket);
        error
    });
    peer.send_multipart(["once", "again"]).unwrap();
    assert_eq!(peer.recv_multipart().unwrap(), ["once", "again"]);
    end(&context, proxy);
}

#[test]
fn a_shut_down_context_ends_it_at_once() {
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::PULL, zmq::PUSH);
    context.shutdown().unwrap();
    let Err(error) = zmq::proxy(&frontend, &backend);
    assert_eq!(error.kind(), ErrorKind::Terminated);
}

#[test]
fn the_end_of_one_of_two_contexts_ends_it() {
    in_child("the_end_of_one_of_two_contexts_ends_it", || {
        let (context, frontend) = context_and(zmq::PULL);
        let (_other, backend) = context_and(zmq::PUSH);
        frontend.bind("inproc://frontend").unwrap();
        backend.bind("inproc://backend").unwrap();
        let source = peer_of(&frontend, zmq::PUSH);
        source.send("waits for a receiver").unwrap();
        end(&context, running(frontend, backend));
    });
}

#[test]
fn sockets_known_at_run_time_are_checked_then() {
    use SocketKind::*;
    let pairs = [
        (Push, Push),
        (Pull, Pull),
        (Req, Rep),
        (Router, Rep),
        (Sub, XPub),
        (Router, Router),
        (Stream, Dealer),
    ];
    let context = Context::new().unwrap();
    for (front, back) in pairs {
        let [frontend, backend] = [front, back].map(|kind| context.socket_of(kind).unwrap());
        let Err(error) = zmq::proxy(&frontend, &backend);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{front} {back}");
        assert_eq!(error.call(), "zmq_proxy");
        assert_eq!(
            error.subject(),
            Some(&*format!("frontend {front}, backend {back}"))
        );
        let error = Proxy::new(frontend, backend).spawn().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    let (frontend, backend) = sides(&context, zmq::ROUTER, zmq::DEALER);
    let (client, mut worker) = (peer_of(&frontend, zmq::REQ), peer_of(&backend, zmq::REP));
    let proxy = running(frontend.into_any(), backend);
    client.send("question").unwrap();
    worker.next_request().unwrap().reply("answer").unwrap();
    assert_eq!(client.recv().unwrap(), "answer");
    end(&context, proxy);
}
