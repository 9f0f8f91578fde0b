//! Clone client, model two: gets everything that clonesrv2 knows from tcp://localhost:5556, and then
//! the updates from tcp://localhost:5557.

use std::time::Duration;

use zguide::Interrupt;
use zguide::kvsimple::{KvMap, KvMsg};
use zmq::{Context, Dealer, Socket, Sub};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = Context::new()?;
    // Nobody waits at the end for a server that is not there.
    context.set_linger(Some(Duration::ZERO))?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context))?;
    Ok(())
}

fn run(context: &Context) -> zmq::Result<()> {
    let snapshot = context.socket(zmq::DEALER)?;
    snapshot.connect("tcp://localhost:5556")?;
    // Updates wait here while the snapshot comes.
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.subscribe("")?;
    subscriber.connect("tcp://localhost:5557")?;

    let mut kvmap = KvMap::new();
    let mut sequence = get_state(&snapshot, &mut kvmap)?;
    println!("Received snapshot={sequence}");
    apply_updates(&subscriber, &mut kvmap, &mut sequence)
}

/// Gets a snapshot of the state, and the number of the last update in it.
fn get_state(snapshot: &Socket<Dealer>, kvmap: &mut KvMap) -> zmq::Result<i64> {
    snapshot.send("ICANHAZ?")?;
    loop {
        match KvMsg::recv(snapshot)? {
            Ok(kvmsg) if kvmsg.key == b"KTHXBAI" => return Ok(kvmsg.sequence),
            Ok(kvmsg) => kvmsg.store(kvmap),
            Err(malformed) => println!("E: {malformed}"),
        }
    }
}

/// Applies the updates that are newer than the snapshot.
fn apply_updates(
    subscriber: &Socket<Sub>,
    kvmap: &mut KvMap,
    sequence: &mut i64,
) -> zmq::Result<()> {
    loop {
        match KvMsg::recv(subscriber)? {
            Ok(kvmsg) if kvmsg.sequence > *sequence => {
                *sequence = kvmsg.sequence;
                kvmsg.store(kvmap);
            }
            Ok(_) => {} // it is in the snapshot
            Err(malformed) => println!("E: {malformed}"),
        }
    }
}
