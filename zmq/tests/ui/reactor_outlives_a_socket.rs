//! A reactor borrows what it watches, and does not leave its thread; handlers know what they get.
use zmq::{Context, Reactor};

fn dropped(context: &Context) -> zmq::Result<()> {
    let socket = context.socket(zmq::PULL)?;
    let mut reactor: Reactor<'_, ()> = Reactor::new();
    reactor.add_reader(&socket, |_, _, _| ());
    drop(socket);
    reactor.run(&mut ())
}

fn cannot_receive(socket: &zmq::Socket<zmq::Push>) {
    let mut reactor: Reactor<'_, ()> = Reactor::new();
    reactor.add_reader(socket, |_, _, _| ());
}

fn not_a_flow(socket: &zmq::Socket<zmq::Pull>) {
    let mut reactor: Reactor<'_, ()> = Reactor::new();
    reactor.add_reader(socket, |_, _, _| 1);
}

fn main() {}
