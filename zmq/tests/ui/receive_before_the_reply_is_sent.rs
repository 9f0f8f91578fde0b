//! A REP takes turns.
fn serve(server: &mut zmq::Socket<zmq::Rep>) -> zmq::Result<()> {
    let first = server.next_request()?;
    let second = server.next_request()?;
    first.reply("one")?;
    second.reply("two")?;
    Ok(())
}

fn main() {}
