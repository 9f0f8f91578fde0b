//! A DEALER does not send by routing id.
fn connect(dealer: &zmq::Socket<zmq::Dealer>) -> zmq::Result<()> {
    dealer.connect_as("peer", "inproc://peer")
}

fn main() {}
