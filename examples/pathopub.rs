//! Pathological publisher: sends each of 1000 topics once, and then one of them every second, at
//! tcp://*:5556 or `pathopub [endpoint] [milliseconds]`. The subscriber is pathosub.

use std::thread;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1);
    let pause = std::env::args().nth(2).map_or(Ok(1000), |n| n.parse())?;

    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let interrupt = Interrupt::watch(&context)?;
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind(endpoint.as_deref().unwrap_or("tcp://*:5556"))?;

    // Time for the subscriber to connect.
    thread::sleep(Duration::from_secs(1));
    interrupt.ends(publish(&publisher, Duration::from_millis(pause)))?;
    Ok(())
}

fn publish(publisher: &zmq::Socket<zmq::Pub>, pause: Duration) -> zmq::Result<()> {
    for topic_nbr in 0..1000 {
        let topic = format!("{topic_nbr:03}");
        publisher.send_more(topic).send("Save Roger")?;
    }
    // And then one at random.
    loop {
        thread::sleep(pause);
        let topic = format!("{:03}", fastrand::u32(..1000));
        publisher.send_more(topic).send("Off with his head!")?;
    }
}
