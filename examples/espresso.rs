//! Espresso: a proxy between a publisher at tcp://*:6000 and a subscriber at tcp://*:6001, and a
//! listener that prints all that passes. `espresso [milliseconds]` chooses the publisher's pause.

use std::time::Duration;
use std::{env, thread};

use zguide::Interrupt;
use zmq::{Context, Message, Pair, Socket};

/// Takes five messages that begin with A or B, and leaves.
fn subscriber_thread(context: &Context) -> zmq::Result<()> {
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.connect("tcp://localhost:6001")?;
    subscriber.subscribe("A")?;
    subscriber.subscribe("B")?;

    for _ in 0..5 {
        subscriber.recv_multipart()?;
    }
    Ok(())
}

/// Sends messages that begin with a letter from A to J.
fn publisher_thread(context: &Context, pause: Duration) -> zmq::Result<()> {
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind("tcp://*:6000")?;

    loop {
        let string = format!(
            "{}-{:05}",
            fastrand::char('A'..='J'),
            fastrand::u32(..100_000)
        );
        publisher.send(string)?;
        thread::sleep(pause);
    }
}

/// Prints every frame that comes through its pipe.
fn listener_thread(pipe: Socket<Pair>) -> zmq::Result<()> {
    loop {
        for frame in pipe.recv_multipart()? {
            println!("[{:03}] {}", frame.len(), text_of(&frame));
        }
    }
}

/// Text as it is, anything else in hexadecimal.
fn text_of(frame: &Message) -> String {
    match frame.as_str() {
        Ok(text) if !text.contains(char::is_control) => text.into(),
        _ => frame.iter().map(|byte| format!("{byte:02X}")).collect(),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pause = env::args().nth(1).map_or(Ok(100), |n| n.parse())?;
    let pause = Duration::from_millis(pause);

    let context = Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let interrupt = Interrupt::watch(&context)?;
    let (context, interrupt) = (&context, &interrupt);
    thread::scope(|scope| {
        // However the proxy ends, the threads do, too.
        let _guard = context.shutdown_on_drop();
        let report = |result| {
            if let Err(error) = interrupt.ends(result) {
                println!("E: {error}");
            }
        };
        scope.spawn(move || report(publisher_thread(context, pause)));
        scope.spawn(move || report(subscriber_thread(context)));

        let subscriber = context.socket(zmq::XSUB)?;
        subscriber.connect("tcp://localhost:6000")?;
        let publisher = context.socket(zmq::XPUB)?;
        publisher.bind("tcp://*:6001")?;
        let (listener, pipe) = context.pipe()?;
        scope.spawn(move || report(listener_thread(pipe)));

        let end = zmq::proxy_with_capture(&subscriber, &publisher, &listener);
        interrupt.ends(end.map(|never| match never {}))
    })?;
    println!(" interrupted");
    Ok(())
}
