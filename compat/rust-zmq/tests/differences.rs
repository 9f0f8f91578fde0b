//! Where this differs from rust-zmq: each is a row of the table in README.md.

mod common;

use std::thread;

use common::{LONG, connected, ends, patient};
use zmq::{
    Context, CurveKeyPair, DONTWAIT, DecodeError, Error, Message, POLLIN, PollItem, SNDMORE,
    Socket, SocketEvent, z85_decode,
};

#[test]
fn what_is_written_is_this_messages_alone() {
    let context = Context::new();
    let publisher = patient(&context, zmq::XPUB);
    publisher.set_xpub_verbose(true).unwrap();
    publisher.bind("inproc://shared").unwrap();
    let subscribers = [(); 2].map(|()| {
        let socket = patient(&context, zmq::SUB);
        socket.connect("inproc://shared").unwrap();
        socket.set_subscribe(b"").unwrap();
        publisher.recv_bytes(0).unwrap();
        socket
    });
    publisher.send(vec![b'a'; 5000], 0).unwrap();
    let [mut first, second] = subscribers.map(|socket| socket.recv_msg(0).unwrap());
    assert_eq!(first.as_ptr(), second.as_ptr(), "they share their bytes");
    first[0] = b'b';
    assert_eq!((first[0], second[0]), (b'b', b'a'));
    assert_eq!(first.len(), 5000);
}

#[test]
fn a_message_that_was_written_is_still_the_one_received() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    push.send_multipart(["one", "two"], 0).unwrap();
    let mut part = pull.recv_msg(0).unwrap();
    part.make_ascii_uppercase();
    assert_eq!(part.as_str(), Some("ONE"));
    assert!(part.get_more());
    assert_eq!(part.gets("Socket-Type"), Some("PUSH"));
    pull.recv_msg(0).unwrap();
    push.send(part, 0).unwrap();
    assert_eq!(pull.recv_bytes(0).unwrap(), b"ONE");
}

#[test]
#[expect(deprecated, reason = "it is there all the same")]
fn bytes_that_were_never_written_are_zero() {
    // SAFETY: there is nothing to keep.
    let message = unsafe { Message::with_capacity_unallocated(3) };
    assert_eq!(&message[..], [0; 3]);
}

#[test]
fn an_unknown_errno_is_a_value() {
    let error = Error::from_raw(12_345);
    assert_eq!(error, Error::Other(12_345));
    assert_eq!(error.to_raw(), 12_345);
    assert!(error.message().contains("12345"));
}

#[test]
fn an_unknown_event_is_a_value() {
    assert_eq!(SocketEvent::from_raw(0x3), SocketEvent::UNKNOWN);
}

#[test]
fn a_nul_within_is_an_error() {
    let context = Context::new();
    let socket = context.socket(zmq::PULL).unwrap();
    let endpoint = "inproc://a\0b";
    assert_eq!(socket.bind(endpoint), Err(Error::EINVAL));
    assert_eq!(socket.unbind(endpoint), Err(Error::EINVAL));
    assert_eq!(socket.connect(endpoint), Err(Error::EINVAL));
    assert_eq!(socket.disconnect(endpoint), Err(Error::EINVAL));
    assert_eq!(socket.monitor(endpoint, 0), Err(Error::EINVAL));
    assert_eq!(zmq::has("ipc\0"), Some(false));
    assert_eq!(Message::new().gets("Socket-Type\0"), None);
}

#[test]
fn a_text_that_is_no_z85_is_an_error() {
    assert!(matches!(z85_decode("Hell\""), Err(DecodeError::BadText)));
    assert!(matches!(z85_decode("#####"), Err(DecodeError::BadText)));
    assert_eq!(z85_decode("Hello").unwrap(), [0x86, 0x4F, 0xD2, 0x6F]);
}

#[test]
fn a_secret_key_is_not_shown() {
    if zmq::has("curve") == Some(true) {
        let pair = CurveKeyPair::new().unwrap();
        let secret = format!("{:?}", pair.secret_key);
        assert!(!format!("{pair:?}").contains(&secret));
    }
}

#[test]
fn a_destroyed_context_lives_as_long_as_its_handles() {
    ends(|| {
        let mut context = Context::new();
        let clone = context.clone();
        let socket = patient(&context, zmq::PULL);
        let waiting = thread::spawn(move || socket.recv_bytes(0));
        context.destroy().unwrap();
        assert_eq!(waiting.join().unwrap(), Err(Error::ETERM));
        assert_eq!(clone.socket(zmq::PULL).map(drop), Err(Error::ETERM));
        context.destroy().unwrap();
        drop(context);
        assert_eq!(clone.socket(zmq::PULL).map(drop), Err(Error::ETERM));
    });
}

#[test]
fn io_threads_are_set_without_effect_after_the_first_socket() {
    let context = Context::new();
    let _socket = context.socket(zmq::PULL).unwrap();
    context.set_io_threads(3).unwrap();
    assert_eq!(context.get_io_threads(), Ok(1));
}

#[test]
fn high_water_marks_are_set_before_the_first_bind() {
    let context = Context::new();
    let socket = context.socket(zmq::PULL).unwrap();
    socket.set_rcvhwm(7).unwrap();
    socket.bind("inproc://marks").unwrap();
    assert_eq!(socket.set_rcvhwm(8), Err(Error::EFSM));
    assert_eq!(socket.get_rcvhwm(), Ok(7));
}

#[test]
fn polling_nothing_without_end_is_an_error() {
    assert_eq!(zmq::poll(&mut [], -1), Err(Error::EINVAL));
    assert_eq!(zmq::poll(&mut [], 0), Ok(0));
    assert_eq!(
        zmq::poll(&mut [PollItem::from_fd(-1, POLLIN)], -1),
        Err(Error::EINVAL)
    );
}

#[test]
fn a_pair_that_loses_messages_is_no_proxy() {
    let context = Context::new();
    let [front, back] = [zmq::PULL, zmq::PULL].map(|kind| context.socket(kind).unwrap());
    assert_eq!(zmq::proxy(&front, &back), Err(Error::EINVAL));
}

#[test]
fn an_endpoint_that_would_abort_the_process_is_an_error() {
    let context = Context::new();
    let bind = |kind, endpoint| context.socket(kind).unwrap().bind(endpoint);
    bind(zmq::PULL, "inproc://zeromq.zap.01").unwrap_err();
    bind(zmq::STREAM, "inproc://stream").unwrap_err();
    bind(zmq::REP, "inproc://zeromq.zap.01").unwrap();
}

#[test]
fn a_port_above_the_last_is_an_error() {
    let context = Context::new();
    let socket = context.socket(zmq::PULL).unwrap();
    assert_eq!(socket.bind("tcp://127.0.0.1:99999"), Err(Error::EINVAL));
}

// ---- sockets from C and to C ---------------------------------------------------------------------

#[test]
fn giving_up_the_last_socket_does_not_wait_for_it() {
    ends(|| {
        let context = Context::new();
        let socket = context.socket(zmq::PULL).unwrap();
        socket.bind("inproc://given-up").unwrap();
        drop(context);
        let raw = socket.into_raw();
        // SAFETY: given up above, and nobody else's.
        let socket = unsafe { Socket::from_raw(raw) };
        assert_eq!(socket.get_socket_type(), Ok(zmq::PULL));
        assert_eq!(
            socket.get_last_endpoint().unwrap().unwrap(),
            "inproc://given-up"
        );
    });
}

#[test]
fn a_socket_is_given_up_between_two_messages() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    push.send_multipart(["one", "two"], 0).unwrap();
    push.send("whole", 0).unwrap();
    assert_eq!(pull.recv_bytes(0).unwrap(), b"one");
    pull.poll(POLLIN, LONG.into()).unwrap();
    let raw = pull.into_raw();
    // SAFETY: given up above, and nobody else's.
    let pull = unsafe { Socket::from_raw(raw) };
    assert_eq!(pull.recv_multipart(0).unwrap(), [b"whole"]);
}

#[test]
fn a_socket_that_is_given_up_and_closed_in_c_ends_with_its_context() {
    ends(|| {
        let context = Context::new();
        let raw = context.socket(zmq::PULL).unwrap().into_raw();
        // SAFETY: given up above, and nobody else's.
        assert_eq!(unsafe { zmq_sys::zmq_close(raw) }, 0);
    });
}

#[test]
fn a_socket_of_an_ended_context_says_so_and_is_closed() {
    ends(|| {
        // SAFETY: no more is asked.
        let context = unsafe { zmq_sys::zmq_ctx_new() };
        // SAFETY: the context is live, and the type is one of libzmq's.
        let raw = unsafe { zmq_sys::zmq_socket(context, zmq_sys::ZMQ_PULL as i32) };
        // SAFETY: the context is live.
        unsafe { zmq_sys::zmq_ctx_shutdown(context) };
        // SAFETY: the socket is open; nothing is written to a buffer of no bytes.
        let heard = unsafe { zmq_sys::zmq_recv(raw, std::ptr::null_mut(), 0, DONTWAIT) };
        assert_eq!(heard, -1, "it has noticed the end");
        // SAFETY: it is open, its context is terminated below after its drop, and nobody has it.
        let mut socket = unsafe { Socket::from_raw(raw) };
        assert_eq!(socket.as_mut_ptr(), raw);
        assert_eq!(socket.recv_bytes(DONTWAIT), Err(Error::ETERM));
        assert_eq!(socket.send("a", SNDMORE), Err(Error::ETERM));
        #[cfg(unix)]
        assert_eq!(std::os::fd::AsRawFd::as_raw_fd(&socket), -1);
        drop(socket);
        // SAFETY: it is live, and its one socket is closed.
        assert_eq!(unsafe { zmq_sys::zmq_ctx_term(context) }, 0);
    });
}

#[test]
fn a_socket_of_a_type_without_a_name_says_so() {
    const SERVER: i32 = 12;
    // SAFETY: no more is asked.
    let context = unsafe { zmq_sys::zmq_ctx_new() };
    // SAFETY: the context is live; a type that this libzmq lacks is an error.
    let raw = unsafe { zmq_sys::zmq_socket(context, SERVER) };
    if !raw.is_null() {
        // SAFETY: it is open, its context is terminated below after its drop, and nobody has it.
        let socket = unsafe { Socket::from_raw(raw) };
        assert_eq!(socket.get_socket_type(), Err(Error::ENOTSUP));
        assert_eq!(socket.get_mechanism(), Err(Error::ENOTSUP));
    }
    // SAFETY: it is live, and its socket is closed.
    assert_eq!(unsafe { zmq_sys::zmq_ctx_term(context) }, 0);
}
