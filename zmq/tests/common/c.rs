//! `zmq_sys` in the place of C.

use std::ffi::{CStr, c_int, c_void};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use zmq::raw::BorrowedSocket;
use zmq::{Context, ErrorKind, Socket, SocketKind, SocketType};

use super::LONG;

pub fn c_context() -> *mut c_void {
    // SAFETY: no precondition.
    let context = unsafe { zmq_sys::zmq_ctx_new() };
    assert!(!context.is_null());
    context
}

/// Ends a context of C's, on a thread, since that can wait; says when it is done.
pub fn c_end(context: *mut c_void) -> Receiver<()> {
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

pub fn c_socket(context: *mut c_void, kind: SocketKind) -> *mut c_void {
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

pub fn c_bind(socket: *mut c_void, endpoint: &CStr) {
    // SAFETY: each test gives an open socket.
    let result = unsafe { zmq_sys::zmq_bind(socket, endpoint.as_ptr()) };
    assert_eq!(result, 0);
}

pub fn c_connect(socket: *mut c_void, endpoint: &CStr) {
    // SAFETY: each test gives an open socket.
    let result = unsafe { zmq_sys::zmq_connect(socket, endpoint.as_ptr()) };
    assert_eq!(result, 0);
}

/// Sets one of the options that count before the first socket.
pub fn c_max_sockets(context: *mut c_void, sockets: c_int) {
    // SAFETY: each test gives a live context.
    let set = unsafe { zmq_sys::zmq_ctx_set(context, zmq_sys::ZMQ_MAX_SOCKETS, sockets) };
    assert_eq!(set, 0);
}

pub fn c_receive(socket: *mut c_void) -> Vec<u8> {
    let mut buffer = [0; 64];
    // SAFETY: each test gives an open socket; the buffer is writable for its length.
    let size = unsafe { zmq_sys::zmq_recv(socket, buffer.as_mut_ptr().cast(), buffer.len(), 0) };
    buffer[..usize::try_from(size).expect("a message came")].to_vec()
}

pub fn c_close(socket: *mut c_void) {
    // SAFETY: each test closes each socket once; libzmq finds out if it is none.
    assert_eq!(unsafe { zmq_sys::zmq_close(socket) }, 0);
}

/// Borrows a context that the caller ends afterwards.
pub fn borrow(context: *mut c_void) -> zmq::Result<Context> {
    // SAFETY: each test gives a live context, and ends it by `zmq_ctx_term` if at all.
    unsafe { Context::borrow_raw(context) }
}

/// Borrows a socket of this context, which the test does not use meanwhile.
pub fn borrow_socket<T: SocketType>(
    socket: *mut c_void,
    context: &Context,
) -> zmq::Result<BorrowedSocket<'_, T>> {
    // SAFETY: see above; nothing is half sent.
    unsafe { Socket::borrow_raw(socket, context) }
}

pub fn kind<T: std::fmt::Debug>(result: zmq::Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}
