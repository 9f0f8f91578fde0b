//! A whole socket is one task's; halves and senders are for several.

fn shared<T: Sync>(_: T) {}

fn share(push: zmq::tokio::Socket<zmq::Push>) {
    shared(push);
}

fn main() {}
