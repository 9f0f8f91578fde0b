//! A PUSH never becomes readable, a PULL never writable.
fn poll(push: &zmq::Socket<zmq::Push>, pull: &zmq::Socket<zmq::Pull>) -> zmq::Result<()> {
    zmq::poll([push.poll_in()], None)?;
    zmq::poll([pull.poll_out()], None)?;
    Ok(())
}

fn main() {}
