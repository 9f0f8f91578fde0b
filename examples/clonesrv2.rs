//! Clone server, model two: publishes random values of random keys at tcp://*:5557, and gives
//! everything it knows to the clients (clonecli2) that ask for it at tcp://*:5556.

use std::time::Duration;

use zguide::Interrupt;
use zguide::kvsimple::{KvMap, KvMsg};
use zmq::{Actor, ActorStart, Multipart, Pub, Socket};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::from_secs(1)))?;
    let interrupt = Interrupt::watch(&context)?;
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind("tcp://*:5557")?;

    // Returns when the state manager is ready.
    let updates = Actor::spawn(&context, "state manager", state_manager)?;

    let mut sequence = 0;
    interrupt.ends(publish(&publisher, &updates, &mut sequence))?;
    println!(" Interrupted\n{sequence} messages out");
    Ok(())
}

/// Distributes key-value messages, as fast as the state manager takes them.
fn publish(publisher: &Socket<Pub>, updates: &Actor, sequence: &mut i64) -> zmq::Result<()> {
    loop {
        let key = fastrand::u32(..10_000).to_string();
        let body = fastrand::u32(..1_000_000).to_string();
        let kvmsg = KvMsg::new(*sequence + 1, key, body);
        kvmsg.send(publisher)?;
        updates.send_multipart(Multipart::from(&kvmsg))?;
        *sequence += 1;
    }
}

/// Keeps the state, and handles requests for snapshots.
fn state_manager(start: ActorStart) -> zmq::Result<()> {
    let mut kvmap = KvMap::new();
    let snapshot = start.context().socket(zmq::ROUTER)?;
    // A ROUTER drops what is above its limit, 1000 messages by default. A snapshot is longer.
    snapshot.set_sndhwm(0)?;
    snapshot.bind("tcp://*:5556")?;
    let pipe = start.ready();

    let mut sequence = 0; // of the state that is known here
    loop {
        let [update, request] = zmq::poll([pipe.poll_in(), snapshot.poll_in()], None)?;

        // Apply an update from the main thread.
        if update.is_readable() {
            let Ok(kvmsg) = KvMsg::recv(&pipe)? else {
                return Ok(()); // anything else is the word to stop
            };
            sequence = kvmsg.sequence;
            kvmsg.store(&mut kvmap);
        }
        // Answer a request for a snapshot.
        if request.is_readable() {
            match &snapshot.recv_multipart()?[..] {
                [identity, request] if request == "ICANHAZ?" => {
                    for kvmsg in kvmap.values() {
                        kvmsg.send_to(&snapshot, identity)?;
                    }
                    // The end of it, with the number of the last update it has.
                    println!("Sending state shapshot={sequence}");
                    KvMsg::new(sequence, "KTHXBAI", "").send_to(&snapshot, identity)?;
                }
                _ => println!("E: bad request, dropped"),
            }
        }
    }
}
