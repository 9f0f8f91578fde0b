//! Request-reply broker: clients connect to its ROUTER at tcp://*:5559, services to its DEALER at
//! tcp://*:5560, and it hands messages from one to the other.

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;
    let frontend = context.socket(zmq::ROUTER)?;
    let backend = context.socket(zmq::DEALER)?;
    frontend.bind("tcp://*:5559")?;
    backend.bind("tcp://*:5560")?;

    // Messages go on as they are, with all their frames.
    loop {
        let [request, reply] = zmq::poll([frontend.poll_in(), backend.poll_in()], None)?;
        if request.is_readable() {
            backend.send_multipart(frontend.recv_multipart()?)?;
        }
        if reply.is_readable() {
            frontend.send_multipart(backend.recv_multipart()?)?;
        }
    }
}
