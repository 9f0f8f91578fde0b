//! What the tests share.
#![allow(dead_code, reason = "every test file uses some of it")]

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use zmq::{Context, Socket, SocketType};

/// Long enough for anything that is going to happen, in milliseconds.
pub const LONG: i32 = 30_000;

/// A socket that gives up after [`LONG`], and does not linger.
pub fn patient(context: &Context, kind: SocketType) -> Socket {
    let socket = context.socket(kind).unwrap();
    socket.set_rcvtimeo(LONG).unwrap();
    socket.set_sndtimeo(LONG).unwrap();
    socket.set_linger(0).unwrap();
    socket
}

/// Two connected sockets, the first bound to a free tcp port.
pub fn connected(a: SocketType, b: SocketType) -> (Context, Socket, Socket) {
    let context = Context::new();
    let (a, b) = (patient(&context, a), patient(&context, b));
    a.bind("tcp://127.0.0.1:*").unwrap();
    b.connect(&a.get_last_endpoint().unwrap().unwrap()).unwrap();
    (context, a, b)
}

/// Runs `body`, which is taken to hang if it does not end.
#[track_caller]
pub fn ends<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, done) = mpsc::channel();
    let thread = thread::spawn(move || {
        let _ = sender.send(body());
    });
    match done.recv_timeout(Duration::from_millis(2 * LONG as u64)) {
        Ok(result) => {
            thread.join().unwrap();
            result
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("it panicked: {:?}", thread.join()),
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
    }
}
