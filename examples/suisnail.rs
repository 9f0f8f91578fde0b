//! Suicidal snail: a subscriber that is slower than its publisher at tcp://*:5556, and gives up when
//! what it gets is more than a second old. `suisnail [milliseconds]` chooses that age.

use std::thread;
use std::time::Duration;

use zguide::kvmsg::clock;
use zmq::{Actor, ActorPipe, ActorStart};

/// Prints what comes, and is dead when that is too old.
fn subscriber(start: ActorStart, max_allowed_delay: i64) -> zmq::Result<()> {
    let subscriber = start.context().socket(zmq::SUB)?;
    subscriber.subscribe("")?;
    subscriber.connect("tcp://localhost:5556")?;
    let pipe = start.ready();

    loop {
        let message = subscriber.recv()?;
        println!("{message}");
        let Some(sent) = message.as_str().ok().and_then(|text| text.parse().ok()) else {
            eprintln!("E: no time, dropped");
            continue;
        };
        // What a suicidal snail does.
        if clock().saturating_sub(sent) > max_allowed_delay {
            eprintln!("E: subscriber cannot keep up, aborting");
            break;
        }
        // Work for a millisecond, and a random time more.
        thread::sleep(Duration::from_millis(1 + fastrand::u64(..2)));
    }
    pipe.send("gone and died")?;
    Ok(())
}

/// Sends the time every millisecond, until it is told to stop.
fn publisher(start: ActorStart) -> zmq::Result<()> {
    let publisher = start.context().socket(zmq::PUB)?;
    publisher.bind("tcp://*:5556")?;
    let pipe = start.ready();

    loop {
        publisher.send(clock().to_string())?;
        if pipe.try_recv()?.is_some() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let max_allowed_delay = std::env::args().nth(1).map_or(Ok(1000), |n| n.parse())?;

    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let publisher = Actor::spawn(&context, "publisher", publisher)?;
    let subscriber = Actor::spawn(&context, "subscriber", move |start| {
        subscriber(start, max_allowed_delay)
    })?;

    // The subscriber says that it has died.
    subscriber.recv()?;
    publisher.send(ActorPipe::STOP)?;
    publisher.join()?;
    Ok(())
}
