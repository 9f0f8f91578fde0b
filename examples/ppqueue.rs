//! Paranoid Pirate queue: requests of lpclient at tcp://*:5555 go to the ppworker at tcp://*:5556
//! that has been free for longest. Queue and workers send each other heartbeats every second, and a
//! worker that is silent for three of them gets no more work.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use zguide::Interrupt;
use zmq::Message;

const HEARTBEAT_LIVENESS: u32 = 3;
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

const PPP_READY: &[u8] = b"\x01";
const PPP_HEARTBEAT: &[u8] = b"\x02";

/// A free worker.
struct Worker {
    address: Message,
    expiry: Instant,
}

/// Puts a worker at the end of the list, where it stands once.
fn worker_ready(workers: &mut VecDeque<Worker>, address: Message) {
    workers.retain(|worker| worker.address != address);
    workers.push_back(Worker {
        address,
        expiry: Instant::now() + HEARTBEAT_INTERVAL * HEARTBEAT_LIVENESS,
    });
}

fn run(context: &zmq::Context) -> zmq::Result<()> {
    let frontend = context.socket(zmq::ROUTER)?;
    let backend = context.socket(zmq::ROUTER)?;
    frontend.bind("tcp://*:5555")?; // for clients
    backend.bind("tcp://*:5556")?; // for workers

    let mut workers = VecDeque::new();
    let mut heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;

    loop {
        // Requests wait in their queue while no worker is free.
        let items = [
            backend.poll_in(),
            frontend.poll_in().when(!workers.is_empty()),
        ];
        let [from_worker, from_client] = zmq::poll(items, Some(HEARTBEAT_INTERVAL))?;

        if from_worker.is_readable() {
            // [worker][READY], [worker][HEARTBEAT] or [worker][client][empty][reply…]
            let mut message = backend.recv_multipart()?;
            let address = message.pop_front();
            let is_reply = message.len() > 1;
            if !is_reply && message != [PPP_READY] && message != [PPP_HEARTBEAT] {
                println!("E: invalid message from worker: {message:?}");
            } else if let Some(address) = address {
                // Any sign of life says that the worker is free.
                worker_ready(&mut workers, address);
                if is_reply {
                    frontend.send_multipart(message)?;
                }
            }
        }
        if from_client.is_readable() {
            if let Some(worker) = workers.pop_front() {
                // [client][empty][request…], as it is, behind the worker's address
                let mut request = frontend.recv_multipart()?;
                request.push_front(worker.address);
                backend.send_multipart(request)?;
            }
        }

        // Free workers hear that the queue is there.
        if Instant::now() >= heartbeat_at {
            for worker in &mut workers {
                backend.send_multipart((worker.address.share(), PPP_HEARTBEAT))?;
            }
            heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
        }
        workers.retain(|worker| Instant::now() < worker.expiry);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    // At the end nothing waits for a client that takes no replies.
    context.set_linger(Some(Duration::from_secs(1)))?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context))?;
    Ok(())
}
