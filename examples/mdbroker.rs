//! Majordomo broker: at tcp://*:5555 workers (mdworker, titanic) register services, and clients
//! (mdclient, mdclient2, mmiecho, ticlient) send them requests. A request without a free worker waits.
//!
//! `mdbroker [-v] [HEARTBEAT-MS]`: with `-v` it prints every message.

use std::collections::{HashMap, VecDeque};
use std::env;
use std::time::{Duration, Instant};

use zguide::Interrupt;
use zguide::mdp::{self, Command};
use zmq::{Message, Multipart};

const HEARTBEAT_LIVENESS: u32 = 3;

/// The broker keeps all that it knows in two tables, by name of the service and address of the worker.
struct Broker {
    socket: zmq::Socket<zmq::Router>,
    verbose: bool,
    services: HashMap<Vec<u8>, Service>,
    workers: HashMap<Vec<u8>, Worker>,
    heartbeat: Duration,
    heartbeat_at: Instant,
}

#[derive(Default)]
struct Service {
    /// `[client][empty][body…]`, the oldest first.
    requests: VecDeque<Multipart>,
    /// The addresses of the free workers, the one that is free for longest first.
    waiting: VecDeque<Vec<u8>>,
    /// How many workers it has, free or not.
    workers: usize,
}

struct Worker {
    service: Vec<u8>,
    waiting: bool,
    /// A free worker that was silent until then is gone.
    expiry: Instant,
}

impl Service {
    /// A free worker and a request for it.
    fn next(&mut self) -> Option<(Vec<u8>, Multipart)> {
        let worker = self.waiting.pop_front()?;
        match self.requests.pop_front() {
            Some(request) => Some((worker, request)),
            None => {
                self.waiting.push_front(worker);
                None
            }
        }
    }
}

impl Broker {
    fn bind(
        context: &zmq::Context,
        endpoint: &str,
        verbose: bool,
        heartbeat: Duration,
    ) -> zmq::Result<Broker> {
        let socket = context.socket(zmq::ROUTER)?;
        socket.bind(endpoint)?;
        println!("I: MDP broker/0.1.1 is active at {endpoint}");
        Ok(Broker {
            socket,
            verbose,
            services: HashMap::new(),
            workers: HashMap::new(),
            heartbeat,
            heartbeat_at: Instant::now() + heartbeat,
        })
    }

    /// Works until the context is shut down.
    fn run(&mut self) -> zmq::Result<()> {
        loop {
            let [input] = zmq::poll([self.socket.poll_in()], Some(self.heartbeat))?;
            if input.is_readable() {
                let message = self.socket.recv_multipart()?;
                if self.verbose {
                    println!("I: received message: {message:?}");
                }
                if let Some(invalid) = self.process(message)? {
                    println!("E: invalid message: {invalid:?}");
                }
            }
            if Instant::now() > self.heartbeat_at {
                self.purge_workers()?;
                let waiting = self.services.values().flat_map(|service| &service.waiting);
                for worker in waiting {
                    self.send_to_worker(worker, Command::Heartbeat, Multipart::new())?;
                }
                self.heartbeat_at = Instant::now() + self.heartbeat;
            }
        }
    }

    /// Takes `[sender][empty][frames…]`. What is no message of the protocol comes back.
    fn process(&mut self, mut message: Multipart) -> zmq::Result<Option<Multipart>> {
        let Some(sender) = message.pop_front() else {
            return Ok(None);
        };
        if let Some(command) = mdp::take_command(&mut message) {
            return self.worker_process(&sender, command, message);
        }
        if !message.first().is_some_and(|empty| empty.is_empty()) {
            return Ok(Some(message));
        }
        message.pop_front();
        match mdp::take_service(&mut message) {
            Some(service) if !service.is_empty() => {
                self.client_process(sender, service.to_vec(), message)?;
                Ok(None)
            }
            _ => Ok(Some(message)),
        }
    }

    /// Queues a client's request, or answers it here.
    fn client_process(
        &mut self,
        sender: Message,
        service: Vec<u8>,
        body: Multipart,
    ) -> zmq::Result<()> {
        if service.starts_with(b"mmi.") {
            self.internal_service(sender, &service, body)
        } else {
            let waiting = self.services.entry(service.clone()).or_default();
            waiting.requests.push_back(body.wrap(sender));
            self.dispatch(&service)
        }
    }

    /// Answers a question about the broker itself (specification 8): the code takes the place of the
    /// last frame.
    fn internal_service(
        &self,
        client: Message,
        service: &[u8],
        mut body: Multipart,
    ) -> zmq::Result<()> {
        let asked = body.pop_back().unwrap_or_default();
        body.push_back(match (service, self.services.get(&asked[..])) {
            (b"mmi.service", Some(service)) if service.workers > 0 => "200",
            (b"mmi.service", _) => "404",
            _ => "501",
        });
        let reply = mdp::client_message(service, body);
        Ok(self.socket.send_multipart(reply.wrap(client))?)
    }

    /// Does what a worker says. A command that has no place is answered with DISCONNECT.
    fn worker_process(
        &mut self,
        sender: &[u8],
        command: Command,
        mut message: Multipart,
    ) -> zmq::Result<Option<Multipart>> {
        let liveness = self.heartbeat * HEARTBEAT_LIVENESS;
        let mut known = self.workers.get_mut(sender);
        if let Some(worker) = &mut known {
            worker.expiry = Instant::now() + liveness;
        }
        match (command, known) {
            (Command::Ready, None) => match message.pop_front() {
                Some(service) if !service.is_empty() && !service.starts_with(b"mmi.") => {
                    self.register(sender, service.to_vec());
                    self.worker_waiting(sender)?;
                }
                _ => self.delete_worker(sender, true)?,
            },
            (Command::Reply, Some(worker)) if !worker.waiting => match message.unwrap_envelope() {
                Ok((client, body)) if !client.is_empty() && !body.is_empty() => {
                    let reply = mdp::client_message(&worker.service, body);
                    self.socket.send_multipart(reply.wrap(client))?;
                    self.worker_waiting(sender)?;
                }
                Ok((_, invalid)) | Err(invalid) => {
                    self.delete_worker(sender, true)?;
                    return Ok(Some(invalid));
                }
            },
            (Command::Heartbeat, Some(_)) => {}
            (Command::Disconnect, _) => self.delete_worker(sender, false)?,
            _ => self.delete_worker(sender, true)?,
        }
        Ok(None)
    }

    fn register(&mut self, address: &[u8], service: Vec<u8>) {
        if self.verbose {
            println!("I: registering new worker: {}", address.escape_ascii());
        }
        self.services.entry(service.clone()).or_default().workers += 1;
        let worker = Worker {
            service,
            waiting: false,
            expiry: Instant::now() + self.heartbeat * HEARTBEAT_LIVENESS,
        };
        self.workers.insert(address.into(), worker);
    }

    /// From now on this worker is free.
    fn worker_waiting(&mut self, address: &[u8]) -> zmq::Result<()> {
        let Some(worker) = self.workers.get_mut(address) else {
            return Ok(());
        };
        worker.waiting = true;
        let name = worker.service.clone();
        let service = self.services.entry(name.clone()).or_default();
        service.waiting.push_back(address.into());
        self.dispatch(&name)
    }

    /// Hands requests to free workers, as long as there are both.
    fn dispatch(&mut self, name: &[u8]) -> zmq::Result<()> {
        self.purge_workers()?;
        while let Some((address, request)) = self.services.get_mut(name).and_then(Service::next) {
            if let Some(worker) = self.workers.get_mut(&address) {
                worker.waiting = false;
            }
            self.send_to_worker(&address, Command::Request, request)?;
        }
        Ok(())
    }

    /// Forgets the free workers that are gone. Those that work send no heartbeats.
    fn purge_workers(&mut self) -> zmq::Result<()> {
        let now = Instant::now();
        let expired = self.workers.iter().filter(|(_, worker)| worker.waiting);
        let expired = expired.filter(|(_, worker)| worker.expiry <= now);
        let expired: Vec<_> = expired.map(|(address, _)| address.clone()).collect();
        for address in expired {
            if self.verbose {
                println!("I: deleting expired worker: {}", address.escape_ascii());
            }
            self.delete_worker(&address, false)?;
        }
        Ok(())
    }

    /// Forgets a worker, if it is known, and can tell it that the session is over.
    fn delete_worker(&mut self, address: &[u8], disconnect: bool) -> zmq::Result<()> {
        if disconnect {
            self.send_to_worker(address, Command::Disconnect, Multipart::new())?;
        }
        if let Some(worker) = self.workers.remove(address) {
            if let Some(service) = self.services.get_mut(&worker.service) {
                service.waiting.retain(|waiting| waiting != address);
                service.workers -= 1;
            }
        }
        Ok(())
    }

    fn send_to_worker(
        &self,
        address: &[u8],
        command: Command,
        frames: Multipart,
    ) -> zmq::Result<()> {
        let message = command.message(frames).wrap(Message::from(address));
        if self.verbose {
            println!("I: sending {command} to worker: {message:?}");
        }
        Ok(self.socket.send_multipart(message)?)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verbose = env::args().any(|argument| argument == "-v");
    let heartbeat = env::args().skip(1).find_map(|text| text.parse().ok());
    let heartbeat = Duration::from_millis(heartbeat.unwrap_or(2500));

    let context = zmq::Context::new()?;
    // At the end nothing waits for a client that takes no replies.
    context.set_linger(Some(Duration::from_secs(1)))?;
    let interrupt = Interrupt::watch(&context)?;
    let mut broker = Broker::bind(&context, "tcp://*:5555", verbose, heartbeat)?;
    interrupt.ends(broker.run())?;
    println!("W: interrupt received, shutting down...");
    Ok(())
}
