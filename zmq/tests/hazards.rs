//! What breaks a naive wrapper of libzmq, each in a process of its own where libzmq would abort or
//! hang. The numbers are those of ARCHITECTURE.md, "Hazards".

mod common;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{LONG, bind_again, connected_over, context_and, free_tcp, in_child, patient};
use zmq::{
    CanReceive, CanSend, Context, ErrorKind, Message, Multipart, Socket, SocketKind, SocketType,
};

// ---- F2, F3: user code inside libzmq ---------------------------------------------------------

/// An owner that tells on which thread it was dropped, and what its drop could do there.
struct Teller<F: FnOnce() + Send + 'static> {
    bytes: Vec<u8>,
    on_drop: Option<F>,
    told: mpsc::Sender<thread::ThreadId>,
}

impl<F: FnOnce() + Send + 'static> AsRef<[u8]> for Teller<F> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<F: FnOnce() + Send + 'static> Drop for Teller<F> {
    fn drop(&mut self) {
        if let Some(on_drop) = self.on_drop.take() {
            on_drop();
        }
        let _ = self.told.send(thread::current().id());
    }
}

fn teller(on_drop: impl FnOnce() + Send + 'static) -> (Message, mpsc::Receiver<thread::ThreadId>) {
    let (told, hear) = mpsc::channel();
    let owner = Teller {
        bytes: vec![7; 4096],
        on_drop: Some(on_drop),
        told,
    };
    (Message::from_owner(owner), hear)
}

#[test]
fn an_owner_is_never_dropped_inside_a_call() {
    in_child("an_owner_is_never_dropped_inside_a_call", || {
        thread_local! {
            static SOCKET: std::cell::RefCell<Option<Socket<zmq::Pair>>> =
                const { std::cell::RefCell::new(None) };
        }
        let (_context, a, b) = connected_over("inproc://reenter", zmq::PAIR, zmq::PAIR);
        SOCKET.set(Some(a));
        // The drop of the owner would use the very socket whose call drops the message.
        let (message, dropped) = teller(|| {
            SOCKET.with_borrow(|socket| {
                assert!(
                    socket.is_none(),
                    "dropped on the socket's own thread, inside its call"
                );
            });
        });
        b.send(message).unwrap();
        SOCKET.with_borrow(|socket| {
            let socket = socket.as_ref().unwrap();
            let mut received = Message::new();
            socket.recv_message_into(&mut received).unwrap();
            b.send("next").unwrap();
            socket.recv_message_into(&mut received).unwrap(); // releases the first one inside
        });
        assert_ne!(dropped.recv_timeout(LONG).unwrap(), thread::current().id());
    });
}

#[test]
fn an_owner_that_holds_the_last_context_and_a_socket_ends_them() {
    in_child(
        "an_owner_that_holds_the_last_context_and_a_socket_ends_them",
        || {
            let (context, sender, receiver) =
                connected_over("tcp://127.0.0.1:*", zmq::PUSH, zmq::PULL);
            let held = context.socket(zmq::DEALER).unwrap();
            let (message, dropped) = teller(move || drop((held, context)));
            // Over tcp the I/O thread is the one to release it: it must not wait for itself.
            sender.send(message).unwrap();
            receiver.recv().unwrap();
            drop((sender, receiver));
            dropped.recv_timeout(LONG).unwrap();
        },
    );
}

/// On the one thread that drops owners.
#[test]
fn an_owner_whose_context_does_not_end_holds_up_no_other_owner() {
    in_child(
        "an_owner_whose_context_does_not_end_holds_up_no_other_owner",
        || {
            let endpoint = free_tcp();
            let lingering = Context::new().unwrap();
            let push = lingering.socket(zmq::PUSH).unwrap();
            push.connect(&endpoint).unwrap();
            push.send("nobody takes it yet").unwrap();
            let (first, first_dropped) = teller(move || drop((push, lingering)));
            let (second, second_dropped) = teller(|| ());
            drop(first);
            drop(second);
            first_dropped.recv_timeout(LONG).unwrap();
            second_dropped.recv_timeout(LONG).unwrap();
            let (_context, pull) = context_and(zmq::PULL);
            bind_again(&pull, &endpoint);
            assert_eq!(pull.recv().unwrap(), "nobody takes it yet");
        },
    );
}

// ---- F4: poll, disconnect, receive -----------------------------------------------------------

/// The subscriber side has looked whether a message is there, its connection goes, and what it
/// receives then is whole.
fn survives_disconnect<S: CanSend, R: CanReceive>(
    sender: Socket<S>,
    receiver: Socket<R>,
    endpoint: &str,
    get_ready: impl FnOnce(&Socket<S>, &Socket<R>),
    message: Multipart,
    expected: usize,
) {
    let (sender, receiver) = (patient(sender), patient(receiver));
    sender.bind(endpoint).unwrap();
    let endpoint = sender.last_endpoint().unwrap();
    receiver.connect(&endpoint).unwrap();
    get_ready(&sender, &receiver);
    sender.send_multipart(message).unwrap();
    let [ready] = zmq::poll([receiver.poll_in()], Some(LONG)).unwrap();
    assert!(ready.is_readable());
    receiver.disconnect(&endpoint).unwrap();
    assert!(
        receiver.events().unwrap().is_readable(),
        "the message that was seen is still there"
    );
    let [ready] = zmq::poll([receiver.poll_in()], None).unwrap();
    assert!(ready.is_readable());
    assert_eq!(receiver.recv_multipart().unwrap().len(), expected);
    // And the socket is fit for use.
    receiver.connect(&endpoint).unwrap();
    receiver.set_rcvtimeo(Some(Duration::ZERO)).unwrap();
    assert_eq!(
        receiver.recv_multipart().unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
}

fn two_parts() -> Multipart {
    ["topic", "body"].into()
}

#[test]
fn a_sub_survives_poll_then_disconnect_then_recv() {
    in_child("a_sub_survives_poll_then_disconnect_then_recv", || {
        for endpoint in ["tcp://127.0.0.1:*", "inproc://f4"] {
            let context = Context::new().unwrap();
            let (sender, receiver) = (context.socket(zmq::XPUB), context.socket(zmq::SUB));
            let subscribe = |sender: &Socket<zmq::XPub>, receiver: &Socket<zmq::Sub>| {
                receiver.subscribe("topic").unwrap();
                sender.recv().unwrap();
            };
            survives_disconnect(
                sender.unwrap(),
                receiver.unwrap(),
                endpoint,
                subscribe,
                two_parts(),
                2,
            );
        }
    });
}

#[test]
fn an_xsub_survives_poll_then_disconnect_then_recv() {
    in_child("an_xsub_survives_poll_then_disconnect_then_recv", || {
        for endpoint in ["tcp://127.0.0.1:*", "inproc://f4"] {
            let context = Context::new().unwrap();
            let (sender, receiver) = (context.socket(zmq::XPUB), context.socket(zmq::XSUB));
            let subscribe = |sender: &Socket<zmq::XPub>, receiver: &Socket<zmq::XSub>| {
                receiver.send(b"\x01topic").unwrap();
                sender.recv().unwrap();
            };
            survives_disconnect(
                sender.unwrap(),
                receiver.unwrap(),
                endpoint,
                subscribe,
                two_parts(),
                2,
            );
        }
    });
}

#[test]
fn a_message_taken_out_before_a_disconnect_comes_by_every_form_of_receive() {
    for form in 0..5 {
        let (_context, sender, mut receiver) =
            connected_over("inproc://forms", zmq::XPUB, zmq::SUB);
        receiver.subscribe("topic").unwrap();
        sender.recv().unwrap();
        sender.send_multipart(two_parts()).unwrap();
        receiver.disconnect("inproc://forms").unwrap();
        match form {
            0 => {
                let mut buffer = [0; 5];
                let received = receiver.recv_into(&mut buffer).unwrap();
                assert_eq!((&buffer, received.dropped_frames), (b"topic", 1));
            }
            1 => {
                let received = receiver.try_recv_into(&mut [0; 2]).unwrap().unwrap();
                assert_eq!((received.len, received.full_len), (2, 5));
            }
            2 => {
                let frames: Result<Vec<_>, _> = receiver.recv_frames().unwrap().collect();
                assert_eq!(frames.unwrap(), ["topic", "body"]);
            }
            3 => {
                let [topic, body] = receiver.try_recv_array().unwrap().unwrap();
                assert_eq!((topic, body), ("topic".into(), "body".into()));
            }
            _ => {
                let parts = receiver.recv().unwrap_err().into_multipart().unwrap();
                assert_eq!(parts, ["topic", "body"]);
            }
        }
        assert!(receiver.try_recv().unwrap().is_none());
    }
}

#[test]
fn a_router_survives_poll_then_disconnect_then_recv() {
    in_child("a_router_survives_poll_then_disconnect_then_recv", || {
        for endpoint in ["tcp://127.0.0.1:*", "inproc://f4"] {
            let context = Context::new().unwrap();
            let (sender, receiver) = (context.socket(zmq::DEALER), context.socket(zmq::ROUTER));
            survives_disconnect(
                sender.unwrap(),
                receiver.unwrap(),
                endpoint,
                |_, _| {},
                two_parts(),
                3,
            );
        }
    });
}

#[test]
fn a_rep_survives_poll_then_disconnect_then_recv() {
    in_child("a_rep_survives_poll_then_disconnect_then_recv", || {
        for endpoint in ["tcp://127.0.0.1:*", "inproc://f4"] {
            let context = Context::new().unwrap();
            let (sender, receiver) = (context.socket(zmq::DEALER), context.socket(zmq::REP));
            let sender = patient(sender.unwrap());
            let receiver = patient(receiver.unwrap());
            sender.bind(endpoint).unwrap();
            let endpoint = sender.last_endpoint().unwrap();
            receiver.connect(&endpoint).unwrap();
            sender.send_multipart(["", "topic", "body"]).unwrap();
            zmq::poll([receiver.poll_in()], Some(LONG)).unwrap();
            receiver.disconnect(&endpoint).unwrap();
            // The request waits to be received: answering it now is out of turn.
            assert_eq!(
                receiver.send("early").unwrap_err().kind(),
                ErrorKind::InvalidState
            );
            assert_eq!(receiver.recv_multipart().unwrap(), ["topic", "body"]);
            receiver.send("to nobody").unwrap();
        }
    });
}

// ---- a stream of frames that was forgotten ---------------------------------------------------

fn forget_frames<T: CanReceive>(receiver: &mut Socket<T>) {
    let mut frames = receiver.recv_frames().unwrap();
    let mut frame = Message::new();
    assert!(frames.next_frame(&mut frame).unwrap());
    std::mem::forget(frames);
}

#[test]
fn a_forgotten_stream_never_lets_a_middle_frame_out() {
    for endpoint in ["tcp://127.0.0.1:*", "inproc://forgotten"] {
        let (_context, sender, mut receiver) = connected_over(endpoint, zmq::PUSH, zmq::PULL);
        for _ in 0..3 {
            sender.send_multipart(["one", "two", "three"]).unwrap();
            sender.send("next").unwrap();
            forget_frames(&mut receiver);
            assert_eq!(receiver.recv().unwrap(), "next");
        }
        sender.send_multipart(["one", "two", "three"]).unwrap();
        forget_frames(&mut receiver);
        // What is left of the message is not what a poll waits for.
        let [ready] = zmq::poll([receiver.poll_in()], Some(Duration::ZERO)).unwrap();
        assert!(ready.is_empty());
        assert!(receiver.events().unwrap().is_empty());
        assert!(receiver.try_recv().unwrap().is_none());
    }
}

#[test]
fn a_forgotten_stream_then_disconnect_then_recv_does_not_abort() {
    in_child(
        "a_forgotten_stream_then_disconnect_then_recv_does_not_abort",
        || {
            fn check<S: SocketType + CanSend, R: CanReceive>(
                (_context, receiver, sender): (Context, Socket<R>, Socket<S>),
            ) {
                // The receiver connects, so that it has something to disconnect.
                let mut receiver = receiver;
                sender.bind("inproc://other").unwrap();
                receiver.connect("inproc://other").unwrap();
                sender.send_multipart(["one", "two", "three"]).unwrap();
                zmq::poll([receiver.poll_in()], Some(LONG)).unwrap();
                forget_frames(&mut receiver);
                receiver.disconnect("inproc://other").unwrap();
                assert!(receiver.try_recv_multipart().unwrap().is_none());
            }
            fn fresh<S: SocketType, R: SocketType>(s: S, r: R) -> (Context, Socket<R>, Socket<S>) {
                let context = Context::new().unwrap();
                let (r, s) = (context.socket(r).unwrap(), context.socket(s).unwrap());
                (context, patient(r), patient(s))
            }
            check(fresh(zmq::PUSH, zmq::PULL));
            check(fresh(zmq::DEALER, zmq::DEALER));
            check(fresh(zmq::DEALER, zmq::ROUTER));
            check(fresh(zmq::PAIR, zmq::PAIR));
        },
    );
}

#[test]
fn a_forgotten_stream_on_a_rep_is_finished_before_the_reply() {
    let (_context, mut server, client) =
        connected_over("inproc://rep-forgets", zmq::REP, zmq::DEALER);
    client.send_multipart(["", "one", "two", "three"]).unwrap();
    forget_frames(&mut server);
    server.send("reply").unwrap();
    assert_eq!(client.recv_multipart().unwrap(), ["", "reply"]);
}

// ---- F11, F12, F13, F15 ----------------------------------------------------------------------

#[test]
fn a_stream_is_never_left_in_the_middle_of_a_message() {
    use std::io::Read as _;
    let context = Context::new().unwrap();
    let stream = patient(context.socket(zmq::STREAM).unwrap());
    stream.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = stream.last_endpoint().unwrap();
    let mut peer = std::net::TcpStream::connect(endpoint.trim_start_matches("tcp://")).unwrap();
    let [id, hello] = stream.recv_array().unwrap();
    assert!(hello.is_empty());
    for wrong in [vec![&id[..]], vec![&id[..], b"a", b"b"], vec![]] {
        assert_eq!(
            stream.send_multipart(wrong).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }
    stream.send_multipart([&id[..], b"whole"]).unwrap();
    let mut bytes = [0; 5];
    peer.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"whole");
}

#[test]
fn nothing_but_a_rep_or_router_takes_the_authenticators_place() {
    let context = Context::new().unwrap();
    let endpoint = "inproc://zeromq.zap.01";
    let error = context
        .socket(zmq::PULL)
        .unwrap()
        .bind(endpoint)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol);
    context.socket(zmq::REP).unwrap().bind(endpoint).unwrap();
}

#[test]
fn a_context_ends_with_unmatched_connects_and_no_free_slot() {
    in_child(
        "a_context_ends_with_unmatched_connects_and_no_free_slot",
        || {
            for end in [drop::<Context>, |context: Context| {
                context.terminate().unwrap()
            }] {
                let context = Context::new().unwrap();
                context.set_max_sockets(2).unwrap();
                let sockets = [(); 2].map(|()| context.socket(zmq::PUSH).unwrap());
                for (i, socket) in sockets.iter().enumerate() {
                    for j in 0..50 {
                        socket.connect(&format!("inproc://nobody-{i}-{j}")).unwrap();
                    }
                    socket.connect("inproc://nobody").unwrap();
                    socket.send("into nowhere").unwrap();
                }
                assert_eq!(
                    context.socket(zmq::PUSH).unwrap_err().kind(),
                    ErrorKind::TooManyOpen
                );
                drop(sockets);
                end(context);
            }
        },
    );
}

/// Who binds a name and lets it go leaves it to whoever connects later, and to the end of the context.
#[test]
fn a_context_ends_with_connects_to_names_that_were_bound_once() {
    in_child(
        "a_context_ends_with_connects_to_names_that_were_bound_once",
        || {
            let context = Context::new().unwrap();
            context.set_max_sockets(2).unwrap();
            let first = context.socket(zmq::PUSH).unwrap();
            first.connect("inproc://never").unwrap();
            first.bind("inproc://unbound").unwrap();
            first.unbind("inproc://unbound").unwrap();
            let binder = context.socket(zmq::PULL).unwrap();
            binder.bind("inproc://closed").unwrap();
            drop(binder);
            // Its slot is free when libzmq has closed it.
            let second = loop {
                match context.socket(zmq::PUSH) {
                    Ok(socket) => break socket,
                    Err(error) => assert_eq!(error.kind(), ErrorKind::TooManyOpen),
                }
                thread::yield_now();
            };
            second.connect("inproc://unbound").unwrap();
            second.connect("inproc://closed").unwrap();
            for socket in [first, second] {
                // What waits to be sent keeps the slots taken.
                (0..2).for_each(|_| socket.send("into nowhere").unwrap());
            }
        },
    );
}

#[test]
fn an_inproc_connect_before_its_bind_is_matched() {
    let context = Context::new().unwrap();
    let sender = patient(context.socket(zmq::PUSH).unwrap());
    sender.connect("inproc://later").unwrap();
    sender.send("early").unwrap();
    let receiver = patient(context.socket(zmq::PULL).unwrap());
    receiver.bind("inproc://later").unwrap();
    assert_eq!(receiver.recv().unwrap(), "early");
    // Bound, closed and bound again by another: every time it is matched.
    drop(receiver);
    let second = patient(context.socket(zmq::PUSH).unwrap());
    second.connect("inproc://later").unwrap();
    let receiver = patient(context.socket(zmq::PULL).unwrap());
    while let Err(error) = receiver.bind("inproc://later") {
        // The reaper has not closed the former one yet.
        assert_eq!(error.kind(), ErrorKind::AddressInUse);
        thread::yield_now();
    }
}

#[test]
fn a_lingering_message_does_not_hold_terminate_timeout() {
    in_child(
        "a_lingering_message_does_not_hold_terminate_timeout",
        || {
            let context = Context::new().unwrap();
            let socket = context.socket(zmq::PUSH).unwrap();
            // A port that nobody listens on: bound by a plain socket that never accepts.
            let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            socket
                .connect(&format!("tcp://{}", silent.local_addr().unwrap()))
                .unwrap();
            socket.send("never read").unwrap();
            context.shutdown().unwrap();
            // Too late for a shorter linger: the socket has seen the end.
            assert_eq!(socket.events().unwrap_err().kind(), ErrorKind::Terminated);
            assert_eq!(
                socket.set_linger(Some(Duration::ZERO)).unwrap_err().kind(),
                ErrorKind::Terminated
            );
            drop(socket);
            let open = context
                .terminate_timeout(Duration::from_millis(50))
                .unwrap_err();
            assert!(open.lingering, "{open:?}");
            assert_eq!((open.sockets.len(), open.contexts), (0, 0));
        },
    );
}

// ---- terminate -------------------------------------------------------------------------------

#[test]
fn terminate_leaves_clones_and_sockets_valid() {
    let context = Context::new().unwrap();
    let clone = context.clone();
    let socket = context.socket(zmq::PULL).unwrap();
    let open = context
        .terminate_timeout(Duration::from_millis(1))
        .unwrap_err();
    assert_eq!((open.contexts, open.lingering), (1, false));
    let [still] = open.sockets[..] else {
        panic!("{open}");
    };
    assert_eq!(still.kind, SocketKind::Pull);
    assert_eq!(socket.recv().unwrap_err().kind(), ErrorKind::Terminated);
    assert_eq!(
        clone.socket(zmq::PULL).unwrap_err().kind(),
        ErrorKind::Terminated
    );
    assert_eq!(
        socket.connect("inproc://x").unwrap_err().kind(),
        ErrorKind::Terminated
    );
}

#[test]
fn terminate_waits_for_the_sockets_of_other_threads() {
    let context = Context::new().unwrap();
    let socket = context.socket(zmq::PULL).unwrap();
    socket.bind("inproc://waits").unwrap();
    let other = thread::spawn(move || socket.recv().unwrap_err().kind());
    context.terminate().unwrap();
    assert_eq!(other.join().unwrap(), ErrorKind::Terminated);
}

#[test]
fn a_context_dropped_while_panicking_does_not_wait() {
    in_child("a_context_dropped_while_panicking_does_not_wait", || {
        let panicked = thread::spawn(|| {
            let context = Context::new().unwrap();
            let socket = context.socket(zmq::PUSH).unwrap();
            let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            socket
                .connect(&format!("tcp://{}", silent.local_addr().unwrap()))
                .unwrap();
            socket.send("lingers for ever").unwrap();
            panic!("on purpose");
        })
        .join();
        assert!(panicked.is_err());
    });
}

#[test]
fn shutdown_on_drop_frees_the_threads_of_a_scope() {
    let context = Context::new().unwrap();
    thread::scope(|scope| {
        let _guard = context.shutdown_on_drop();
        for _ in 0..3 {
            scope.spawn(|| {
                let socket = match context.socket(zmq::PULL) {
                    Ok(socket) => socket,
                    Err(error) => return assert_eq!(error.kind(), ErrorKind::Terminated),
                };
                assert_eq!(socket.recv().unwrap_err().kind(), ErrorKind::Terminated);
            });
        }
    });
}
