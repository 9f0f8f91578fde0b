//! Hello World client: a REQ socket connected to tcp://localhost:5555 that says "Hello" ten times
//! and waits each time for "World".

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;

    // The socket that talks to the server, which may as well be started later.
    println!("Connecting to hello world server...");
    let requester = context.socket(zmq::REQ)?;
    requester.connect("tcp://localhost:5555")?;

    for request_nbr in 0..10 {
        println!("Sending Hello {request_nbr}...");
        requester.send("Hello")?;

        requester.recv()?;
        println!("Received World {request_nbr}");
    }
    Ok(())
}
