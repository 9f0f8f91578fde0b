//! The events of `wait` lie in the poller; a loop that changes it takes `wait_into`.
fn serve(poller: &mut zmq::Poller<'_, u8>) -> zmq::Result<()> {
    for event in poller.wait(None)? {
        poller.remove(&event.key)?;
    }
    Ok(())
}

fn main() {}
