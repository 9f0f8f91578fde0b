//! A worker of the Majordomo Protocol.

use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Multipart, Socket};

use crate::mdp::{self, Command};

/// So many heartbeats of the broker may be missing.
const HEARTBEAT_LIVENESS: u32 = 3;

/// A session with a broker, which offers one service. When the broker is silent for too long or ends
/// the session, the next one begins on a new socket.
///
/// ```no_run
/// use zguide::mdwrkapi::Worker;
///
/// let context = zmq::Context::new()?;
/// let mut session = Worker::connect(&context, "tcp://localhost:5555", "echo", false)?;
/// loop {
///     let mut request = session.next_request()?;
///     let echo = request.take();
///     request.reply(echo)?;
/// }
/// # #[allow(unreachable_code)]
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug)]
pub struct Worker {
    context: Context,
    broker: String,
    service: String,
    socket: Socket<Dealer>,
    verbose: bool,
    heartbeat: Duration,
    reconnect: Duration,
    heartbeat_sent: Instant,
    liveness: u32,
    /// Whether the broker waits for a reply.
    owes_reply: bool,
}

impl Worker {
    /// Connects to the broker's endpoint and registers the service. A verbose session prints what it
    /// does.
    ///
    /// # Errors
    /// Those of [`Context::socket`] and [`Socket::connect`].
    pub fn connect(
        context: &Context,
        broker: &str,
        service: &str,
        verbose: bool,
    ) -> zmq::Result<Worker> {
        let heartbeat = Duration::from_millis(2500);
        let mut worker = Worker {
            context: context.clone(),
            broker: broker.into(),
            service: service.into(),
            socket: context.socket(zmq::DEALER)?,
            verbose,
            heartbeat,
            reconnect: heartbeat,
            heartbeat_sent: Instant::now(),
            liveness: 0,
            owes_reply: false,
        };
        worker.register()?;
        Ok(worker)
    }

    /// How often to send heartbeats, and to expect them. Default 2.5 seconds.
    pub fn set_heartbeat(&mut self, heartbeat: Duration) {
        self.heartbeat = heartbeat;
    }

    /// How long to wait before a new session, when the broker is silent. Default 2.5 seconds.
    pub fn set_reconnect(&mut self, reconnect: Duration) {
        self.reconnect = reconnect;
    }

    /// Begins a session.
    fn register(&mut self) -> zmq::Result<()> {
        self.socket = self.context.socket(zmq::DEALER)?;
        // Nobody waits for the heartbeats of a session that is over.
        self.socket.set_linger(Some(Duration::ZERO))?;
        self.socket.connect(&self.broker)?;
        if self.verbose {
            println!("I: connecting to broker at {}...", self.broker);
        }
        self.send(Command::Ready, [self.service.as_str()])?;
        self.owes_reply = false;
        self.liveness = HEARTBEAT_LIVENESS;
        self.heartbeat_sent = Instant::now();
        Ok(())
    }

    fn send(&self, command: Command, frames: impl Into<Multipart>) -> zmq::Result<()> {
        let mut message = command.message(frames);
        // The empty frame that a REQ would send by itself.
        message.push_front("");
        if self.verbose {
            println!("I: sending {command} to broker: {message:?}");
        }
        Ok(self.socket.send_multipart(message)?)
    }

    /// Waits for the next request, however many sessions that takes. If the last one was dropped
    /// without a reply, a new session begins: the broker would give no work to this one.
    ///
    /// Heartbeats are sent in here only, and the broker does not expect any while the worker has a
    /// request. A message that is malformed is reported and skipped.
    ///
    /// # Errors
    /// Those of [`poll`](zmq::poll()): [`Interrupted`](zmq::ErrorKind::Interrupted) or
    /// [`Terminated`](zmq::ErrorKind::Terminated) after a signal.
    pub fn next_request(&mut self) -> zmq::Result<Request<'_>> {
        if self.owes_reply {
            self.send(Command::Disconnect, Multipart::new())?;
            self.send(Command::Ready, [self.service.as_str()])?;
            self.owes_reply = false;
        }
        loop {
            let [message] = zmq::poll([self.socket.poll_in()], Some(self.heartbeat))?;
            if message.is_readable() {
                let mut message = self.socket.recv_multipart()?;
                if self.verbose {
                    println!("I: received message from broker: {message:?}");
                }
                self.liveness = HEARTBEAT_LIVENESS;
                match mdp::take_command(&mut message) {
                    Some(Command::Request) => match message.unwrap_envelope() {
                        Ok((client, body)) => {
                            self.owes_reply = true;
                            return Ok(Request {
                                worker: self,
                                client,
                                body,
                            });
                        }
                        Err(message) => println!("E: request without a client: {message:?}"),
                    },
                    Some(Command::Heartbeat) => {}
                    Some(Command::Disconnect) => self.register()?,
                    Some(command) => println!("E: invalid input message: {command}"),
                    None => println!("E: invalid input message: {message:?}"),
                }
            } else {
                self.liveness = self.liveness.saturating_sub(1);
                if self.liveness == 0 {
                    if self.verbose {
                        println!("W: disconnected from broker - retrying...");
                    }
                    // A sleep that ends with the context.
                    zmq::poll([self.socket.poll_in().when(false)], Some(self.reconnect))?;
                    self.register()?;
                }
            }
            if self.heartbeat_sent.elapsed() > self.heartbeat {
                self.send(Command::Heartbeat, Multipart::new())?;
                self.heartbeat_sent = Instant::now();
            }
        }
    }
}

/// A client's request. The broker sends no other one before the reply; the client of one that is
/// dropped gets none.
#[derive(Debug)]
#[must_use = "the broker sends no other request before the reply to this one"]
pub struct Request<'w> {
    worker: &'w mut Worker,
    client: Multipart,
    body: Multipart,
}

impl Request<'_> {
    /// What the client sent.
    pub fn body(&self) -> &Multipart {
        &self.body
    }

    /// Takes what the client sent out of the request.
    pub fn take(&mut self) -> Multipart {
        std::mem::take(&mut self.body)
    }

    /// Sends the reply to the client.
    ///
    /// # Errors
    /// Those of [`Socket::send_multipart`].
    pub fn reply(self, body: impl Into<Multipart>) -> zmq::Result<()> {
        let reply = body.into().wrap(self.client);
        self.worker.send(Command::Reply, reply)?;
        self.worker.owes_reply = false;
        Ok(())
    }
}
