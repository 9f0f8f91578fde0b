//! Pathological subscriber: subscribes to one of the topics of pathopub at tcp://localhost:5556, or
//! `pathosub [endpoint] [topic]`, and prints what comes.

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1);
    let topic = std::env::args().nth(2);

    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.connect(endpoint.as_deref().unwrap_or("tcp://localhost:5556"))?;

    let subscription = topic.unwrap_or_else(|| format!("{:03}", fastrand::u32(..1000)));
    subscriber.subscribe(&subscription)?;

    interrupt.ends(print(&subscriber, &subscription))?;
    Ok(())
}

fn print(subscriber: &zmq::Socket<zmq::Sub>, subscription: &str) -> zmq::Result<()> {
    loop {
        // Longer topics begin with it, too.
        match &subscriber.recv_multipart()?[..] {
            [topic, data] if topic == subscription => println!("{data}"),
            _ => println!("E: not for {subscription}"),
        }
    }
}
