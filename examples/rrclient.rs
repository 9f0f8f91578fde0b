//! Request-reply client: a REQ socket connected to the `rrbroker` or `msgqueue` at
//! tcp://localhost:5559 that says "Hello" and waits each time for "World": `rrclient [requests]`.

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let requests: u32 = env::args().nth(1).map_or(Ok(10), |count| count.parse())?;
    let context = zmq::Context::new()?;

    // The socket that talks to the broker.
    let requester = context.socket(zmq::REQ)?;
    requester.connect("tcp://localhost:5559")?;

    for request_nbr in 0..requests {
        requester.send("Hello")?;
        let string = requester.recv()?;
        println!("Received reply {request_nbr} [{string}]");
    }
    Ok(())
}
