//! Counting the references of a socket does not make it one for several threads.
use std::sync::Arc;

fn share(socket: zmq::Socket<zmq::Any>) {
    let socket = Arc::new(socket);
    std::thread::spawn(move || socket.kind());
}

fn main() {}
