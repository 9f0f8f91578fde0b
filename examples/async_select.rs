//! One task that waits for two sockets and a timer, with `select!`: `async_select [run ms]`. Alone; the
//! tasks and the weather come from tasks of its own.

use std::env;
use std::error::Error;
use std::time::Duration;

use tokio::time::{interval, sleep};
use zmq::tokio::Socket;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let run = env::args().nth(1).map_or(Ok(3000), |ms| ms.parse())?;
    let context = zmq::Context::new()?;
    let receiver = context.socket(zmq::PULL)?;
    receiver.bind("inproc://tasks")?;
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.bind("inproc://weather")?;
    subscriber.subscribe("10001 ")?;
    tokio::spawn(ventilator(context.clone()));
    tokio::spawn(weather(context.clone()));

    let (mut receiver, mut subscriber) = (Socket::new(receiver)?, Socket::new(subscriber)?);
    let mut second = interval(Duration::from_secs(1));
    let mut end = std::pin::pin!(sleep(Duration::from_millis(run)));
    let (mut tasks, mut updates) = (0, 0);
    loop {
        // What is not chosen is dropped, and has received nothing: no message is ever lost here.
        tokio::select! {
            task = receiver.recv() => {
                tasks += 1;
                println!("Task of {} ms", task?);
            }
            update = subscriber.recv() => {
                updates += 1;
                println!("Weather: {}", update?);
            }
            _ = second.tick() => println!("{tasks} tasks, {updates} updates"),
            () = &mut end => break,
        }
    }
    println!("In all {tasks} tasks, {updates} updates");
    // Ends the other tasks' sends, too.
    context.shutdown()?;
    Ok(())
}

async fn ventilator(context: zmq::Context) -> zmq::Result<()> {
    let sender = context.socket(zmq::PUSH)?;
    sender.connect("inproc://tasks")?;
    let mut sender = Socket::new(sender)?;
    loop {
        let workload = fastrand::u64(1..=100);
        sender.send(workload.to_string()).await?;
        sleep(Duration::from_millis(workload)).await;
    }
}

async fn weather(context: zmq::Context) -> zmq::Result<()> {
    let publisher = context.socket(zmq::PUB)?;
    publisher.connect("inproc://weather")?;
    let mut publisher = Socket::new(publisher)?;
    loop {
        let zipcode = fastrand::u32(10000..10003);
        let temperature = fastrand::i32(-20..40);
        publisher.send(format!("{zipcode} {temperature}")).await?;
        sleep(Duration::from_millis(20)).await;
    }
}
