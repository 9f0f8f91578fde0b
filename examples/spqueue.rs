//! Simple Pirate queue: requests of lpclient at tcp://*:5555 go to the spworker at tcp://*:5556 that
//! has been free for longest. It notices no dead worker: the client has to try again.

use std::collections::VecDeque;
use std::time::Duration;

use zguide::Interrupt;

const WORKER_READY: &[u8] = b"\x01";

fn run(context: &zmq::Context) -> zmq::Result<()> {
    let frontend = context.socket(zmq::ROUTER)?;
    let backend = context.socket(zmq::ROUTER)?;
    frontend.bind("tcp://*:5555")?; // for clients
    backend.bind("tcp://*:5556")?; // for workers

    // The addresses of the free workers.
    let mut workers = VecDeque::new();

    loop {
        // Requests wait in their queue while no worker is free.
        let items = [
            backend.poll_in(),
            frontend.poll_in().when(!workers.is_empty()),
        ];
        let [from_worker, from_client] = zmq::poll(items, None)?;

        if from_worker.is_readable() {
            // [worker][empty][READY] or [worker][empty][client][empty][reply…]
            match backend.recv_multipart()?.unwrap_envelope() {
                Ok((worker, message)) if message == [WORKER_READY] => workers.push_back(worker),
                Ok((worker, reply)) if reply.len() > 1 => {
                    workers.push_back(worker);
                    frontend.send_multipart(reply)?;
                }
                Ok((_, message)) | Err(message) => {
                    println!("E: invalid message from worker: {message:?}");
                }
            }
        }
        if from_client.is_readable() {
            if let Some(worker) = workers.pop_front() {
                // [client][empty][request…], as it is, behind the worker's envelope
                let request = frontend.recv_multipart()?;
                backend.send_multipart(request.wrap(worker))?;
            }
        }
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
