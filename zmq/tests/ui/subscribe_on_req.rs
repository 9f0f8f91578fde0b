//! Only SUB subscribes.
fn subscribe(req: &zmq::Socket<zmq::Req>, xsub: &zmq::Socket<zmq::XSub>) -> zmq::Result<()> {
    req.subscribe("topic")?;
    xsub.subscribe("topic")
}

fn main() {}
