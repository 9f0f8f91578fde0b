//! Hello World client on a REQ socket that says who it is: its identity is "ZMQ". It talks to
//! hwserver, or any of hwserver2 to hwserver4.
//!
//! A server hears nothing of a second one of that name as long as the first has not gone.

fn main() -> zmq::Result<()> {
    println!("Connecting to hello world server...");
    let context = zmq::Context::new()?;
    let requester = context.socket(zmq::REQ)?;
    // By this name a ROUTER knows it, if it is set before the connection.
    requester.set_routing_id("ZMQ")?;
    requester.connect("tcp://localhost:5555")?;

    for request_nbr in 1..=10 {
        println!("Sending request msg: Hello NO={request_nbr}...");
        requester.send("Hello")?;

        let reply = requester.recv()?;
        println!("Received respond msg: {reply} NO={request_nbr}\n");
    }
    Ok(())
}
