//! Shows what a full queue looks like: a DEALER that holds four messages and never waits sends to
//! tcp://localhost:9876, where nobody listens.

use std::thread;
use std::time::Duration;

use zmq::ErrorKind;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;

    let mailbox = context.socket(zmq::DEALER)?;
    mailbox.set_sndhwm(4)?;
    mailbox.set_sndtimeo(Some(Duration::ZERO))?;
    mailbox.connect("tcp://localhost:9876")?;

    for count in 0..10 {
        println!("Sending message {count}");
        if let Err(refused) = mailbox.send(format!("message {count}")) {
            // The system's text of EAGAIN. The message is still there: `refused.into_message()`.
            println!("W: {}", ErrorKind::Other(refused.error.errno()));
            break;
        }
    }
    // If somebody listens after all, the messages have a second to get there.
    thread::sleep(Duration::from_secs(1));
    Ok(())
}
