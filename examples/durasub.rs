//! Subscriber that comes and goes: hears the `durapub` or `durapub2` at tcp://localhost:5565, and
//! reports to its tcp://localhost:5564.
//!
//! Stop it and start it again: it has missed what was published meanwhile. Its identity, which made
//! it durable with libzmq 2, means nothing to a PUB today.

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;

    // Only a socket whose type is not known here takes an identity: `Socket<Sub>` has no use
    // for one.
    let subscriber = context.socket_of(zmq::SocketKind::Sub)?;
    subscriber.set_routing_id("Hello")?;
    subscriber.subscribe("")?;
    subscriber.connect("tcp://localhost:5565")?;

    // Tells the publisher that it is ready.
    let sync = context.socket(zmq::PUSH)?;
    sync.connect("tcp://localhost:5564")?;
    sync.send("")?;

    // Updates, until it is told to end.
    loop {
        let string = subscriber.recv()?;
        println!("{string}");
        if string == "END" {
            return Ok(());
        }
    }
}
