//! Clone client, model one: stores the updates of clonesrv1 at tcp://localhost:5556, and says at its
//! end how many there were.

use zguide::Interrupt;
use zguide::kvsimple::{KvMap, KvMsg};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    let updates = context.socket(zmq::SUB)?;
    updates.subscribe("")?;
    updates.connect("tcp://localhost:5556")?;

    let interrupt = Interrupt::watch(&context)?;
    let mut sequence = 0;
    interrupt.ends(store(&updates, &mut sequence))?;
    println!(" Interrupted\n{sequence} messages in");
    Ok(())
}

fn store(updates: &zmq::Socket<zmq::Sub>, sequence: &mut i64) -> zmq::Result<()> {
    let mut kvmap = KvMap::new();
    loop {
        match KvMsg::recv(updates)? {
            Ok(kvmsg) => kvmsg.store(&mut kvmap),
            Err(malformed) => {
                println!("E: {malformed}");
                continue;
            }
        }
        *sequence += 1;
    }
}
