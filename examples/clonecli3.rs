//! Clone client, model three: as clonecli2, and sends an update of its own to tcp://localhost:5558
//! every second, with clonesrv3. `clonecli3 [milliseconds]` sends more often, or less.

use std::time::{Duration, Instant};

use zguide::Interrupt;
use zguide::kvsimple::{KvMap, KvMsg};
use zmq::{Context, Dealer, Socket};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pause = std::env::args().nth(1).map_or(Ok(1000), |n| n.parse())?;

    let context = Context::new()?;
    // Nobody waits at the end for a server that is not there.
    context.set_linger(Some(Duration::ZERO))?;
    let interrupt = Interrupt::watch(&context)?;
    let mut sequence = 0;
    interrupt.ends(run(&context, Duration::from_millis(pause), &mut sequence))?;
    println!(" Interrupted\n{sequence} messages in");
    Ok(())
}

fn run(context: &Context, pause: Duration, sequence: &mut i64) -> zmq::Result<()> {
    let snapshot = context.socket(zmq::DEALER)?;
    snapshot.connect("tcp://localhost:5556")?;
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.subscribe("")?;
    subscriber.connect("tcp://localhost:5557")?;
    let publisher = context.socket(zmq::PUSH)?;
    publisher.connect("tcp://localhost:5558")?;

    let mut kvmap = KvMap::new();
    *sequence = get_state(&snapshot, &mut kvmap)?;
    println!("I: received snapshot={sequence}");

    let mut alarm = Instant::now() + pause;
    loop {
        let left = alarm.saturating_duration_since(Instant::now());
        let [update] = zmq::poll([subscriber.poll_in()], Some(left))?;

        if update.is_readable() {
            match KvMsg::recv(&subscriber)? {
                Ok(kvmsg) if kvmsg.sequence > *sequence => {
                    *sequence = kvmsg.sequence;
                    kvmsg.store(&mut kvmap);
                    println!("I: received update={sequence}");
                }
                Ok(_) => {} // it is in the snapshot
                Err(malformed) => println!("E: {malformed}"),
            }
        }
        // It is time for an update of our own. The server gives it its number.
        if Instant::now() >= alarm {
            let key = fastrand::u32(..10_000).to_string();
            let body = fastrand::u32(..1_000_000).to_string();
            KvMsg::new(0, key, body).send(&publisher)?;
            alarm = Instant::now() + pause;
        }
    }
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
