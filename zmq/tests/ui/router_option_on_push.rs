//! Routing by id is a ROUTER's affair.
fn option(push: &zmq::Socket<zmq::Push>) -> zmq::Result<()> {
    push.set_router_mandatory(true)
}

fn main() {}
