//! The client side of the clone pattern: a key-value table that servers share with their clients.

use std::time::{Duration, Instant};

use zmq::{
    Actor, ActorError, ActorPipe, ActorStart, Context, Dealer, Message, Pub, Socket, SocketType,
    Sub,
};

use crate::kvmsg::{self, KvMap, KvMsg};

/// The most servers a client talks to.
const SERVER_MAX: usize = 2;

/// After this silence a server counts as dead.
const SERVER_TTL: Duration = Duration::from_secs(5);

/// A copy of the table of a pair of servers (clonesrv6), kept up to date by a thread that says on
/// stdout what it does.
///
/// It gets a snapshot of one server and follows its updates. When that one is silent for five
/// seconds, it goes on to the other one. What is set goes to all servers. Dropping it ends it.
///
/// An endpoint that libzmq refuses ends the thread: from then on every call fails, and
/// [`stop`](Client::stop) says why.
///
/// ```no_run
/// let context = zmq::Context::new()?;
/// let clone = zguide::clone::Client::new(&context)?;
/// clone.subtree("/client/")?;
/// clone.connect("tcp://localhost", 5556)?;
/// clone.connect("tcp://localhost", 5566)?;
/// clone.set("/client/name", "value", 30)?;
/// assert_eq!(clone.get("/client/name")?.expect("just set"), "value");
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    agent: Actor,
}

impl Client {
    /// Starts the thread.
    ///
    /// # Errors
    /// As [`Actor::spawn`].
    pub fn new(context: &Context) -> Result<Client, ActorError> {
        Client::with_server_ttl(context, SERVER_TTL)
    }

    /// As [`new`](Client::new), with another silence after which a server counts as dead.
    ///
    /// # Errors
    /// As [`Actor::spawn`].
    pub fn with_server_ttl(context: &Context, server_ttl: Duration) -> Result<Client, ActorError> {
        let agent = Actor::spawn(context, "clone", move |start| {
            clone_agent(start, server_ttl)
        })?;
        Ok(Client { agent })
    }

    /// Chooses the keys of the servers that are connected afterwards: those that begin with this.
    /// All by default.
    ///
    /// # Errors
    /// `Terminated` when the context has ended, or the thread.
    pub fn subtree(&self, subtree: &str) -> zmq::Result<()> {
        Ok(self.agent.send_multipart(["SUBTREE", subtree])?)
    }

    /// Adds a server: its snapshots are at this port, its updates at the next, and its collector at
    /// the one after. There can be two.
    ///
    /// # Errors
    /// As [`subtree`](Client::subtree).
    pub fn connect(&self, address: &str, port: u16) -> zmq::Result<()> {
        let port = port.to_string();
        Ok(self.agent.send_multipart(["CONNECT", address, &port])?)
    }

    /// Sets a value, here and at the servers, which delete it after so many seconds; 0 is never.
    ///
    /// # Errors
    /// As [`subtree`](Client::subtree).
    pub fn set(&self, key: &str, value: &str, ttl: u32) -> zmq::Result<()> {
        let ttl = ttl.to_string();
        Ok(self.agent.send_multipart(["SET", key, value, &ttl])?)
    }

    /// Looks a value up, here.
    ///
    /// # Errors
    /// As [`subtree`](Client::subtree).
    pub fn get(&self, key: &str) -> zmq::Result<Option<Message>> {
        self.agent.send_multipart(["GET", key])?;
        // An empty value is none.
        Ok(Some(self.agent.recv()?).filter(|value| !value.is_empty()))
    }

    /// Ends the thread.
    ///
    /// # Errors
    /// What it ended with before, if it did.
    pub fn stop(self) -> Result<(), ActorError> {
        self.agent.stop()
    }
}

/// A server, as the agent sees it.
struct Server {
    address: String,
    port: u32,
    snapshot: Socket<Dealer>,
    subscriber: Socket<Sub>,
    /// When it counts as dead.
    expiry: Instant,
}

impl Server {
    fn new(context: &Context, address: &str, port: u32, subtree: &[u8]) -> zmq::Result<Server> {
        println!("I: adding server {address}:{port}...");
        let subscriber = context.socket(zmq::SUB)?;
        subscriber.connect(&format!("{address}:{}", port + 1))?;
        subscriber.subscribe(subtree)?;
        // Heartbeats are in no subtree.
        subscriber.subscribe("HUGZ")?;
        Ok(Server {
            address: address.into(),
            port,
            snapshot: open(context, zmq::DEALER)?,
            subscriber,
            expiry: Instant::now(),
        })
    }

    /// Asks for a snapshot, over a new connection: a server that is not active drops requests, and
    /// one that was dead would answer all that have piled up.
    fn ask(&mut self, subtree: &[u8]) -> zmq::Result<()> {
        println!("I: waiting for server at {}:{}...", self.address, self.port);
        self.snapshot = open(self.snapshot.context(), zmq::DEALER)?;
        let endpoint = format!("{}:{}", self.address, self.port);
        self.snapshot.connect(&endpoint)?;
        Ok(self.snapshot.send_multipart((&b"ICANHAZ?"[..], subtree))?)
    }
}

/// A socket that nobody waits for at the end.
fn open<T: SocketType>(context: &Context, socket_type: T) -> zmq::Result<Socket<T>> {
    let socket = context.socket(socket_type)?;
    socket.set_linger(Some(Duration::ZERO))?;
    Ok(socket)
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Nothing asked yet.
    Initial,
    /// A snapshot comes.
    Syncing,
    /// Updates come.
    Active,
}

struct Agent {
    pipe: ActorPipe,
    kvmap: KvMap,
    subtree: Vec<u8>,
    servers: Vec<Server>,
    server_ttl: Duration,
    state: State,
    /// The server it listens to.
    current: usize,
    /// The number of the last update.
    sequence: i64,
    publisher: Socket<Pub>,
}

fn clone_agent(start: ActorStart, server_ttl: Duration) -> zmq::Result<()> {
    let publisher = open(start.context(), zmq::PUB)?;
    let mut agent = Agent {
        pipe: start.ready(),
        kvmap: KvMap::new(),
        subtree: Vec::new(),
        servers: Vec::new(),
        server_ttl,
        state: State::Initial,
        current: 0,
        sequence: 0,
        publisher,
    };
    agent.run()
}

impl Agent {
    fn run(&mut self) -> zmq::Result<()> {
        loop {
            let Some(server) = self.servers.get_mut(self.current) else {
                if !self.control()? {
                    return Ok(());
                }
                continue;
            };
            if self.state == State::Initial {
                server.ask(&self.subtree)?;
                server.expiry = Instant::now() + self.server_ttl;
                self.state = State::Syncing;
            }
            let from_server = match self.state {
                State::Active => server.subscriber.poll_in(),
                _ => server.snapshot.poll_in(),
            };
            let left = server.expiry.saturating_duration_since(Instant::now());
            let [control, message] = zmq::poll([self.pipe.poll_in(), from_server], Some(left))?;

            if message.is_readable() {
                self.server_message()?;
            } else if Instant::now() >= server.expiry {
                // It has died: go on with the other one.
                println!(
                    "I: server at {}:{} didn't give hugz",
                    server.address, server.port
                );
                self.current = (self.current + 1) % self.servers.len();
                self.state = State::Initial;
            }
            if control.is_readable() && !self.control()? {
                return Ok(());
            }
        }
    }

    /// Does what the application asks for; false if that is to stop.
    fn control(&mut self) -> zmq::Result<bool> {
        let message = self.pipe.recv_multipart()?;
        let (command, arguments) = message.split_first().unzip();
        match (
            command.map_or(&b""[..], |frame| frame),
            arguments.unwrap_or_default(),
        ) {
            (b"SUBTREE", [subtree]) => self.subtree = subtree.to_vec(),
            (b"CONNECT", [address, port]) => self.connect(&address.to_string(), number(port))?,
            (b"SET", [key, value, ttl]) => {
                let mut kvmsg = KvMsg::new(0, &key[..], &value[..]);
                kvmsg.uuid = Some(kvmsg::uuid());
                kvmsg.set_ttl(number(ttl).into());
                kvmsg.send(&self.publisher)?;
                kvmsg.store(&mut self.kvmap);
            }
            (b"GET", [key]) => {
                let kvmsg = self.kvmap.get(&key[..]);
                self.pipe
                    .send(kvmsg.map_or(&b""[..], |kvmsg| &kvmsg.body))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn connect(&mut self, address: &str, port: u32) -> zmq::Result<()> {
        if self.servers.len() == SERVER_MAX {
            println!("E: too many servers (max. {SERVER_MAX})");
            return Ok(());
        }
        let server = Server::new(self.pipe.context(), address, port, &self.subtree)?;
        self.servers.push(server);
        // Updates go to all servers.
        self.publisher.connect(&format!("{address}:{}", port + 2))
    }

    /// Takes a part of a snapshot, an update or a heartbeat. Anything shows that the server lives.
    fn server_message(&mut self) -> zmq::Result<()> {
        let server = &mut self.servers[self.current];
        let received = match self.state {
            State::Active => KvMsg::recv(&server.subscriber)?,
            _ => KvMsg::recv(&server.snapshot)?,
        };
        server.expiry = Instant::now() + self.server_ttl;
        let from = format!("I: received from {}:{}", server.address, server.port);
        match (received, self.state) {
            (Err(malformed), _) => println!("E: {malformed}"),
            // What is not newer is in the snapshot, or a heartbeat.
            (Ok(kvmsg), State::Active) => {
                if kvmsg.sequence > self.sequence && kvmsg.key != b"HUGZ" {
                    self.sequence = kvmsg.sequence;
                    kvmsg.store(&mut self.kvmap);
                    println!("{from} update={}", self.sequence);
                }
            }
            (Ok(kvmsg), _) if kvmsg.key == b"KTHXBAI" => {
                self.sequence = kvmsg.sequence;
                self.state = State::Active;
                println!("{from} snapshot={}", self.sequence);
            }
            (Ok(kvmsg), _) => kvmsg.store(&mut self.kvmap),
        }
        Ok(())
    }
}

/// A number that the application sent as text.
fn number(frame: &Message) -> u32 {
    frame
        .as_str()
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}
