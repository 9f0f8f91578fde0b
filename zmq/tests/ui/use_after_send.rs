//! A message that was sent is gone.
fn twice(socket: &zmq::Socket<zmq::Push>, message: zmq::Message) -> zmq::Result<()> {
    socket.send(message)?;
    socket.send(message)?;
    Ok(())
}

fn read(socket: &zmq::Socket<zmq::Push>, parts: zmq::Multipart) -> zmq::Result<()> {
    socket.send_multipart(parts)?;
    println!("{parts:?}");
    Ok(())
}

fn main() {}
