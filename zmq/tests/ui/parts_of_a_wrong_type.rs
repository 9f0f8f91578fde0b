//! Frames are bytes, and several of them an array, a tuple, a vector or a `Multipart`.
fn parts(socket: &zmq::Socket<zmq::Push>) -> zmq::Result<()> {
    socket.send(7)?;
    socket.send_multipart("one frame")?;
    socket.send_multipart([1, 2])?;
    socket.send_multipart(("a", 1))?;
    socket.send_multipart(["a", "b"].iter())?;
    Ok(())
}

fn main() {}
