//! ROUTER to REQ: a broker at tcp://*:5671 that hands work to whoever asks, for five seconds or the
//! milliseconds given, and then fires everybody. Its ten workers are threads; others may join.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use zguide::zhelpers::random_id;

const NBR_WORKERS: usize = 10;

/// Asks for work, and does it, until it is fired.
fn worker_task(context: &zmq::Context) -> zmq::Result<()> {
    let worker = context.socket(zmq::REQ)?;
    worker.set_routing_id(random_id())?;
    worker.connect("tcp://localhost:5671")?;

    let mut total = 0;
    loop {
        // Tells the broker that it is free.
        worker.send("Hi Boss")?;

        let workload = worker.recv()?;
        if workload == "Fired!" {
            println!("Completed: {total} tasks");
            return Ok(());
        }
        total += 1;

        // Stands for some work.
        thread::sleep(Duration::from_millis(fastrand::u64(1..=500)));
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let run = env::args().nth(1).map_or(Ok(5000), |ms| ms.parse())?;
    let context = zmq::Context::new()?;
    let broker = context.socket(zmq::ROUTER)?;
    broker.bind("tcp://*:5671")?;

    thread::scope(|scope| {
        // If the broker fails, no worker waits for ever.
        let _guard = context.shutdown_on_drop();
        let workers = [(); NBR_WORKERS].map(|()| scope.spawn(|| worker_task(&context)));

        // Its own workers are the last thing it waits for, so that each prints its line.
        let end_time = Instant::now() + Duration::from_millis(run);
        while workers.iter().any(|worker| !worker.is_finished()) {
            let [asked] = zmq::poll([broker.poll_in()], Some(Duration::from_millis(100)))?;
            if !asked.is_readable() {
                continue;
            }
            // The worker that is free for longest: [identity][empty]["Hi Boss"].
            let [identity, ..] = &broker.recv_multipart()?[..] else {
                continue;
            };
            // Work, until it is time to fire them.
            let answer = if Instant::now() < end_time {
                "Work harder"
            } else {
                "Fired!"
            };
            broker.send_multipart([identity.as_bytes(), b"", answer.as_bytes()])?;
        }
        for worker in workers {
            worker.join().expect("a worker does not panic")?;
        }
        Ok(())
    })
}
