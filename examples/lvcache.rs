//! Last value cache: passes on what a publisher (`pathopub tcp://*:5557`) sends, and gives those who
//! subscribe at tcp://*:5558 (`pathosub tcp://localhost:5558`) the last value at once.

use std::collections::HashMap;
use std::time::Duration;

use zguide::Interrupt;
use zmq::{Context, ErrorKind, Message, Subscription};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context))?;
    Ok(())
}

fn run(context: &Context) -> zmq::Result<()> {
    let frontend = context.socket(zmq::SUB)?;
    frontend.connect("tcp://localhost:5557")?;
    let backend = context.socket(zmq::XPUB)?;
    // Every subscription is told, not only the first one to a topic.
    backend.set_xpub_verbose(true)?;
    backend.bind("tcp://*:5558")?;

    // Subscribe to every topic of the publisher.
    frontend.subscribe("")?;

    // The last value of each topic.
    let mut cache: HashMap<Message, Message> = HashMap::new();

    loop {
        let [update, event] = zmq::poll([frontend.poll_in(), backend.poll_in()], None)?;

        // A new value is kept and passed on.
        if update.is_readable() {
            match frontend.recv_multipart()?.into_array() {
                Ok([mut topic, mut current]) => {
                    cache.insert(topic.share(), current.share());
                    backend.send_more(topic).send(current)?;
                }
                Err(error) => println!("E: {error}"),
            }
        }
        // A new subscriber gets the value that is kept.
        if event.is_readable() {
            match backend.recv_subscription() {
                Ok(Subscription::Subscribe(topic)) => {
                    println!("Sending cached topic {}", String::from_utf8_lossy(&topic));
                    if let Some(previous) = cache.get_mut(&topic[..]) {
                        backend.send_more(topic).send(previous.share())?;
                    }
                }
                Ok(_) => {} // somebody leaves
                // What else a peer may send does not end the cache.
                Err(error) => match error.kind() {
                    ErrorKind::UnexpectedMessage | ErrorKind::Truncated => println!("E: {error}"),
                    _ => return Err(error.into()),
                },
            }
        }
    }
}
