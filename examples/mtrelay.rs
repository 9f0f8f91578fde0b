//! Multithreaded relay: each step is a thread, and tells the next over a PAIR that it is ready.

use std::thread;

use zmq::Context;

fn step1(context: &Context) -> zmq::Result<()> {
    // Tells step 2 that it is ready.
    let xmitter = context.socket(zmq::PAIR)?;
    xmitter.connect("inproc://step2")?;
    println!("Step 1 ready, signaling step 2");
    xmitter.send("READY")?;
    Ok(())
}

fn step2(context: &Context) -> zmq::Result<()> {
    // Binds before step 1 starts.
    let receiver = context.socket(zmq::PAIR)?;
    receiver.bind("inproc://step2")?;

    thread::scope(|scope| {
        scope.spawn(|| or_nobody_waits(context, step1(context)));
        receiver.recv()
    })?;

    // Passes the signal on.
    let xmitter = context.socket(zmq::PAIR)?;
    xmitter.connect("inproc://step3")?;
    println!("Step 2 ready, signaling step 3");
    xmitter.send("READY")?;
    Ok(())
}

/// A step that failed signals nobody, so whoever waits for it has to be told.
fn or_nobody_waits(context: &Context, result: zmq::Result<()>) {
    if let Err(error) = result {
        eprintln!("E: {error}");
        let _ = context.shutdown();
    }
}

fn main() -> zmq::Result<()> {
    let context = Context::new()?;

    // Binds before step 2 starts.
    let receiver = context.socket(zmq::PAIR)?;
    receiver.bind("inproc://step3")?;

    thread::scope(|scope| {
        scope.spawn(|| or_nobody_waits(&context, step2(&context)));
        receiver.recv()
    })?;
    println!("Test successful!");
    Ok(())
}
