//! Load-balancing broker, with its clients and workers as actors: what lbbroker does, in the terms
//! of whole messages and their envelopes.

use std::collections::VecDeque;

use zguide::zhelpers::Line;
use zmq::{Actor, ActorStart};

const NBR_CLIENTS: usize = 10;
const NBR_WORKERS: usize = 3;
/// What a worker says first.
const WORKER_READY: &str = "\x01";

/// Sends one request and prints the reply.
fn client_task(start: ActorStart) -> zmq::Result<()> {
    let client = start.context().socket(zmq::REQ)?;
    client.connect("ipc://frontend.ipc")?;
    let pipe = start.ready();

    client.send("HELLO")?;
    // Waits for the reply, or to be stopped, which happens only if the broker fails.
    let [reply, _stop] = zmq::poll([client.poll_in(), pipe.poll_in()], None)?;
    if reply.is_readable() {
        println!("Client: {}", client.recv()?);
    }
    Ok(())
}

/// Answers requests until it is stopped.
fn worker_task(start: ActorStart) -> zmq::Result<()> {
    let worker = start.context().socket(zmq::REQ)?;
    worker.connect("ipc://backend.ipc")?;
    let pipe = start.ready();

    // Tells the broker that it is free.
    worker.send(WORKER_READY)?;
    loop {
        let [request, stop] = zmq::poll([worker.poll_in(), pipe.poll_in()], None)?;
        if request.is_readable() {
            // The last frame is the request, and becomes the reply. All before it goes back as it is.
            let mut message = worker.recv_multipart()?;
            if let Some(request) = message.pop_back() {
                println!("Worker: {}", Line(&request));
            }
            message.push_back("OK");
            worker.send_multipart(message)?;
        }
        if stop.is_readable() {
            return Ok(());
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    let frontend = context.socket(zmq::ROUTER)?;
    let backend = context.socket(zmq::ROUTER)?;
    frontend.bind("ipc://frontend.ipc")?;
    backend.bind("ipc://backend.ipc")?;

    let clients = (0..NBR_CLIENTS)
        .map(|_| Actor::spawn(&context, "client", client_task))
        .collect::<Result<Vec<_>, _>>()?;
    // They stop when they are dropped.
    let _workers = (0..NBR_WORKERS)
        .map(|_| Actor::spawn(&context, "worker", worker_task))
        .collect::<Result<Vec<_>, _>>()?;

    // The envelopes of the free workers, the one that is free for longest first.
    let mut workers = VecDeque::new();
    let mut client_nbr = NBR_CLIENTS;

    while client_nbr > 0 {
        // Requests wait in their queue while no worker is free.
        let items = [
            backend.poll_in(),
            frontend.poll_in().when(!workers.is_empty()),
        ];
        let [from_worker, from_client] = zmq::poll(items, None)?;

        if from_worker.is_readable() {
            // [worker][empty][READY] or [worker][empty][client][empty][reply]. Anything else is
            // dropped.
            if let Ok((worker, message)) = backend.recv_multipart()?.unwrap_envelope() {
                if message == [WORKER_READY] || message.len() > 1 {
                    workers.push_back(worker);
                }
                if message.len() > 1 {
                    frontend.send_multipart(message)?;
                    client_nbr -= 1;
                }
            }
        }
        if from_client.is_readable() {
            if let Some(worker) = workers.pop_front() {
                let request = frontend.recv_multipart()?;
                backend.send_multipart(request.wrap(worker))?;
            }
        }
    }
    // The last reply is on its way: its client prints it before everything ends.
    for client in clients {
        client.join()?;
    }
    Ok(())
}
