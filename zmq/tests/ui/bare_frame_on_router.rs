//! The first frame is the peer's routing id, so one frame is no message.
fn frame(router: &zmq::Socket<zmq::Router>, stream: &zmq::Socket<zmq::Stream>) -> zmq::Result<()> {
    router.send("body")?;
    router.recv()?;
    stream.send("body")?;
    Ok(())
}

fn main() {}
