//! A program that uses zmq-sys beside zmq finds one libzmq behind both.

use zmq::{Context, SocketType};

#[test]
fn raw_calls_work_on_the_sockets_of_the_other() {
    let context = Context::new();
    let mut push = context.socket(SocketType::PUSH).unwrap();
    let mut pull = context.socket(SocketType::PULL).unwrap();
    push.bind("inproc://raw").unwrap();
    pull.connect("inproc://raw").unwrap();

    let option = zmq_sys::ZMQ_TYPE as i32;
    let (mut kind, mut size) = (0_i32, size_of::<i32>());
    // SAFETY: the socket is open, and `kind` takes the four bytes that `size` says.
    let got = unsafe {
        zmq_sys::zmq_getsockopt(
            push.as_mut_ptr(),
            option,
            (&raw mut kind).cast(),
            &raw mut size,
        )
    };
    assert_eq!((got, kind), (0, zmq_sys::ZMQ_PUSH as i32));

    let text = b"Hello";
    // SAFETY: the socket is open, and the bytes are there for the call.
    let sent = unsafe { zmq_sys::zmq_send(push.as_mut_ptr(), text.as_ptr().cast(), 5, 0) };
    assert_eq!(sent, 5);
    assert_eq!(pull.recv_bytes(0).unwrap(), text);

    // SAFETY: the socket is open; nothing is written to a buffer of no bytes.
    let none = unsafe {
        let wait = zmq_sys::ZMQ_DONTWAIT as i32;
        zmq_sys::zmq_recv(pull.as_mut_ptr(), std::ptr::null_mut(), 0, wait)
    };
    // SAFETY: reads a number of this thread's.
    let errno = unsafe { zmq_sys::zmq_errno() };
    assert_eq!((none, errno), (-1, zmq_sys::errno::EAGAIN));
}

#[test]
fn a_message_begins_as_it_did() {
    let mut message = zmq_sys::zmq_msg_t::default();
    // SAFETY: it is to be filled.
    let filled = unsafe { zmq_sys::zmq_msg_init_size(&raw mut message, 5) };
    // SAFETY: it was filled.
    let size = unsafe { zmq_sys::zmq_msg_size(&raw const message) };
    // SAFETY: it was filled, and is not used again.
    let closed = unsafe { zmq_sys::zmq_msg_close(&raw mut message) };
    assert_eq!((filled, size, closed), (0, 5, 0));
}

#[test]
fn constants_have_the_types_they_had() {
    let unsigned: [u32; 4] = [
        zmq_sys::ZMQ_IO_THREADS_DFLT,
        zmq_sys::ZMQ_SNDMORE,
        zmq_sys::ZMQ_POLLIN,
        zmq_sys::ZMQ_EVENT_ALL,
    ];
    assert_eq!(unsigned, [1, 2, 1, 0xffff]);
    let signed: [i32; 2] = [zmq_sys::ZMQ_THREAD_PRIORITY_DFLT, zmq_sys::errno::ETERM];
    assert_eq!(signed, [-1, zmq::Error::ETERM.to_raw()]);
    let descriptor: zmq_sys::RawFd = -1;
    assert!(zmq::PollItem::from_fd(descriptor, zmq::POLLIN).has_fd(-1));
}
