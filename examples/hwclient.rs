//! Hello World client: a REQ socket connected to tcp://localhost:5555 that says "Hello" ten times
//! and waits each time for "World": `hwclient [requests]`.

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let requests: u32 = env::args().nth(1).map_or(Ok(10), |count| count.parse())?;
    let context = zmq::Context::new()?;

    // The socket that talks to the server, which may as well be started later.
    println!("Connecting to hello world server...");
    let requester = context.socket(zmq::REQ)?;
    requester.connect("tcp://localhost:5555")?;

    for request_nbr in 0..requests {
        println!("Sending Hello {request_nbr}...");
        requester.send("Hello")?;

        requester.recv()?;
        println!("Received World {request_nbr}");
    }
    Ok(())
}
