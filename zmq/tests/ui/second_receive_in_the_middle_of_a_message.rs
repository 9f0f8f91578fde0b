//! While a message is streamed nothing else is received, sent or polled.
fn receive(socket: &mut zmq::Socket<zmq::Dealer>) -> zmq::Result<()> {
    let frames = socket.recv_frames()?;
    socket.recv_multipart()?;
    socket.send("between")?;
    zmq::poll([socket.poll_in()], None)?;
    for frame in frames {
        frame?;
    }
    Ok(())
}

fn main() {}
