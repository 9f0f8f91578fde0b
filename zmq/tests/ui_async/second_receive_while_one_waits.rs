//! One task has a direction to itself.

async fn twice(mut pull: zmq::tokio::Socket<zmq::Pull>) {
    let first = pull.recv();
    let second = pull.recv();
    let _ = (first.await, second.await);
}

fn main() {}
