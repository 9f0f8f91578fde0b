//! Clone server, model one: publishes random values of random keys at tcp://*:5556, with the client
//! clonecli1. `clonesrv1 [messages]` ends after so many.

use std::thread;
use std::time::Duration;

use zguide::Interrupt;
use zguide::kvsimple::{KvMap, KvMsg};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let messages = std::env::args()
        .nth(1)
        .map_or(Ok(i64::MAX), |n| n.parse())?;

    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::from_secs(1)))?;
    let interrupt = Interrupt::watch(&context)?;
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind("tcp://*:5556")?;
    thread::sleep(Duration::from_millis(200));

    let mut sequence = 0;
    interrupt.ends(publish(&publisher, &mut sequence, messages))?;
    if interrupt.came() {
        println!(" Interrupted");
    }
    println!("{sequence} messages out");
    Ok(())
}

/// Distributes key-value messages, as fast as it goes.
fn publish(
    publisher: &zmq::Socket<zmq::Pub>,
    sequence: &mut i64,
    messages: i64,
) -> zmq::Result<()> {
    let mut kvmap = KvMap::new();
    while *sequence < messages {
        let key = fastrand::u32(..10_000).to_string();
        let body = fastrand::u32(..1_000_000).to_string();
        let kvmsg = KvMsg::new(*sequence + 1, key, body);
        kvmsg.send(publisher)?;
        kvmsg.store(&mut kvmap);
        *sequence += 1;
    }
    Ok(())
}
