//! Requests are a REQ's, and requests to be answered a REP's.
fn request(dealer: &mut zmq::Socket<zmq::Dealer>) -> zmq::Result<()> {
    dealer.request("question")?;
    dealer.next_request()?;
    Ok(())
}

fn main() {}
