//! Load-balancing broker in the style of a reactor: what lbbroker2 does, with a handler for each
//! side, and clients that ask once a second until the program is interrupted.

use std::collections::VecDeque;
use std::time::Duration;

use zguide::Interrupt;
use zguide::zhelpers::Line;
use zmq::{Actor, ActorStart, HandlerId, Multipart, Reactor, Router, Socket};

const NBR_CLIENTS: usize = 10;
const NBR_WORKERS: usize = 3;
/// What a worker says first.
const WORKER_READY: &str = "\x01";

/// Sends a request every second and prints the reply.
fn client_task(start: ActorStart) -> zmq::Result<()> {
    let client = start.context().socket(zmq::REQ)?;
    client.connect("ipc://frontend.ipc")?;
    let pipe = start.ready();

    loop {
        client.send("HELLO")?;
        let [_, stop] = zmq::poll([client.poll_in(), pipe.poll_in()], None)?;
        if stop.is_readable() {
            return Ok(());
        }
        println!("Client: {}", client.recv()?);

        let [stop] = zmq::poll([pipe.poll_in()], Some(Duration::from_secs(1)))?;
        if stop.is_readable() {
            return Ok(());
        }
    }
}

/// Answers requests until it is stopped.
fn worker_task(start: ActorStart) -> zmq::Result<()> {
    let worker = start.context().socket(zmq::REQ)?;
    worker.connect("ipc://backend.ipc")?;
    let pipe = start.ready();

    // Tells the broker that it is free.
    worker.send(WORKER_READY)?;
    loop {
        let [_, stop] = zmq::poll([worker.poll_in(), pipe.poll_in()], None)?;
        if stop.is_readable() {
            return Ok(());
        }
        // The last frame is the request, and becomes the reply. All before it goes back as it is.
        let mut message = worker.recv_multipart()?;
        if let Some(request) = message.pop_back() {
            println!("Worker: {}", Line(&request));
        }
        message.push_back("OK");
        worker.send_multipart(message)?;
    }
}

/// What the handlers share.
struct Broker<'a> {
    /// Listens to clients.
    frontend: &'a Socket<Router>,
    /// Its handler, which is on only while a worker is free.
    on_frontend: HandlerId,
    /// Listens to workers.
    backend: &'a Socket<Router>,
    /// The envelopes of the free workers.
    workers: VecDeque<Multipart>,
}

/// Takes a client's request to the worker that is free for longest.
fn handle_frontend<'a>(
    reactor: &mut Reactor<'a, Broker<'a>>,
    frontend: &Socket<Router>,
    broker: &mut Broker<'a>,
) -> zmq::Result<()> {
    if let Some(worker) = broker.workers.pop_front() {
        let request = frontend.recv_multipart()?;
        broker.backend.send_multipart(request.wrap(worker))?;
    }
    // Requests wait in their queue from now on if this was the last free worker.
    reactor.set_active(broker.on_frontend, !broker.workers.is_empty());
    Ok(())
}

/// Takes a worker's reply to the client, and notes that the worker is free again.
fn handle_backend<'a>(
    reactor: &mut Reactor<'a, Broker<'a>>,
    backend: &Socket<Router>,
    broker: &mut Broker<'a>,
) -> zmq::Result<()> {
    // [worker][empty][READY] or [worker][empty][client][empty][reply]. Anything else is dropped.
    let Ok((worker, message)) = backend.recv_multipart()?.unwrap_envelope() else {
        return Ok(());
    };
    if message == [WORKER_READY] || message.len() > 1 {
        broker.workers.push_back(worker);
        reactor.set_active(broker.on_frontend, true);
    }
    if message.len() > 1 {
        broker.frontend.send_multipart(message)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    // At the end nobody waits for what was not delivered.
    context.set_linger(Some(Duration::ZERO))?;
    let frontend = context.socket(zmq::ROUTER)?;
    let backend = context.socket(zmq::ROUTER)?;
    frontend.bind("ipc://frontend.ipc")?;
    backend.bind("ipc://backend.ipc")?;

    let interrupt = Interrupt::watch(&context)?;
    // They stop when they are dropped.
    let _clients = (0..NBR_CLIENTS)
        .map(|_| Actor::spawn(&context, "client", client_task))
        .collect::<Result<Vec<_>, _>>()?;
    let _workers = (0..NBR_WORKERS)
        .map(|_| Actor::spawn(&context, "worker", worker_task))
        .collect::<Result<Vec<_>, _>>()?;

    let mut reactor = Reactor::new();
    reactor.add_reader(&backend, handle_backend);
    let on_frontend = reactor.add_reader(&frontend, handle_frontend);
    reactor.set_active(on_frontend, false);

    // Runs until the program is interrupted.
    let mut broker = Broker {
        frontend: &frontend,
        on_frontend,
        backend: &backend,
        workers: VecDeque::new(),
    };
    Ok(interrupt.ends(reactor.run(&mut broker))?)
}
