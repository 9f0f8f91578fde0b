//! Majordomo client that does not wait: sends 100000 requests to the service echo through mdbroker at
//! tcp://localhost:5555, with an mdworker behind it, and then collects the replies.
//!
//! `mdclient2 [-v] [COUNT]`: with `-v` it prints every message.

use std::env;

use zguide::Interrupt;
use zguide::mdcliapi2::Client;

fn run(context: &zmq::Context, replies: &mut u32) -> zmq::Result<()> {
    let verbose = env::args().any(|argument| argument == "-v");
    let count = env::args().skip(1).find_map(|text| text.parse().ok());
    let count = count.unwrap_or(100_000);
    let session = Client::connect(context, "tcp://localhost:5555", verbose)?;
    for _ in 0..count {
        session.send("echo", ["Hello world"])?;
    }
    while *replies < count && session.recv()?.is_some() {
        *replies += 1;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    let mut replies = 0;
    interrupt.ends(run(&context, &mut replies))?;
    if interrupt.came() {
        println!("W: interrupt received, killing client...");
    }
    println!("{replies} replies received");
    Ok(())
}
