//! Majordomo client: calls the service echo 100000 times, one call after another, through mdbroker at
//! tcp://localhost:5555, with an mdworker behind it.
//!
//! `mdclient [-v] [COUNT]`: with `-v` it prints every message.

use std::env;

use zguide::Interrupt;
use zguide::mdcliapi::Client;

fn run(context: &zmq::Context, replies: &mut u32) -> zmq::Result<()> {
    let verbose = env::args().any(|argument| argument == "-v");
    let count = env::args().skip(1).find_map(|text| text.parse().ok());
    let mut session = Client::connect(context, "tcp://localhost:5555", verbose)?;
    for _ in 0..count.unwrap_or(100_000) {
        if session.send("echo", ["Hello world"])?.is_none() {
            break; // no broker or no worker
        }
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
    println!("{replies} requests/replies processed");
    Ok(())
}
