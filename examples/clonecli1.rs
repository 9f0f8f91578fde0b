//! Clone client, model one: stores the updates of clonesrv1 at tcp://localhost:5556, and says at its
//! end how many there were. `clonecli1 [messages]` ends after so many.

use zguide::Interrupt;
use zguide::kvsimple::{KvMap, KvMsg};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let messages = std::env::args()
        .nth(1)
        .map_or(Ok(i64::MAX), |n| n.parse())?;

    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    let updates = context.socket(zmq::SUB)?;
    updates.subscribe("")?;
    updates.connect("tcp://localhost:5556")?;

    let mut sequence = 0;
    interrupt.ends(store(&updates, &mut sequence, messages))?;
    if interrupt.came() {
        println!(" Interrupted");
    }
    println!("{sequence} messages in");
    Ok(())
}

fn store(updates: &zmq::Socket<zmq::Sub>, sequence: &mut i64, messages: i64) -> zmq::Result<()> {
    let mut kvmap = KvMap::new();
    while *sequence < messages {
        match KvMsg::recv(updates)? {
            Ok(kvmsg) => kvmsg.store(&mut kvmap),
            Err(malformed) => {
                println!("E: {malformed}");
                continue;
            }
        }
        *sequence += 1;
    }
    Ok(())
}
