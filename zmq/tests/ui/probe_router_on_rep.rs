//! A REP waits to be asked, and filters nothing by topic.
fn option(rep: &zmq::Socket<zmq::Rep>) -> zmq::Result<()> {
    rep.set_probe_router(true)?;
    rep.set_invert_matching(true)
}

fn main() {}
