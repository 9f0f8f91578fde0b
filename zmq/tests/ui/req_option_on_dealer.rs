//! A DEALER takes no turns that could be relaxed.
fn option(dealer: &zmq::Socket<zmq::Dealer>) -> zmq::Result<()> {
    dealer.set_req_relaxed(true)
}

fn main() {}
