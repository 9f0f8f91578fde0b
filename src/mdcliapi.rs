//! A client of the Majordomo Protocol, one request at a time.

use std::time::Duration;

use zmq::{Context, Multipart, Req, Socket};

use crate::mdp;

/// A session with a broker. Each request waits for its reply, and is sent again on a new socket when
/// none comes in time.
///
/// ```no_run
/// use zguide::mdcliapi::Client;
///
/// let context = zmq::Context::new()?;
/// let mut session = Client::connect(&context, "tcp://localhost:5555", false)?;
/// if let Some(reply) = session.send("echo", ["Hello world"])? {
///     println!("{reply:?}");
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    context: Context,
    broker: String,
    socket: Socket<Req>,
    verbose: bool,
    timeout: Duration,
    retries: u32,
}

impl Client {
    /// Connects to the broker's endpoint. A verbose session prints what it does.
    ///
    /// # Errors
    /// Those of [`Context::socket`] and [`Socket::connect`].
    pub fn connect(context: &Context, broker: &str, verbose: bool) -> zmq::Result<Client> {
        Ok(Client {
            context: context.clone(),
            broker: broker.into(),
            socket: open(context, broker, verbose)?,
            verbose,
            timeout: Duration::from_millis(2500),
            retries: 3,
        })
    }

    /// How long to wait for a reply before the request is sent again. Default 2.5 seconds.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// How often a request is sent before it is given up. Default 3.
    pub fn set_retries(&mut self, retries: u32) {
        self.retries = retries;
    }

    /// Sends a request to a service and gives the body of the reply, or `None` if all tries were in
    /// vain. The service may then have got the request up to `retries` times. A reply that is
    /// malformed or of another service is reported and counts as none.
    ///
    /// # Errors
    /// Those of [`poll`](zmq::poll()): [`Interrupted`](zmq::ErrorKind::Interrupted) or
    /// [`Terminated`](zmq::ErrorKind::Terminated) after a signal.
    pub fn send(
        &mut self,
        service: impl AsRef<[u8]>,
        request: impl Into<Multipart>,
    ) -> zmq::Result<Option<Multipart>> {
        let service = service.as_ref();
        let mut request = mdp::client_message(service, request);
        if self.verbose {
            let service = service.escape_ascii();
            println!("I: send request to '{service}' service: {request:?}");
        }
        for left in (0..self.retries).rev() {
            self.socket.send_multipart(request.share())?;
            let [reply] = zmq::poll([self.socket.poll_in()], Some(self.timeout))?;
            if reply.is_readable() {
                let mut reply = self.socket.recv_multipart()?;
                if self.verbose {
                    println!("I: received reply: {reply:?}");
                }
                match mdp::take_service(&mut reply) {
                    Some(from) if from == *service => return Ok(Some(reply)),
                    Some(from) => println!("E: reply of another service: {from}"),
                    None => println!("E: malformed reply: {reply:?}"),
                }
            }
            if self.verbose {
                println!(
                    "W: {}",
                    match left {
                        0 => "permanent error, abandoning",
                        _ => "no reply, reconnecting...",
                    }
                );
            }
            // A REQ still waits for the reply to its last request; a late one is not to be taken
            // for the reply to the next.
            self.socket = open(&self.context, &self.broker, self.verbose)?;
        }
        Ok(None)
    }
}

fn open(context: &Context, broker: &str, verbose: bool) -> zmq::Result<Socket<Req>> {
    let socket = context.socket(zmq::REQ)?;
    // What nobody took is sent again, or given up.
    socket.set_linger(Some(Duration::ZERO))?;
    socket.connect(broker)?;
    if verbose {
        println!("I: connecting to broker at {broker}...");
    }
    Ok(socket)
}
