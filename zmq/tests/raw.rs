//! What comes from C and goes there, with `zmq_sys` in the place of C.

mod common;

use std::ffi::{CStr, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use common::{LONG, NO_TIME, connected_over, context_and, in_child, patient, pipeline};
use zmq::raw::zmq_msg_t;
use zmq::{
    Any, Capability, Context, ErrorKind, EventKind, Message, MonitorEvents, PollEvents, PollItem,
    Pull, Push, Socket, SocketKind, Sub,
};

// ---- C -------------------------------------------------------------------------------------------

fn c_context() -> *mut c_void {
    // SAFETY: no precondition.
    let context = unsafe { zmq_sys::zmq_ctx_new() };
    assert!(!context.is_null());
    context
}

/// Ends a context of C's, on a thread, since that can wait; says when it is done.
fn c_end(context: *mut c_void) -> Receiver<()> {
    let address = context.expose_provenance();
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        // SAFETY: each test ends each context of C's once.
        let result =
            unsafe { zmq_sys::zmq_ctx_term(std::ptr::with_exposed_provenance_mut(address)) };
        assert_eq!(result, 0);
        let _ = sender.send(());
    });
    ended
}

fn c_socket(context: *mut c_void, kind: SocketKind) -> *mut c_void {
    // SAFETY: each test gives a live context.
    let socket = unsafe { zmq_sys::zmq_socket(context, kind.to_raw()) };
    assert!(!socket.is_null());
    let patience = c_int::try_from(LONG.as_millis()).unwrap();
    for option in [zmq_sys::ZMQ_RCVTIMEO, zmq_sys::ZMQ_SNDTIMEO] {
        let value = (&raw const patience).cast();
        // SAFETY: the socket is new, and the value a C int.
        let set = unsafe { zmq_sys::zmq_setsockopt(socket, option, value, size_of::<c_int>()) };
        assert_eq!(set, 0);
    }
    socket
}

fn c_bind(socket: *mut c_void, endpoint: &CStr) {
    // SAFETY: each test gives an open socket.
    assert_eq!(unsafe { zmq_sys::zmq_bind(socket, endpoint.as_ptr()) }, 0);
}

fn c_connect(socket: *mut c_void, endpoint: &CStr) {
    // SAFETY: each test gives an open socket.
    assert_eq!(
        unsafe { zmq_sys::zmq_connect(socket, endpoint.as_ptr()) },
        0
    );
}

fn c_receive(socket: *mut c_void) -> Vec<u8> {
    let mut buffer = [0; 64];
    // SAFETY: each test gives an open socket; the buffer is writable for its length.
    let size = unsafe { zmq_sys::zmq_recv(socket, buffer.as_mut_ptr().cast(), buffer.len(), 0) };
    buffer[..usize::try_from(size).expect("a message came")].to_vec()
}

fn c_close(socket: *mut c_void) {
    // SAFETY: each test closes each socket once; libzmq finds out if it is none.
    assert_eq!(unsafe { zmq_sys::zmq_close(socket) }, 0);
}

/// Borrows a context that the caller ends afterwards.
fn borrow(context: *mut c_void) -> zmq::Result<Context> {
    // SAFETY: each test gives a live context, and ends it by `zmq_ctx_term` if at all.
    unsafe { Context::borrow_raw(context) }
}

/// Borrows a socket of this context, which the test does not use meanwhile.
fn borrow_socket<T: zmq::SocketType>(
    socket: *mut c_void,
    context: &Context,
) -> zmq::Result<zmq::raw::BorrowedSocket<'_, T>> {
    // SAFETY: see above; nothing is half sent.
    unsafe { Socket::borrow_raw(socket, context) }
}

fn kind<T: std::fmt::Debug>(result: zmq::Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

// ---- what is not what it should be ---------------------------------------------------------------

#[test]
fn null_pointers_are_refused() {
    let context = Context::new().unwrap();
    // SAFETY: null is always refused.
    assert_eq!(
        kind(unsafe { Context::from_raw(null_mut()) }),
        ErrorKind::BadAddress
    );
    assert_eq!(kind(borrow(null_mut())), ErrorKind::BadAddress);
    // SAFETY: as above.
    let socket = unsafe { Socket::<Any>::from_raw(null_mut(), &context) };
    assert_eq!(kind(socket), ErrorKind::NotASocket);
    assert_eq!(
        kind(borrow_socket::<Any>(null_mut(), &context)),
        ErrorKind::NotASocket
    );
    // SAFETY: as above.
    assert_eq!(
        kind(unsafe { Message::borrow_raw(null()) }),
        ErrorKind::BadAddress
    );
    // SAFETY: as above.
    assert_eq!(
        kind(unsafe { Message::borrow_raw_mut(null_mut()) }),
        ErrorKind::BadAddress
    );
}

#[test]
fn a_misaligned_message_is_refused() {
    let message = Message::from("text");
    let beside = message.as_raw().wrapping_byte_add(1);
    // SAFETY: a misaligned pointer is refused before anything is read.
    assert_eq!(
        kind(unsafe { Message::borrow_raw(beside) }),
        ErrorKind::BadAddress
    );
}

#[test]
fn what_is_no_context_or_no_socket_is_an_error() {
    let (context, socket) = context_and(zmq::PULL);
    // SAFETY: both pointers lead to objects of libzmq's, which are large enough to be looked at.
    assert_eq!(
        kind(unsafe { Context::from_raw(socket.as_ptr()) }),
        ErrorKind::BadAddress
    );
    let no_socket = borrow_socket::<Any>(context.as_ptr(), &context);
    assert_eq!(kind(no_socket), ErrorKind::NotASocket);
}

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
        ErrorKind::NotSupported
    );
    c_close(server);
}

// ---- contexts ------------------------------------------------------------------------------------

#[test]
fn an_adopted_context_ends_with_its_last_handle() {
    // SAFETY: new, and nobody else's.
    let context = unsafe { Context::from_raw(c_context()) }.unwrap();
    let socket = context.socket(zmq::PULL).unwrap();
    let clone = context.clone();
    let still_open = clone
        .terminate_timeout(Duration::from_millis(1))
        .unwrap_err();
    assert_eq!((still_open.sockets, still_open.contexts), (1, 1));
    drop(socket);
    context.terminate_timeout(LONG).unwrap();
}

#[test]
fn an_adopted_context_takes_no_option_that_may_come_too_late() {
    // SAFETY: new, and nobody else's.
    let context = unsafe { Context::from_raw(c_context()) }.unwrap();
    assert_eq!(context.max_sockets().unwrap(), 1023);
    assert_eq!(kind(context.set_io_threads(2)), ErrorKind::InvalidState);
    context.set_blocky(false).unwrap();
    assert!(!context.blocky().unwrap());
}

#[test]
fn a_borrowed_context_is_not_ended_by_rust() {
    let c = c_context();
    let context = borrow(c).unwrap();
    let (other, socket) = (context.clone(), context.socket(zmq::PULL).unwrap());
    assert_eq!(kind(context.shutdown()), ErrorKind::InvalidState);
    assert_eq!(kind(context.set_max_msgsz(1)), ErrorKind::InvalidState);
    drop(context.shutdown_on_drop());
    let still_open = context
        .terminate_timeout(Duration::from_millis(1))
        .unwrap_err();
    assert_eq!((still_open.sockets, still_open.contexts), (1, 1));

    let waiting = thread::spawn(|| other.terminate());
    drop(socket);
    waiting.join().unwrap().unwrap();
    c_close(c_socket(c, SocketKind::Pull)); // neither ended nor shut down
    c_end(c).recv_timeout(LONG).unwrap();
}

#[test]
fn the_owner_of_a_borrowed_context_waits_for_the_last_handle() {
    let c = c_context();
    let (first, second) = (borrow(c).unwrap(), borrow(c).unwrap());
    assert!(first == second && first != Context::new().unwrap());
    let ended = c_end(c);
    drop(first);
    let early = ended.recv_timeout(Duration::from_millis(50));
    assert_eq!(early, Err(RecvTimeoutError::Timeout));
    drop(second);
    ended.recv_timeout(LONG).unwrap();
}

#[test]
fn a_context_of_cs_that_was_shut_down_is_not_borrowed() {
    let c = c_context();
    // SAFETY: live.
    unsafe { zmq_sys::zmq_ctx_shutdown(c) };
    assert_eq!(kind(borrow(c)), ErrorKind::Terminated);
    c_end(c).recv_timeout(LONG).unwrap();
}

/// What waits for a name is the owner's to bind, also when Rust has gone.
#[test]
fn c_binds_what_rust_has_connected_to_and_left() {
    let c = c_context();
    let context = borrow(c).unwrap();
    let push = context.socket(zmq::PUSH).unwrap();
    push.connect("inproc://later").unwrap();
    push.send("from Rust").unwrap();
    drop((push, context));
    let pull = c_socket(c, SocketKind::Pull);
    c_bind(pull, c"inproc://later");
    assert_eq!(c_receive(pull), b"from Rust");
    c_close(pull);
    c_end(c).recv_timeout(LONG).unwrap();
}

#[test]
fn rust_leaves_the_owner_a_socket_for_its_end() {
    in_child("rust_leaves_the_owner_a_socket_for_its_end", || {
        let c = c_context();
        // SAFETY: live, and without a socket so far.
        unsafe { zmq_sys::zmq_ctx_set(c, zmq_sys::ZMQ_MAX_SOCKETS, 6) };
        let context = borrow(c).unwrap();
        assert_eq!(context.max_sockets().unwrap(), 6);
        let mut sockets = Vec::new();
        let error = loop {
            match context.socket(zmq::PUSH) {
                Ok(socket) => sockets.push(socket),
                Err(error) => break error,
            }
        };
        assert_eq!((sockets.len(), error.kind()), (4, ErrorKind::TooManyOpen));
        sockets[0].connect("inproc://nobody").unwrap();
        let ended = c_end(c); // aborts if no socket is left
        let early = ended.recv_timeout(Duration::from_millis(50));
        assert_eq!(early, Err(RecvTimeoutError::Timeout));
        drop((sockets, context));
        ended.recv_timeout(LONG).unwrap();
    });
}

#[test]
fn a_context_is_given_up_by_its_only_handle() {
    let context = Context::new().unwrap();
    let refused = |context: Context| {
        let refused = context.into_raw().unwrap_err();
        assert_eq!(refused.error.kind(), ErrorKind::InvalidState);
        refused.value
    };
    let clone = context.clone();
    let context = refused(context);
    drop(clone);
    let socket = context.socket(zmq::PUSH).unwrap();
    let context = refused(context);
    // Nobody binds it: the socket that such names are bound with is closed, too.
    socket.connect("inproc://nobody").unwrap();
    socket.set_linger(NO_TIME).unwrap();
    drop(socket);
    let c = context.into_raw().unwrap();
    c_close(c_socket(c, SocketKind::Pull));
    c_end(c).recv_timeout(LONG).unwrap();

    let context = Context::new().unwrap();
    context.shutdown().unwrap();
    drop(refused(context));
    let c = c_context();
    drop(refused(borrow(c).unwrap()));
    c_end(c).recv_timeout(LONG).unwrap();
}

// ---- sockets that are given up -------------------------------------------------------------------

#[test]
fn giving_up_the_last_socket_does_not_wait_for_it() {
    in_child("giving_up_the_last_socket_does_not_wait_for_it", || {
        let (context, socket) = context_and(zmq::PULL);
        drop(context);
        let (c, context) = socket.into_raw().unwrap();
        let still_open = context
            .terminate_timeout(Duration::from_millis(10))
            .unwrap_err();
        assert_eq!((still_open.sockets, still_open.contexts), (0, 0));
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
    let [_id, body] = refused.value.recv_array().unwrap();
    assert_eq!(body, "waits");
    let (c, _context) = refused.value.into_raw().unwrap();
    c_close(c);
}

#[test]
fn the_monitor_of_a_socket_that_is_given_up_ends() {
    let (_context, socket) = context_and(zmq::PULL);
    let monitor = socket.monitor(MonitorEvents::ALL).unwrap();
    let (c, _context) = socket.into_raw().unwrap();
    let last = monitor.recv().unwrap();
    assert_eq!(last.kind, EventKind::MonitorStopped);
    c_close(c);
    drop(monitor); // does not touch the socket any more
}

// ---- sockets that are taken ----------------------------------------------------------------------

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
        let push = borrow_socket::<Push>(push, &context).unwrap();
        assert_eq!(push.as_ptr(), push.as_ptr());
        push.send("one").unwrap();
        push.give_back().unwrap();
    }
    assert_eq!(c_receive(pull), b"one");
    c_close(push);
    c_close(pull);
    context.terminate_timeout(LONG).unwrap();
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
        let mut frames = pull.recv_frames().unwrap();
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
fn what_would_outlive_a_loan_is_refused() {
    let context = Context::new().unwrap();
    let dealer = patient(context.socket(zmq::DEALER).unwrap());
    dealer.bind("inproc://dealer").unwrap();
    let c = c_socket(context.as_ptr(), SocketKind::Router);
    c_connect(c, c"inproc://dealer");
    dealer.send("waits").unwrap();
    {
        let router = borrow_socket::<zmq::Router>(c, &context).unwrap();
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
    server.next_request().unwrap().reply("World").unwrap();
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

// ---- messages and poll items ---------------------------------------------------------------------

/// Short ones lie in the value, long ones elsewhere.
fn messages() -> [Message; 4] {
    [
        Message::new(),
        Message::from("short"),
        Message::from(vec![1; 1000]),
        Message::from_static(&[2; 1000]),
    ]
}

#[test]
fn messages_go_to_c_and_come_back_as_they_were() {
    for message in messages() {
        let bytes = message.to_vec();
        let address = (bytes.len() > 33).then(|| message.as_ptr());
        // SAFETY: given up right here.
        let back = unsafe { Message::from_raw(message.into_raw()) }.unwrap();
        assert_eq!(back, bytes);
        assert_eq!((bytes.len() > 33).then(|| back.as_ptr()), address);
    }
}

#[test]
fn a_closed_message_is_refused() {
    for message in messages() {
        let mut raw = message.into_raw();
        // SAFETY: given up, and closed once.
        assert_eq!(unsafe { zmq_sys::zmq_msg_close(&raw mut raw) }, 0);
        // SAFETY: initialised memory, of which libzmq sees that it is no message.
        assert_eq!(
            kind(unsafe { Message::borrow_raw(&raw const raw) }),
            ErrorKind::BadAddress
        );
        // SAFETY: as above.
        assert_eq!(
            kind(unsafe { Message::from_raw(raw) }),
            ErrorKind::BadAddress
        );
    }
}

#[test]
fn a_borrowed_message_stays_cs() {
    for message in messages() {
        let bytes = message.to_vec();
        let mut raw = message.into_raw();
        {
            // SAFETY: not changed in this block.
            let borrowed = unsafe { Message::borrow_raw(&raw const raw) }.unwrap();
            assert_eq!(*borrowed, bytes);
            assert_eq!(borrowed.as_raw(), &raw const raw);
        }
        // SAFETY: as the message still is, it is closed once.
        assert_eq!(unsafe { zmq_sys::zmq_msg_close(&raw mut raw) }, 0);
    }
}

#[test]
fn the_content_of_a_message_of_cs_can_be_taken_and_replaced() {
    let (push, pull) = pipeline();
    for message in messages() {
        let bytes = message.to_vec();
        let mut raw: zmq_msg_t = message.into_raw();
        // SAFETY: not used otherwise until the next `unsafe`.
        let borrowed = unsafe { Message::borrow_raw_mut(&raw mut raw) }.unwrap();
        push.send(std::mem::take(borrowed)).unwrap();
        assert!(borrowed.is_empty());
        pull.recv_message_into(borrowed).unwrap();
        assert_eq!(*borrowed, bytes);
        // SAFETY: initialised still, and closed once.
        assert_eq!(unsafe { zmq_sys::zmq_msg_close(&raw mut raw) }, 0);
    }
}

#[test]
fn an_item_without_a_socket_and_a_descriptor_is_refused() {
    let mut item = zmq::raw::zmq_pollitem_t {
        socket: null_mut(),
        fd: -1,
        events: 0,
        revents: 0,
    };
    // SAFETY: refused.
    assert_eq!(
        kind(unsafe { PollItem::from_raw(item) }),
        ErrorKind::InvalidInput
    );
    item.fd = 0;
    // SAFETY: the descriptor is not polled.
    assert!(unsafe { PollItem::from_raw(item) }.is_ok());
}

#[test]
fn an_item_of_cs_is_polled_for_what_c_asked() {
    let (push, pull) = pipeline();
    push.send("task").unwrap();
    let item = pull.poll_in().to_raw();
    assert_eq!((item.socket, item.revents), (pull.as_ptr(), 0));
    assert_eq!(PollEvents::from_raw(item.events), PollEvents::READABLE);
    assert_eq!(pull.poll_in().when(false).to_raw().events, 0);
    // SAFETY: the socket outlives both items, on this thread.
    let item = unsafe { PollItem::from_raw(item) }.unwrap();
    let events = zmq::poll([item, item.when(false)], NO_TIME).unwrap();
    assert_eq!(events, [PollEvents::READABLE, PollEvents::default()]);
    assert_eq!(events[0].to_raw(), zmq_sys::ZMQ_POLLIN as i16);
}

#[test]
fn a_switched_off_item_of_cs_ends_the_wait_with_its_context() {
    let (context, socket) = context_and(zmq::PULL);
    // SAFETY: the socket outlives the item, on this thread.
    let item = unsafe { PollItem::from_raw(socket.poll_in().to_raw()) }.unwrap();
    context.shutdown().unwrap();
    assert_eq!(
        kind(zmq::poll([item.when(false)], Some(LONG))),
        ErrorKind::Terminated
    );
}
