//! A PULL answers to no routing id.
fn option(pull: &zmq::Socket<zmq::Pull>) -> zmq::Result<()> {
    pull.set_routing_id("id")
}

fn main() {}
