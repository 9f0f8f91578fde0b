//! PUSH and PUB only send.
fn receive(push: &zmq::Socket<zmq::Push>, publisher: &zmq::Socket<zmq::Pub>) -> zmq::Result<()> {
    push.recv()?;
    publisher.recv_multipart()?;
    Ok(())
}

fn main() {}
