//! C code in the same process uses a context that Rust made.

mod common;

use std::ffi::{CStr, c_char, c_int, c_ulong, c_void};
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use common::c::{Report, c};
use common::{LONG, patient};
use zmq::{Context, ErrorKind, Message, SocketKind};

#[link(name = "zmq_c_peers", kind = "static")]
unsafe extern "C" {
    fn zmq_c_open(
        context: *mut c_void,
        kind: c_int,
        endpoint: *const c_char,
        binds: c_int,
        socket: *mut *mut c_void,
        report: *mut Report,
    ) -> c_int;
    fn zmq_c_close(socket: *mut c_void, report: *mut Report) -> c_int;
    fn zmq_c_talk(
        context: *mut c_void,
        endpoint: *const c_char,
        binds: c_int,
        report: *mut Report,
    ) -> c_int;
    fn zmq_c_take(
        socket: *mut c_void,
        size: *mut usize,
        sum: *mut c_ulong,
        report: *mut Report,
    ) -> c_int;
    fn zmq_c_lend(socket: *mut c_void, freed: *mut c_int, report: *mut Report) -> c_int;
    fn zmq_c_outlive(
        context: *mut c_void,
        endpoint: *const c_char,
        errors: *mut [c_int; 3],
        report: *mut Report,
    ) -> c_int;
}

/// A socket that C opened in a context of Rust's.
struct CSocket(*mut c_void);

impl CSocket {
    fn open(context: &Context, kind: SocketKind, endpoint: &CStr, binds: bool) -> CSocket {
        let mut socket = ptr::null_mut();
        // SAFETY: the context is live while it is borrowed, the endpoint is a C string, and
        // `socket` and `report` are writable.
        c(|report| unsafe {
            zmq_c_open(
                context.as_ptr(),
                kind.to_raw(),
                endpoint.as_ptr(),
                binds.into(),
                &raw mut socket,
                report,
            )
        });
        CSocket(socket)
    }

    fn close(self) {
        // SAFETY: the socket is open, and closed only here.
        c(|report| unsafe { zmq_c_close(self.0, report) });
    }
}

/// Lets C open a PAIR, send, receive, and close it.
fn talk(context: &Context, endpoint: &CStr, binds: bool) {
    // SAFETY: the context is live while it is borrowed, the endpoint is a C string and `report`
    // writable.
    c(|report| unsafe { zmq_c_talk(context.as_ptr(), endpoint.as_ptr(), binds.into(), report) });
}

/// Ends the context, which fails if C left a socket open.
fn end(context: Context) {
    context.terminate_timeout(LONG).unwrap();
}

#[test]
fn a_c_pair_talks_to_the_rust_pair_it_connects_to() {
    let context = Context::new().unwrap();
    let pair = patient(context.socket(zmq::PAIR).unwrap());
    pair.bind("inproc://rust").unwrap();
    thread::scope(|scope| {
        scope.spawn(|| talk(&context, c"inproc://rust", false));
        assert_eq!(pair.recv_multipart().unwrap(), ["from C", "", "to Rust"]);
        pair.send_multipart(["from Rust", "", "to C"]).unwrap();
    });
    drop(pair);
    end(context);
}

#[test]
fn a_rust_pair_connects_before_c_binds() {
    let context = Context::new().unwrap();
    let pair = patient(context.socket(zmq::PAIR).unwrap());
    pair.connect("inproc://c").unwrap();
    pair.send_multipart(["from Rust", "", "to C"]).unwrap();
    talk(&context, c"inproc://c", true);
    assert_eq!(pair.recv_multipart().unwrap(), ["from C", "", "to Rust"]);
    drop(pair);
    end(context);
}

#[test]
fn an_owner_is_dropped_after_c_has_closed_its_message() {
    struct Owner(Vec<u8>, Sender<()>);
    impl AsRef<[u8]> for Owner {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    impl Drop for Owner {
        fn drop(&mut self) {
            self.1.send(()).unwrap();
        }
    }

    let context = Context::new().unwrap();
    let pull = CSocket::open(&context, SocketKind::Pull, c"inproc://c", true);
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.connect("inproc://c").unwrap();
    let (sender, dropped) = mpsc::channel();
    push.send(Message::from_owner(Owner(vec![3; 100_000], sender)))
        .unwrap();
    assert!(dropped.try_recv().is_err(), "C has not received it yet");

    let (mut size, mut sum) = (0, 0);
    // SAFETY: the socket is open; `size`, `sum` and `report` are writable.
    c(|report| unsafe { zmq_c_take(pull.0, &raw mut size, &raw mut sum, report) });
    assert_eq!((size, sum), (100_000, 300_000));
    dropped.recv_timeout(LONG).unwrap();
    pull.close();
    drop(push);
    end(context);
}

#[test]
fn c_gets_its_bytes_back_when_rust_drops_the_message() {
    let context = Context::new().unwrap();
    let pull = patient(context.socket(zmq::PULL).unwrap());
    pull.bind("inproc://rust").unwrap();
    let push = CSocket::open(&context, SocketKind::Push, c"inproc://rust", false);
    let freed = AtomicI32::new(0);
    // SAFETY: the socket is open, `report` is writable, and `freed` outlives the message, which
    // is dropped below on this very thread.
    c(|report| unsafe { zmq_c_lend(push.0, freed.as_ptr(), report) });

    let message = pull.recv().unwrap();
    assert_eq!(
        message,
        "lent by C, and not copied, for it is too long for that"
    );
    assert_eq!(freed.load(Ordering::Relaxed), 0);
    drop(message);
    assert_eq!(freed.load(Ordering::Relaxed), 1);
    push.close();
    drop(pull);
    end(context);
}

#[test]
fn a_shutdown_in_rust_is_eterm_in_c() {
    let context = Context::new().unwrap();
    let pair = patient(context.socket(zmq::PAIR).unwrap());
    pair.bind("inproc://rust").unwrap();
    let errors = thread::scope(|scope| {
        let _guard = context.shutdown_on_drop();
        let waiting = scope.spawn(|| {
            let mut errors = [0; 3];
            // SAFETY: the context is live while it is borrowed, the endpoint is a C string, and
            // `errors` and `report` are writable.
            c(|report| unsafe {
                zmq_c_outlive(
                    context.as_ptr(),
                    c"inproc://rust".as_ptr(),
                    &raw mut errors,
                    report,
                )
            });
            errors
        });
        assert_eq!(pair.recv().unwrap(), "waiting");
        context.shutdown().unwrap();
        waiting.join().unwrap()
    });
    assert_eq!(
        errors,
        [zmq_sys::ETERM; 3],
        "of a receive, a send and a new socket"
    );
    assert_eq!(pair.recv().unwrap_err().kind(), ErrorKind::Terminated);
    drop(pair);
    end(context);
}

#[test]
fn a_context_ends_only_after_c_has_closed_its_socket() {
    let context = Context::new().unwrap();
    let left_open = CSocket::open(&context, SocketKind::Pull, c"inproc://c", true);
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(context.terminate()));
    let early = ended.recv_timeout(Duration::from_millis(50));
    assert!(early.is_err(), "a socket of C's is still open");
    left_open.close();
    ended.recv_timeout(LONG).unwrap().unwrap();
}
