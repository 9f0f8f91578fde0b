//! The Freelance client: requests to any of several servers, through an agent on a thread of its own
//! that knows which of them are alive. The servers are ROUTERs whose routing id is their endpoint.

use std::collections::VecDeque;
use std::error::Error as StdError;
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Actor, ActorPipe, ActorStart, Context, ErrorKind, Multipart, Parts, Router, Socket};

/// A request that no server answers within this time is given up.
const GLOBAL_TIMEOUT: Duration = Duration::from_secs(3);
/// A server that has been silent for so long is sent a PING.
const PING_INTERVAL: Duration = Duration::from_secs(2);
/// A server that has been silent for so long is taken for dead.
const SERVER_TTL: Duration = Duration::from_secs(6);

/// How long a request that could not be sent waits for a server to be connected.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// What stands before the messages in the pipe.
const CONNECT: &str = "CONNECT";
const REQUEST: &str = "REQUEST";
const OK: &str = "OK";
const FAILED: &str = "FAILED";

/// Why a call of the client failed.
#[derive(Debug)]
pub enum Error {
    /// This endpoint cannot be connected to, for this reason.
    Connect(String),
    /// The agent could not be started, or its context has ended.
    Agent(zmq::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Connect(reason) => f.write_str(reason),
            Error::Agent(error) => error.fmt(f),
        }
    }
}

impl StdError for Error {}

impl<E: Into<zmq::Error>> From<E> for Error {
    fn from(error: E) -> Error {
        Error::Agent(error.into())
    }
}

/// A client of one or more servers.
///
/// ```
/// let context = zmq::Context::new()?;
/// # let server = context.socket(zmq::ROUTER)?;
/// # server.set_routing_id("inproc://server")?;
/// # server.bind("inproc://server")?;
/// # let server = std::thread::spawn(move || -> zmq::Result<()> {
/// #     let [client, sequence, name] = server.recv_array()?;
/// #     assert_eq!(name, "name");
/// #     Ok(server.send_multipart([client, sequence, "OK".into()])?)
/// # });
/// let mut client = zguide::flcliapi::FreelanceClient::new(&context)?;
/// client.connect("inproc://server")?;
/// match client.request(["name"])? {
///     Some(reply) => println!("{reply:?}"),
///     None => println!("no server answered"),
/// }
/// # server.join().unwrap()?;
/// # Ok::<(), zguide::flcliapi::Error>(())
/// ```
#[derive(Debug)]
pub struct FreelanceClient {
    agent: Actor,
}

impl FreelanceClient {
    /// Starts the agent. It ends when the client is dropped.
    ///
    /// # Errors
    /// As [`Actor::spawn`].
    pub fn new(context: &Context) -> Result<FreelanceClient, Error> {
        let agent = Actor::spawn(context, "freelance", |start| Agent::new(start)?.run())?;
        Ok(FreelanceClient { agent })
    }

    /// Connects to a server whose routing id is its endpoint, and waits for 100 ms, since a server
    /// that is not connected yet gets no requests.
    ///
    /// # Errors
    /// [`Error::Connect`] for an endpoint that cannot be, [`Error::Agent`] when the agent has ended.
    pub fn connect(&mut self, endpoint: &str) -> Result<(), Error> {
        self.agent.send_multipart([CONNECT, endpoint])?;
        let mut answer = self.agent.recv_multipart()?;
        if answer[0] == FAILED {
            let reason = answer.pop_back().unwrap_or_default();
            return Err(Error::Connect(reason.to_string()));
        }
        thread::sleep(Duration::from_millis(100));
        Ok(())
    }

    /// Sends a request to a server that is alive, and gives the reply, without the number that
    /// went with it; or `None` if no server answered within three seconds.
    ///
    /// # Errors
    /// [`Error::Agent`] when the agent has ended.
    pub fn request(&mut self, request: impl Into<Multipart>) -> Result<Option<Multipart>, Error> {
        let mut request = request.into();
        request.push_front(REQUEST);
        self.agent.send_multipart(request)?;
        let mut reply = self.agent.recv_multipart()?;
        let status = reply.pop_front();
        Ok(status.is_some_and(|status| status == OK).then_some(reply))
    }
}

struct Server {
    endpoint: String,
    /// Whether it may be asked.
    alive: bool,
    ping_at: Instant,
    expires: Instant,
}

impl Server {
    fn is_heard(&mut self) {
        self.ping_at = Instant::now() + PING_INTERVAL;
        self.expires = Instant::now() + SERVER_TTL;
    }
}

struct Request {
    /// With its number in front.
    frames: Multipart,
    send_at: Instant,
    /// The server that it was sent to.
    asked: Option<usize>,
    expires: Instant,
}

struct Agent {
    pipe: ActorPipe,
    router: Socket<Router>,
    servers: Vec<Server>,
    /// Those that are alive, the one to ask first in front: places in `servers`.
    actives: VecDeque<usize>,
    sequence: u64,
    request: Option<Request>,
}

impl Agent {
    fn new(start: ActorStart) -> zmq::Result<Agent> {
        let router = start.context().socket(zmq::ROUTER)?;
        // Tells a server that was never there from one that can be asked.
        router.set_router_mandatory(true)?;
        router.set_linger(Some(Duration::ZERO))?;
        Ok(Agent {
            pipe: start.ready(),
            router,
            servers: Vec::new(),
            actives: VecDeque::new(),
            sequence: 0,
            request: None,
        })
    }

    fn run(mut self) -> zmq::Result<()> {
        loop {
            // Until the next thing that has to be done, of which there may be none.
            let send = self.request.iter().map(|it| it.send_at.min(it.expires));
            let pings = self.servers.iter().map(|server| server.ping_at);
            let next = send.chain(pings).min();
            let timeout = next.map(|at| at.saturating_duration_since(Instant::now()));

            let [control, reply] =
                zmq::poll([self.pipe.poll_in(), self.router.poll_in()], timeout)?;
            if control.is_readable() && !self.control_message()? {
                return Ok(());
            }
            if reply.is_readable() {
                self.router_message()?;
            }
            self.dispatch()?;
            self.ping()?;
        }
    }

    /// Takes a message of the client's, and says whether to go on.
    fn control_message(&mut self) -> zmq::Result<bool> {
        let mut message = self.pipe.recv_multipart()?;
        let command = message.pop_front().unwrap_or_default();
        if command == CONNECT {
            let endpoint = message.pop_front().unwrap_or_default().to_string();
            println!("I: connecting to {endpoint}...");
            match self.router.connect(&endpoint) {
                Ok(()) => self.pipe.send(OK)?,
                Err(error) => {
                    self.pipe.send_multipart((FAILED, error.to_string()))?;
                    return Ok(true);
                }
            }
            self.actives.push_back(self.servers.len());
            self.servers.push(Server {
                endpoint,
                alive: true,
                ping_at: Instant::now() + PING_INTERVAL,
                expires: Instant::now() + SERVER_TTL,
            });
        } else if command == REQUEST {
            self.sequence += 1;
            message.push_front(self.sequence.to_string());
            self.request = Some(Request {
                frames: message,
                send_at: Instant::now(),
                asked: None,
                expires: Instant::now() + GLOBAL_TIMEOUT,
            });
        }
        Ok(command != ActorPipe::STOP)
    }

    /// Takes a message of a server's: `[endpoint]["PONG"]` or `[endpoint][number][reply…]`.
    fn router_message(&mut self) -> zmq::Result<()> {
        let mut message = self.router.recv_multipart()?;
        let endpoint = message.pop_front().unwrap_or_default();
        let is_it = |server: &Server| endpoint == server.endpoint.as_str();
        let Some(index) = self.servers.iter().position(is_it) else {
            return Ok(()); // not a server of this protocol
        };
        let server = &mut self.servers[index];
        server.is_heard();
        if !server.alive {
            server.alive = true;
            self.actives.push_back(index);
        }

        let number = message.pop_front().unwrap_or_default();
        if self.request.is_some() && number == self.sequence.to_string().as_str() {
            message.push_front(OK);
            self.pipe.send_multipart(message)?;
            self.request = None;
        }
        Ok(())
    }

    /// Sends the request, if it is time for it, to the first server that is alive; and to the next
    /// one when that has been silent for so long that it may be dead.
    fn dispatch(&mut self) -> zmq::Result<()> {
        let Some(request) = &mut self.request else {
            return Ok(());
        };
        if Instant::now() >= request.expires {
            self.request = None;
            return Ok(self.pipe.send(FAILED)?);
        }
        if Instant::now() < request.send_at {
            return Ok(());
        }
        request.send_at = Instant::now() + RETRY_INTERVAL;
        let (servers, now) = (&mut self.servers, Instant::now());
        self.actives.retain(|&index| {
            servers[index].alive = now < servers[index].expires;
            servers[index].alive
        });
        let is_asked = |&index: &usize| request.asked == Some(index);
        if let Some(place) = self.actives.iter().position(is_asked) {
            let silent = self.actives.remove(place);
            self.actives.extend(silent);
        }
        for &index in &self.actives {
            let mut frames = request.frames.share();
            frames.push_front(&self.servers[index].endpoint);
            if sent(&self.router, frames)? {
                request.asked = Some(index);
                request.send_at = Instant::now() + PING_INTERVAL;
                break;
            }
        }
        Ok(())
    }

    /// Sends a PING to each server that has been silent for long, dead ones included.
    fn ping(&mut self) -> zmq::Result<()> {
        for server in &mut self.servers {
            if Instant::now() >= server.ping_at {
                sent(&self.router, (server.endpoint.as_str(), "PING"))?;
                server.ping_at = Instant::now() + PING_INTERVAL;
            }
        }
        Ok(())
    }
}

/// Sends if the server has ever been connected, and has room, and says whether it was so.
fn sent(router: &Socket<Router>, message: impl Parts) -> zmq::Result<bool> {
    match router.try_send_multipart(message) {
        Ok(()) => Ok(true),
        Err(error) => match error.kind() {
            ErrorKind::HostUnreachable | ErrorKind::WouldBlock | ErrorKind::Dropped => Ok(false),
            _ => Err(error.into()),
        },
    }
}
