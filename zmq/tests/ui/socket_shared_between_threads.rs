//! A socket is used by one thread at a time.
fn share(socket: &zmq::Socket<zmq::Push>) {
    std::thread::scope(|scope| {
        scope.spawn(|| socket.kind());
    });
}

fn main() {}
