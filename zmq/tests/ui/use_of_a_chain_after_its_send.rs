//! A message under construction is sent once.
fn twice(socket: &zmq::Socket<zmq::Push>) -> zmq::Result<()> {
    let chain = socket.send_more("first");
    chain.send("second")?;
    chain.send("second")?;
    Ok(())
}

fn main() {}
