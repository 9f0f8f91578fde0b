//! Hello World client on a DEALER socket whose identity is "ZMQ". It talks to hwserver, or any of
//! hwserver2 to hwserver4.
//!
//! A server hears nothing of a second one of that name as long as the first has not gone.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("Connecting to hello world server...");
    let context = zmq::Context::new()?;
    let requester = context.socket(zmq::DEALER)?;
    requester.set_routing_id("ZMQ")?;
    requester.connect("tcp://localhost:5555")?;

    for request_nbr in 1..=10 {
        println!("Sending request msg: Hello NO={request_nbr}...");
        // The empty delimiter, and the request.
        requester.send_more("").send("Hello")?;

        let [empty, reply] = requester.recv_array()?;
        if !empty.is_empty() {
            return Err(format!("no delimiter but {empty:?} before the reply").into());
        }
        println!("Received respond msg: {reply} NO={request_nbr}\n");
    }
    Ok(())
}
