//! Only SUB and XSUB subscribe, and only an XPUB receives subscriptions.
fn subscribe(
    req: &zmq::Socket<zmq::Req>,
    sub: &zmq::Socket<zmq::Sub>,
    xsub: &zmq::Socket<zmq::XSub>,
) -> zmq::Result<()> {
    xsub.subscribe("topic")?;
    req.subscribe("topic")?;
    sub.recv_subscription()?;
    Ok(())
}

fn main() {}
