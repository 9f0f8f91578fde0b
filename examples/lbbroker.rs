//! Load-balancing broker, with its clients and workers as threads: a client's request goes to the
//! worker that has been free for longest.
//!
//! Clients and workers are REQ sockets. A worker says READY first, and from then on each of its
//! replies says that it is free again.

use std::collections::VecDeque;
use std::thread;

const NBR_CLIENTS: usize = 10;
const NBR_WORKERS: usize = 3;

/// Sends one request and prints the reply.
fn client_task(context: &zmq::Context) -> zmq::Result<()> {
    let client = context.socket(zmq::REQ)?;
    client.connect("ipc://frontend.ipc")?;

    client.send("HELLO")?;
    let reply = client.recv()?;
    println!("Client: {reply}");
    Ok(())
}

/// Answers requests until the context is shut down.
fn worker_task(context: &zmq::Context) -> zmq::Result<()> {
    let worker = context.socket(zmq::REQ)?;
    worker.connect("ipc://backend.ipc")?;

    // Tells the broker that it is free.
    worker.send("READY")?;
    loop {
        // The address, which goes back with the reply, an empty frame, and the request.
        let mut message = worker.recv_multipart()?;
        if let [_address, _empty, request, ..] = &message[..] {
            println!("Worker: {request}");
        }
        message.truncate(2);
        message.push_back("OK");
        worker.send_multipart(message)?;
    }
}

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;
    let frontend = context.socket(zmq::ROUTER)?;
    let backend = context.socket(zmq::ROUTER)?;
    frontend.bind("ipc://frontend.ipc")?;
    backend.bind("ipc://backend.ipc")?;

    thread::scope(|scope| {
        // The workers wait for ever otherwise.
        let _guard = context.shutdown_on_drop();
        let clients: Vec<_> = (0..NBR_CLIENTS)
            .map(|_| scope.spawn(|| client_task(&context)))
            .collect();
        for _ in 0..NBR_WORKERS {
            scope.spawn(|| worker_task(&context));
        }

        balance(&frontend, &backend)?;
        // The last reply is on its way: its client prints it before everything ends.
        clients
            .into_iter()
            .try_for_each(|client| client.join().expect("a client does not panic"))
    })
}

/// Hands requests to free workers and replies to clients, until each client has its reply.
fn balance(
    frontend: &zmq::Socket<zmq::Router>,
    backend: &zmq::Socket<zmq::Router>,
) -> zmq::Result<()> {
    let mut client_nbr = NBR_CLIENTS;
    // The addresses of the free workers, the one that is free for longest first.
    let mut worker_queue = VecDeque::new();

    loop {
        // Requests wait in their queue while no worker is free.
        let items = [
            backend.poll_in(),
            frontend.poll_in().when(!worker_queue.is_empty()),
        ];
        let [from_worker, from_client] = zmq::poll(items, None)?;

        if from_worker.is_readable() {
            // [worker][empty]["READY"] or [worker][empty][client][empty][reply]
            let mut message = backend.recv_multipart()?;
            let worker = message.pop_front();
            message.pop_front();
            // Whoever says anything else is no worker.
            if message == ["READY"] || message.len() > 1 {
                worker_queue.extend(worker);
            }
            if message.len() > 1 {
                frontend.send_multipart(message)?;
                client_nbr -= 1;
                if client_nbr == 0 {
                    return Ok(());
                }
            }
        }
        if from_client.is_readable() {
            if let Some(worker) = worker_queue.pop_front() {
                // [client][empty][request], as it is, behind the worker's envelope
                let request = frontend.recv_multipart()?;
                backend.send_multipart(request.wrap(worker))?;
            }
        }
    }
}
