//! Clone client, model six: sets a random key below `/client/` every second, in the table that
//! clonesrv6 shares, with both servers running. `clonecli6 [milliseconds] [milliseconds]` chooses
//! that pause, and how long a server may be silent.

use std::thread;
use std::time::Duration;

use zguide::{Interrupt, clone};

const SUBTREE: &str = "/client/";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pause = std::env::args().nth(1).map_or(Ok(1000), |n| n.parse())?;
    let server_ttl = std::env::args().nth(2).map_or(Ok(5000), |n| n.parse())?;

    // The table, which a thread keeps.
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    let clone = clone::Client::with_server_ttl(&context, Duration::from_millis(server_ttl))?;

    // Its two servers.
    clone.subtree(SUBTREE)?;
    clone.connect("tcp://localhost", 5556)?;
    clone.connect("tcp://localhost", 5566)?;

    interrupt.ends(set(&clone, Duration::from_millis(pause)))?;
    Ok(())
}

/// Sets random values of random keys.
fn set(clone: &clone::Client, pause: Duration) -> zmq::Result<()> {
    loop {
        let key = format!("{SUBTREE}{}", fastrand::u32(..10_000));
        let value = fastrand::u32(..1_000_000).to_string();
        clone.set(&key, &value, fastrand::u32(..30))?;
        thread::sleep(pause);
    }
}
