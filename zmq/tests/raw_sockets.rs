//! Sockets that come from C and go there.

mod common;

use std::ffi::c_void;
use std::time::Duration;

use common::c::{borrow_socket, c_bind, c_close, c_connect, c_receive, c_socket, kind};
use common::{LONG, connected_over, context_and, in_child, patient, pipeline};
use zmq::{
    Any, Capability, Context, ErrorKind, EventKind, MonitorEvents, Pull, Push, Router, Socket,
    SocketKind, Sub,
};

#[test]
fn a_socket_of_another_type_is_refused_and_stays_cs() {
    let context = Context::new().unwrap();
    let pull = c_socket(context.as_ptr(), SocketKind::Pull);
    // SAFETY: open, of this context, and unused; refused, so that it is not closed here.
    let wrong = unsafe { Socket::<Push>::from_raw(pull, &context) };
    assert_eq!(kind(wrong), ErrorKind::InvalidInput);
    assert_eq!(
        kind(borrow_socket::<Sub>(pull, &context)),
        ErrorKind::InvalidInput
    );
    c_bind(pull, c"inproc://c"); // it is open
    // SAFETY: as above, and not used by C any more.
    let any = unsafe { Socket::<Any>::from_raw(pull, &context) }.unwrap();
    assert_eq!(any.kind(), SocketKind::Pull);
    assert!(any.downcast::<Pull>().is_ok());
    context.terminate_timeout(LONG).unwrap();
}

#[test]
fn a_draft_type_is_refused_where_drafts_are_not_offered() {
    if cfg!(feature = "draft") && zmq::has(Capability::Draft) {
        return;
    }
    let context = Context::new().unwrap();
    let server = c_socket(context.as_ptr(), SocketKind::Server);
    assert_eq!(
        kind(borrow_socket::<Any>(server, &context)),
        ErrorKind::MissingCapability(Capability::Draft)
    );
    c_close(server);
}

#[test]
fn giving_up_the_last_socket_does_not_wait_for_it() {
    in_child("giving_up_the_last_socket_does_not_wait_for_it", || {
        let (context, socket) = context_and(zmq::PULL);
        drop(context);
        let (c, context) = socket.into_raw().unwrap();
        let still_open = context
            .terminate_timeout(Duration::from_millis(10))
            .unwrap_err();
        assert_eq!((still_open.sockets.len(), still_open.contexts), (0, 0));
        c_close(c);
    });
}

#[test]
fn a_socket_is_given_up_between_two_messages() {
    let (push, mut pull) = pipeline();
    push.send_multipart(["begun", "and left"]).unwrap();
    push.send("next").unwrap();
    let mut frames = pull.recv_frames().unwrap();
    assert_eq!(frames.next().unwrap().unwrap(), "begun");
    std::mem::forget(frames);
    let (c, context) = pull.into_raw().unwrap();
    assert_eq!(c_receive(c), b"next");
    c_close(c);
    drop(push);
    context.terminate_timeout(LONG).unwrap();
}

#[test]
fn a_socket_with_a_message_that_c_would_miss_is_not_given_up() {
    let (_context, dealer, router) = connected_over("inproc://missed", zmq::DEALER, zmq::ROUTER);
    dealer.send("waits").unwrap();
    router.disconnect("inproc://missed").unwrap();
    let refused = router.into_raw().unwrap_err();
    assert_eq!(refused.error.kind(), ErrorKind::InvalidState);
    assert_eq!(refused.to_string(), refused.error.to_string());
    assert!(!refused.to_string().is_empty());
    let router = refused.into_value();
    let [_id, body] = router.recv_array().unwrap();
    assert_eq!(body, "waits");
    let (c, _context) = router.into_raw().unwrap();
    c_close(c);
}

#[test]
fn the_monitor_of_a_socket_that_is_given_up_ends() {
    let (_context, socket) = context_and(zmq::PULL);
    let monitor = socket.monitor(MonitorEvents::ALL).unwrap();
    let (c, _context) = socket.into_raw().unwrap();
    let last = monitor.recv_timeout(LONG).unwrap().unwrap();
    assert_eq!(last.kind, EventKind::MonitorStopped);
    c_close(c);
    drop(monitor); // does not touch the socket any more
}

/// A PULL of C's with a message of two parts, of which C has received the first, and another.
fn half_read(context: &Context) -> *mut c_void {
    let pull = c_socket(context.as_ptr(), SocketKind::Pull);
    c_bind(pull, c"inproc://half");
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.connect("inproc://half").unwrap();
    push.send_multipart(["first", "second"]).unwrap();
    push.send("next").unwrap();
    assert_eq!(c_receive(pull), b"first");
    pull
}

#[test]
fn a_socket_in_the_middle_of_a_message_is_refused() {
    let context = Context::new().unwrap();
    let pull = half_read(&context);
    assert_eq!(
        kind(borrow_socket::<Pull>(pull, &context)),
        ErrorKind::InvalidState
    );
    // SAFETY: open, of this context; refused, so that it is not closed here.
    let owned = unsafe { Socket::<Pull>::from_raw(pull, &context) };
    assert_eq!(kind(owned), ErrorKind::InvalidState);
    assert_eq!(c_receive(pull), b"second");
    // SAFETY: as above, and C does not use it any more.
    let owned = unsafe { Socket::<Pull>::from_raw(pull, &context) }.unwrap();
    assert_eq!(owned.recv().unwrap(), "next");
}

#[test]
fn a_borrowed_socket_is_not_closed() {
    let context = Context::new().unwrap();
    let pull = c_socket(context.as_ptr(), SocketKind::Pull);
    borrow_socket::<Pull>(pull, &context)
        .unwrap()
        .bind("inproc://c")
        .unwrap();
    let push = c_socket(context.as_ptr(), SocketKind::Push);
    c_connect(push, c"inproc://c");
    {
        let lent = borrow_socket::<Push>(push, &context).unwrap();
        assert_eq!(lent.as_ptr(), push);
        lent.send("one").unwrap();
        lent.give_back().unwrap();
    }
    assert_eq!(c_receive(pull), b"one");
    c_close(push);
    // Neither is it counted.
    let still_open = context
        .terminate_timeout(Duration::from_millis(1))
        .unwrap_err();
    assert_eq!((still_open.sockets.len(), still_open.contexts), (0, 0));
    c_close(pull);
}

#[test]
fn a_borrowed_socket_goes_back_between_two_messages() {
    let context = Context::new().unwrap();
    let c = c_socket(context.as_ptr(), SocketKind::Pull);
    c_bind(c, c"inproc://c");
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.connect("inproc://c").unwrap();
    for give_back in [false, true] {
        push.send_multipart(["begun", "and left"]).unwrap();
        push.send("next").unwrap();
        let mut pull = borrow_socket::<Pull>(c, &context).unwrap();
        let mut frames = match give_back {
            true => pull.try_recv_frames().unwrap().unwrap(),
            false => pull.recv_frames().unwrap(),
        };
        assert_eq!(frames.next().unwrap().unwrap(), "begun");
        std::mem::forget(frames);
        if give_back {
            pull.give_back().unwrap();
        } else {
            drop(pull);
        }
        assert_eq!(c_receive(c), b"next");
    }
    c_close(c);
}

#[test]
fn a_borrowed_socket_whose_context_ends_in_mid_message_is_not_given_back() {
    let context = Context::new().unwrap();
    let c = c_socket(context.as_ptr(), SocketKind::Pull);
    c_bind(c, c"inproc://c");
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.connect("inproc://c").unwrap();
    push.send_multipart(["begun", "and left"]).unwrap();
    let mut pull = borrow_socket::<Pull>(c, &context).unwrap();
    std::mem::forget(pull.recv_frames().unwrap());
    context.shutdown().unwrap();
    // Has libzmq look for the end of its context, which a receive does now and then.
    let mut events = 0_i32.to_ne_bytes();
    let read = pull.raw_option(zmq_sys::ZMQ_EVENTS, &mut events);
    assert_eq!(kind(read), ErrorKind::Terminated);
    let refused = pull.give_back().unwrap_err();
    assert_eq!(refused.error.kind(), ErrorKind::Terminated);
    drop(refused);
    c_close(c);
}

#[test]
fn what_would_outlive_a_loan_is_refused() {
    let context = Context::new().unwrap();
    let dealer = patient(context.socket(zmq::DEALER).unwrap());
    dealer.bind("inproc://dealer").unwrap();
    let c = c_socket(context.as_ptr(), SocketKind::Router);
    c_connect(c, c"inproc://dealer");
    dealer.send("waits").unwrap();
    {
        let router = borrow_socket::<Router>(c, &context).unwrap();
        let [ready] = zmq::poll([router.poll_in()], Some(LONG)).unwrap();
        assert!(ready.is_readable());
        assert_eq!(
            kind(router.disconnect("inproc://dealer")),
            ErrorKind::InvalidState
        );
        assert_eq!(
            kind(router.unbind("inproc://dealer")),
            ErrorKind::InvalidState
        );
        assert_eq!(
            kind(router.monitor(MonitorEvents::ALL)),
            ErrorKind::InvalidState
        );
    }
    c_receive(c); // the routing id
    assert_eq!(c_receive(c), b"waits");
    c_close(c);
}

#[test]
fn a_loan_that_reads_nothing_ahead_may_let_its_peers_go() {
    let context = Context::new().unwrap();
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.bind("inproc://push").unwrap();
    let c = c_socket(context.as_ptr(), SocketKind::Pull);
    c_connect(c, c"inproc://push");
    let pull = borrow_socket::<Pull>(c, &context).unwrap();
    pull.disconnect("inproc://push").unwrap();
    drop(pull);
    c_close(c);
}

#[test]
fn turns_are_kept_on_borrowed_sockets() {
    let context = Context::new().unwrap();
    let (rep, req) = (
        c_socket(context.as_ptr(), SocketKind::Rep),
        c_socket(context.as_ptr(), SocketKind::Req),
    );
    c_bind(rep, c"inproc://turns");
    c_connect(req, c"inproc://turns");
    let mut client = borrow_socket::<zmq::Req>(req, &context).unwrap();
    drop(client.request("Hello").unwrap());
    client.give_back().unwrap();
    let mut server = borrow_socket::<zmq::Rep>(rep, &context).unwrap();
    let request = server.try_next_request().unwrap().unwrap();
    request.reply("World").unwrap();
    assert!(server.try_next_request().unwrap().is_none());
    drop(server);
    // The next borrower gets the reply, which another one has asked for.
    let mut client = borrow_socket::<zmq::Req>(req, &context).unwrap();
    assert_eq!(
        kind(client.request("again").map_err(zmq::Error::from)),
        ErrorKind::InvalidState
    );
    assert_eq!(client.recv().unwrap(), "World");
    drop(client);
    c_close(req);
    c_close(rep);
}

#[test]
fn a_router_of_cs_may_be_bound_so_it_names_no_peers() {
    let context = Context::new().unwrap();
    let router = c_socket(context.as_ptr(), SocketKind::Router);
    let borrowed = borrow_socket::<Router>(router, &context).unwrap();
    let refused = borrowed.connect_as("peer", "inproc://peer").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    drop(borrowed);
    c_close(router);
}

#[test]
fn an_option_without_a_function_is_set_and_read_by_its_number() {
    let context = Context::new().unwrap();
    let socket = context.socket(zmq::PULL).unwrap();
    let conflate = || {
        let mut value = 7_i32.to_ne_bytes();
        let read = socket.raw_option(zmq_sys::ZMQ_CONFLATE, &mut value);
        assert_eq!(read.unwrap().len(), 4);
        i32::from_ne_bytes(value)
    };
    assert_eq!(conflate(), 0);
    let one = 1_i32.to_ne_bytes();
    // SAFETY: the socket never has a peer.
    unsafe { socket.set_raw_option(zmq_sys::ZMQ_CONFLATE, Some(&one)) }.unwrap();
    assert_eq!(conflate(), 1);
}

#[test]
fn an_option_is_taken_back_with_no_value() {
    let context = Context::new().unwrap();
    let socket = context.socket(zmq::PUSH).unwrap();
    let proxy = || {
        let mut buffer = [7; 256];
        let read = socket.raw_option(zmq_sys::ZMQ_SOCKS_PROXY, &mut buffer);
        read.unwrap().to_vec()
    };
    let set = |value: Option<&[u8]>| {
        // SAFETY: the socket never connects.
        unsafe { socket.set_raw_option(zmq_sys::ZMQ_SOCKS_PROXY, value) }
    };
    set(Some(b"localhost:1080")).unwrap();
    assert_eq!(proxy(), b"localhost:1080\0");
    assert_eq!(kind(set(Some(b""))), ErrorKind::InvalidInput);
    set(None).unwrap();
    assert_eq!(proxy(), b"\0");
    // SAFETY: nothing is set.
    let number = unsafe { socket.set_raw_option(zmq_sys::ZMQ_LINGER, None) };
    assert_eq!(kind(number), ErrorKind::InvalidInput);
}

#[test]
fn what_is_no_option_is_an_error_that_names_it() {
    let context = Context::new().unwrap();
    let socket = context.socket(zmq::PULL).unwrap();
    // SAFETY: there is no such option.
    let set = unsafe { socket.set_raw_option(-1, Some(&[0; 4])) }.unwrap_err();
    let mut buffer = [0; 4];
    let read = socket.raw_option(-1, &mut buffer).unwrap_err();
    for (error, call) in [(set, "zmq_setsockopt"), (read, "zmq_getsockopt")] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!((error.call(), error.subject()), (call, Some("option -1")));
    }
    let mut short = [0; 2];
    let short = socket.raw_option(zmq_sys::ZMQ_LINGER, &mut short);
    assert_eq!(kind(short), ErrorKind::InvalidInput);
}
