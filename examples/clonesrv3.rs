//! Clone server, model three: takes updates from its clients (clonecli3) at tcp://*:5558, numbers
//! them and publishes them at tcp://*:5557, and gives everything it knows at tcp://*:5556.

use std::time::Duration;

use zguide::Interrupt;
use zguide::kvsimple::{KvMap, KvMsg};
use zmq::Context;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let interrupt = Interrupt::watch(&context)?;
    let mut sequence = 0;
    interrupt.ends(serve(&context, &mut sequence))?;
    println!(" Interrupted\n{sequence} messages handled");
    Ok(())
}

fn serve(context: &Context, sequence: &mut i64) -> zmq::Result<()> {
    let snapshot = context.socket(zmq::ROUTER)?;
    // A ROUTER drops what is above its limit, 1000 messages by default. A snapshot may be longer.
    snapshot.set_sndhwm(0)?;
    snapshot.bind("tcp://*:5556")?;
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind("tcp://*:5557")?;
    let collector = context.socket(zmq::PULL)?;
    collector.bind("tcp://*:5558")?;

    let mut kvmap = KvMap::new();
    loop {
        let [update, request] = zmq::poll([collector.poll_in(), snapshot.poll_in()], None)?;

        // Apply an update of a client.
        if update.is_readable() {
            match KvMsg::recv(&collector)? {
                Ok(mut kvmsg) => {
                    *sequence += 1;
                    kvmsg.sequence = *sequence;
                    kvmsg.send(&publisher)?;
                    kvmsg.store(&mut kvmap);
                    println!("I: publishing update {sequence:5}");
                }
                Err(malformed) => println!("E: {malformed}"),
            }
        }
        // Answer a request for a snapshot.
        if request.is_readable() {
            match &snapshot.recv_multipart()?[..] {
                [identity, request] if request == "ICANHAZ?" => {
                    for kvmsg in kvmap.values() {
                        kvmsg.send_to(&snapshot, identity)?;
                    }
                    // The end of it, with the number of the last update it has.
                    println!("I: sending shapshot={sequence}");
                    KvMsg::new(*sequence, "KTHXBAI", "").send_to(&snapshot, identity)?;
                }
                _ => println!("E: bad request, dropped"),
            }
        }
    }
}
