//! A ROUTER's messages are of different peers, and a REP must answer each.
fn latest(router: &zmq::Socket<zmq::Router>, rep: &zmq::Socket<zmq::Rep>) -> zmq::Result<()> {
    router.recv_latest()?;
    rep.try_recv_latest()?;
    Ok(())
}

fn main() {}
