//! A REQ takes turns.
fn request(client: &mut zmq::Socket<zmq::Req>) -> zmq::Result<()> {
    let first = client.request("one")?;
    let second = client.request("two")?;
    first.recv()?;
    second.recv()?;
    Ok(())
}

fn main() {}
