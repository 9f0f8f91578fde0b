//! The body of an actor talks only after it said that it is ready, and stays on its thread.
use zmq::{Actor, ActorStart};

fn early(start: ActorStart) -> zmq::Result<()> {
    start.send("not yet")?;
    Ok(())
}

fn borrows(context: &zmq::Context, socket: &zmq::Socket<zmq::Pull>) {
    let _ = Actor::spawn(context, "borrows", |start| -> zmq::Result<()> {
        drop(start.ready());
        socket.recv()?;
        Ok(())
    });
}

fn main() {}
