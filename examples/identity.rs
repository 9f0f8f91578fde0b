//! Shows by which identity a ROUTER knows its peers: one it makes itself, or the peer's own.

use zguide::zhelpers::dump;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;
    let sink = context.socket(zmq::ROUTER)?;
    sink.bind("inproc://example")?;

    // At first the ROUTER finds an identity: five bytes, of which the first is zero.
    let anonymous = context.socket(zmq::REQ)?;
    anonymous.connect("inproc://example")?;
    anonymous.send("ROUTER uses a generated 5 byte identity")?;
    dump(&sink)?;

    // Then the peer chooses its own.
    let identified = context.socket(zmq::REQ)?;
    identified.set_routing_id("PEER2")?;
    identified.connect("inproc://example")?;
    identified.send("ROUTER socket uses REQ's socket identity")?;
    dump(&sink)?;
    Ok(())
}
