//! A poller borrows the sockets it watches.
fn dropped(socket: zmq::Socket<zmq::Pull>) -> zmq::Result<()> {
    let mut poller = zmq::Poller::new();
    poller.add("tasks", socket.poll_in())?;
    drop(socket);
    poller.wait(None)?;
    Ok(())
}

fn moved(socket: zmq::Socket<zmq::Pull>) -> zmq::Result<()> {
    let mut poller = zmq::Poller::new();
    poller.add("tasks", socket.poll_in())?;
    std::thread::spawn(move || socket.recv());
    poller.wait(None)?;
    Ok(())
}

fn main() {}
