//! A DEALER talks ZMTP, and a STREAM does not.
fn option(dealer: &zmq::Socket<zmq::Dealer>, stream: &zmq::Socket<zmq::Stream>) -> zmq::Result<()> {
    dealer.set_stream_notify(true)?;
    stream.set_heartbeat_ivl(std::time::Duration::from_secs(1))
}

fn main() {}
