//! Paranoid Pirate worker: echoes requests that ppqueue at tcp://localhost:5556 gives it, and watches
//! the queue's heartbeats. When three are missing it connects anew, after 1, 2, 4 … 32 seconds.
//! After three requests it is sometimes slow and sometimes crashes.
//!
//! `ppworker [FAULTS [WORK-MS]]`: a word for each request, such as `ok,overload,crash`.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use zguide::Interrupt;
use zguide::faults::{Fault, Faults};

const HEARTBEAT_LIVENESS: u32 = 3;
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
const INTERVAL_INIT: Duration = Duration::from_secs(1); // before the first new connection
const INTERVAL_MAX: Duration = Duration::from_secs(32); // after all the doubling

const PPP_READY: &[u8] = b"\x01";
const PPP_HEARTBEAT: &[u8] = b"\x02";

/// Opens a socket that is connected to the queue, and says that the worker is free.
fn worker_socket(context: &zmq::Context) -> zmq::Result<zmq::Socket<zmq::Dealer>> {
    let worker = context.socket(zmq::DEALER)?;
    worker.set_linger(Some(Duration::ZERO))?; // nobody waits for the heartbeats of an old socket
    worker.connect("tcp://localhost:5556")?;
    println!("I: worker ready");
    worker.send(PPP_READY)?;
    Ok(worker)
}

fn run(context: &zmq::Context, mut faults: Faults, work: Duration) -> zmq::Result<()> {
    let mut worker = worker_socket(context)?;
    // At zero the queue counts as gone.
    let mut liveness = HEARTBEAT_LIVENESS;
    let mut interval = INTERVAL_INIT;
    let mut heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;

    loop {
        let [message] = zmq::poll([worker.poll_in()], Some(HEARTBEAT_INTERVAL))?;
        if message.is_readable() {
            // [client][empty][request] or [HEARTBEAT]
            let message = worker.recv_multipart()?;
            if message.len() == 3 {
                match faults.draw() {
                    Fault::None => {}
                    Fault::Crash => {
                        println!("I: simulating a crash");
                        return Ok(());
                    }
                    Fault::Overload => {
                        println!("I: simulating CPU overload");
                        thread::sleep(Duration::from_secs(3));
                    }
                }
                println!("I: normal reply");
                worker.send_multipart(message)?;
                liveness = HEARTBEAT_LIVENESS;
                thread::sleep(work); // stands for heavy work
            } else if message == [PPP_HEARTBEAT] {
                liveness = HEARTBEAT_LIVENESS;
            } else {
                println!("E: invalid message: {message:?}");
            }
            interval = INTERVAL_INIT;
        } else {
            liveness -= 1;
            if liveness == 0 {
                println!("W: heartbeat failure, can't reach queue");
                println!("W: reconnecting in {} msec...", interval.as_millis());
                // A sleep that ends with the context.
                zmq::poll([worker.poll_in().when(false)], Some(interval))?;
                interval = INTERVAL_MAX.min(interval * 2);
                worker = worker_socket(context)?;
                liveness = HEARTBEAT_LIVENESS;
            }
        }

        // Tells the queue that the worker is there.
        if Instant::now() > heartbeat_at {
            heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
            println!("I: worker heartbeat");
            worker.send(PPP_HEARTBEAT)?;
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let work = env::args().nth(2).and_then(|text| text.parse().ok());
    let work = Duration::from_millis(work.unwrap_or(1000));

    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context, Faults::new(5, env::args().nth(1)), work))?;
    Ok(())
}
