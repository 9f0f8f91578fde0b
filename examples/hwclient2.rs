//! Hello World client on a DEALER socket, which makes the empty frame of a request itself. It
//! talks to hwserver, or any of hwserver2 to hwserver4.

fn main() -> zmq::Result<()> {
    println!("Connecting to hello world server...");
    let context = zmq::Context::new()?;
    let requester = context.socket(zmq::DEALER)?;
    requester.connect("tcp://localhost:5555")?;

    let mut reply_nbr = 0;
    for request_nbr in 1..=10 {
        println!("Sending request msg: Hello NO={request_nbr}...");
        // The delimiter that a REQ would put there, and the request.
        requester.send_more("").send("Hello")?;

        // The reply has the delimiter as well. What has none is no reply.
        match &requester.recv_multipart()?[..] {
            [empty, reply, ..] if empty.is_empty() => {
                reply_nbr += 1;
                println!("Received respond msg: {reply} NO={reply_nbr}\n");
            }
            _ => println!("Discard the ZMQ message!"),
        }
    }
    Ok(())
}
