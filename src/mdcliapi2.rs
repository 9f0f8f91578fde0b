//! A client of the Majordomo Protocol that has any number of requests under way.

use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Multipart, Socket};

use crate::mdp;

/// A session with a broker. Nothing is sent again: who wants to survive the broker's end keeps the
/// requests and counts the replies.
///
/// ```no_run
/// use zguide::mdcliapi2::Client;
///
/// let context = zmq::Context::new()?;
/// let session = Client::connect(&context, "tcp://localhost:5555", false)?;
/// session.send("echo", ["first"])?;
/// session.send("echo", ["second"])?;
/// while let Some(reply) = session.recv()? {
///     println!("{reply:?}");
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    socket: Socket<Dealer>,
    verbose: bool,
    timeout: Duration,
}

impl Client {
    /// Connects to the broker's endpoint. A verbose session prints what it does.
    ///
    /// # Errors
    /// Those of [`Context::socket`] and [`Socket::connect`].
    pub fn connect(context: &Context, broker: &str, verbose: bool) -> zmq::Result<Client> {
        let socket = context.socket(zmq::DEALER)?;
        socket.set_linger(Some(Duration::ZERO))?;
        // Replies wait here, however many: the broker's ROUTER drops those that find no room.
        socket.set_rcvhwm(0)?;
        socket.connect(broker)?;
        if verbose {
            println!("I: connecting to broker at {broker}...");
        }
        Ok(Client {
            socket,
            verbose,
            timeout: Duration::from_millis(2500),
        })
    }

    /// How long to wait for a reply. Default 2.5 seconds.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Sends a request to a service. It waits while 1000 requests are queued here, as they are
    /// without a broker.
    ///
    /// # Errors
    /// Those of [`Socket::send_multipart`].
    pub fn send(
        &self,
        service: impl AsRef<[u8]>,
        request: impl Into<Multipart>,
    ) -> zmq::Result<()> {
        let service = service.as_ref();
        let mut request = mdp::client_message(service, request);
        // The empty frame that a REQ sends by itself.
        request.push_front("");
        if self.verbose {
            let service = service.escape_ascii();
            println!("I: send request to '{service}' service: {request:?}");
        }
        Ok(self.socket.send_multipart(request)?)
    }

    /// Receives the body of the next reply, or `None` if none comes in time. A malformed one is
    /// reported and skipped.
    ///
    /// # Errors
    /// Those of [`poll`](zmq::poll()): [`Interrupted`](zmq::ErrorKind::Interrupted) or
    /// [`Terminated`](zmq::ErrorKind::Terminated) after a signal.
    pub fn recv(&self) -> zmq::Result<Option<Multipart>> {
        let end = Instant::now().checked_add(self.timeout);
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let [reply] = zmq::poll([self.socket.poll_in()], left)?;
            if !reply.is_readable() {
                if self.verbose {
                    println!("W: permanent error, abandoning request");
                }
                return Ok(None);
            }
            let mut reply = self.socket.recv_multipart()?;
            if self.verbose {
                println!("I: received reply: {reply:?}");
            }
            if reply.first().is_some_and(|frame| frame.is_empty()) {
                reply.pop_front();
                if mdp::take_service(&mut reply).is_some() {
                    return Ok(Some(reply));
                }
            }
            println!("E: malformed reply: {reply:?}");
        }
    }
}
