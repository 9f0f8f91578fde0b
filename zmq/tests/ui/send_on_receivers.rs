//! PULL and SUB only receive.
fn send(pull: &zmq::Socket<zmq::Pull>, sub: &zmq::Socket<zmq::Sub>) -> zmq::Result<()> {
    pull.send("message")?;
    sub.send_multipart(["two", "parts"])?;
    Ok(())
}

fn main() {}
