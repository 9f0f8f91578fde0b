//! Multithreaded Hello World server: a ROUTER at tcp://*:5555 hands requests to five threads, which
//! answer them at the same time. Runs with several `hwclient`.

use std::error::Error;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;
use zmq::Context;

/// Answers requests until the context is shut down.
fn worker_routine(context: &Context) -> zmq::Result<()> {
    // The socket that talks to the dispatcher.
    let mut receiver = context.socket(zmq::REP)?;
    receiver.connect("inproc://workers")?;

    loop {
        let mut request = receiver.next_request()?;
        let string = request.take().pop_front().unwrap_or_default();
        println!("Received request: [{string}]");

        // Stands for some work.
        thread::sleep(Duration::from_secs(1));

        request.reply("World")?;
    }
}

fn serve(context: &Context) -> zmq::Result<()> {
    // The socket that talks to clients.
    let clients = context.socket(zmq::ROUTER)?;
    clients.bind("tcp://*:5555")?;

    // The socket that talks to workers.
    let workers = context.socket(zmq::DEALER)?;
    workers.bind("inproc://workers")?;

    thread::scope(|scope| {
        // The workers wait for ever otherwise.
        let _guard = context.shutdown_on_drop();
        for _ in 0..5 {
            scope.spawn(|| worker_routine(context));
        }

        // Connects the workers to the clients.
        zmq::proxy(&clients, &workers)?;
        Ok(())
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(serve(&context))?)
}
