//! A message is sent by value: a borrowed one would have to be copied.
fn send(socket: &zmq::Socket<zmq::Push>, message: &zmq::Message) -> zmq::Result<()> {
    socket.send(message)?;
    Ok(())
}

fn parts(socket: &zmq::Socket<zmq::Push>, message: &zmq::Multipart) -> zmq::Result<()> {
    socket.send_multipart(message)?;
    Ok(())
}

fn main() {}
