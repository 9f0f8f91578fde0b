//! Contexts that come from C and go there.

mod common;

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;

use common::c::{
    borrow, borrow_socket, c_bind, c_close, c_context, c_end, c_max_sockets, c_receive, c_socket,
    kind,
};
use common::{LONG, NO_TIME, in_child};
use zmq::{Any, Context, ErrorKind, Message, Socket, SocketKind};

#[test]
fn null_pointers_are_refused() {
    let context = Context::new().unwrap();
    // SAFETY: null is always refused.
    let refused = unsafe { Context::from_raw(null_mut()) };
    assert_eq!(kind(refused), ErrorKind::BadAddress);
    assert_eq!(kind(borrow(null_mut())), ErrorKind::BadAddress);
    // SAFETY: as above.
    let socket = unsafe { Socket::<Any>::from_raw(null_mut(), &context) };
    assert_eq!(kind(socket), ErrorKind::NotASocket);
    assert_eq!(
        kind(borrow_socket::<Any>(null_mut(), &context)),
        ErrorKind::NotASocket
    );
    // SAFETY: as above.
    let refused = unsafe { Message::borrow_raw(null()) };
    assert_eq!(kind(refused), ErrorKind::BadAddress);
    // SAFETY: as above.
    let refused = unsafe { Message::borrow_raw_mut(null_mut()) };
    assert_eq!(kind(refused), ErrorKind::BadAddress);
}

#[test]
fn what_is_no_context_or_no_socket_is_an_error() {
    let context = Context::new().unwrap();
    let mut neither = vec![0_u64; 4096];
    let neither = neither.as_mut_ptr().cast::<c_void>();
    // SAFETY: libzmq looks for its mark, which lies within these bytes, and finds none.
    let no_context = unsafe { Context::from_raw(neither) };
    assert_eq!(kind(no_context), ErrorKind::BadAddress);
    assert_eq!(kind(borrow(neither)), ErrorKind::BadAddress);
    let no_socket = borrow_socket::<Any>(neither, &context);
    assert_eq!(kind(no_socket), ErrorKind::NotASocket);
}

#[test]
fn an_adopted_context_ends_with_its_last_handle() {
    // SAFETY: new, and nobody else's.
    let context = unsafe { Context::from_raw(c_context()) }.unwrap();
    let socket = context.socket(zmq::PULL).unwrap();
    let clone = context.clone();
    let still_open = clone
        .terminate_timeout(Duration::from_millis(1))
        .unwrap_err();
    assert_eq!((still_open.sockets.len(), still_open.contexts), (1, 1));
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
fn an_adopted_context_ends_with_all_its_sockets_in_use() {
    in_child(
        "an_adopted_context_ends_with_all_its_sockets_in_use",
        || {
            for (limit, binder_fits) in [(2, false), (3, true)] {
                let c = c_context();
                c_max_sockets(c, limit);
                // SAFETY: new, and nobody else's.
                let context = unsafe { Context::from_raw(c) }.unwrap();
                let sockets = [zmq::PUSH; 2].map(|push| context.socket(push).unwrap());
                // Without the socket that binds such names at the end, libzmq would abort there.
                let connected = sockets[0].connect("inproc://nobody");
                assert_eq!(connected.is_ok(), binder_fits);
                assert_eq!(kind(context.socket(zmq::PUSH)), ErrorKind::TooManyOpen);
                let ending = thread::spawn(|| context.terminate_timeout(LONG));
                drop(sockets);
                ending.join().unwrap().unwrap();
            }
        },
    );
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
    assert_eq!((still_open.sockets.len(), still_open.contexts), (1, 1));

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
        c_max_sockets(c, 6);
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
        refused.into_value()
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
