//! There is no flag to leave a message unfinished with.
use zmq::SNDMORE;

fn flags(socket: &zmq::Socket<zmq::Push>) -> zmq::Result<()> {
    socket.send("part", 2)?;
    Ok(())
}

fn main() {}
