//! A PUSH is not registered for reading, nor a PULL for writing.
fn register(push: &zmq::Socket<zmq::Push>, pull: &zmq::Socket<zmq::Pull>) -> zmq::Result<()> {
    let mut poller = zmq::Poller::new();
    poller.add(1, push.poll_in())?;
    poller.add(2, pull.poll_out())?;
    Ok(())
}

fn main() {}
