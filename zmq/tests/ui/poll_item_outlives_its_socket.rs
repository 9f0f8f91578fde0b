//! An item borrows the socket it watches.
fn outlive(context: &zmq::Context) -> zmq::Result<zmq::PollItem<'static>> {
    let socket = context.socket(zmq::PULL)?;
    Ok(socket.poll_in())
}

fn dropped(socket: zmq::Socket<zmq::Pull>) -> zmq::Result<()> {
    let item = socket.poll_in();
    drop(socket);
    zmq::poll([item], None)?;
    Ok(())
}

fn main() {}
