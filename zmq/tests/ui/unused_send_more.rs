//! A message that is never finished is never sent, and the compiler warns.
#![deny(unused_must_use)]

fn forget(socket: &zmq::Socket<zmq::Push>) {
    socket.send_more("first");
}

fn main() {}
