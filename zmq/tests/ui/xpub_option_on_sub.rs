//! A SUB has no subscribers whose subscriptions it could be told of.
fn option(sub: &zmq::Socket<zmq::Sub>) -> zmq::Result<()> {
    sub.set_xpub_verbose(true)?;
    sub.set_xpub_nodrop(true)
}

fn main() {}
