//! Passing messages on between two sockets.

mod control;
mod forward;
mod handle;
mod pairs;
mod statistics;

use std::convert::Infallible;
use std::fmt;

pub use handle::ProxyHandle;
pub use pairs::{CanCapture, ProxyWith};
pub use statistics::{ProxyCount, ProxyStatistics, ProxyTraffic};

use control::Control;

#[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
pub(crate) use forward::Turns;
pub(crate) use forward::{Ledger, Relay};
pub(crate) use pairs::checked;

use crate::error::Result;
use crate::socket::{Any, Core, Socket, SocketType};

pub(crate) const CALL: &str = "zmq_proxy";

/// Passes messages on between two sockets, both ways, until the context is shut down
/// (`zmq_proxy(3)`).
///
/// | frontend | backend | |
/// |---|---|---|
/// | ROUTER | DEALER | requests forth, replies back: a broker, a shared queue |
/// | XSUB | XPUB | messages forth, subscriptions back: a forwarder |
/// | PULL | PUSH | forth: a streamer |
/// | PULL, SUB, XSUB | PUSH, PUB | forth: other bridges |
/// | DEALER | DEALER | both ways |
/// | PAIR | PAIR, DEALER | both ways |
///
/// The sides can be exchanged. Other pairs do not compile; with [`Any`] they are an error.
///
/// Messages go whole, in their order, and without a copy. None is taken from one side while the other
/// has no room: it waits where it is, and so do, in the end, those who send. A side that is full holds
/// up its own direction only. Each direction passes on at most 1000 messages before the other has its
/// turn.
///
/// What libzmq drops by itself stays dropped: a PUB or XPUB for subscribers that are full, a ROUTER
/// for peers that are gone. A ROUTER with
/// [`set_router_mandatory`](Socket::set_router_mandatory) waits for a peer that is full, and so do
/// the messages for others behind it; so does an XPUB that does not drop. Messages that nobody can
/// ever take are thrown away, and [counted](ProxyStatistics) by a [`Proxy`]: so are subscriptions to
/// topics above [`MAX_TOPIC`](crate::Subscription::MAX_TOPIC), which would end the process.
///
/// # Errors
/// It returns only with an error. [`Terminated`](crate::ErrorKind::Terminated) when the context is
/// shut down: then nothing can be sent any more, and what waits in the queues is lost. Where nothing
/// may be lost, use [`ProxyHandle::terminate`].
/// [`Interrupted`](crate::ErrorKind::Interrupted) by a signal: nothing is lost, and calling it again
/// goes on. [`InvalidInput`](crate::ErrorKind::InvalidInput) for [`Any`] sockets that are no pair;
/// [`Forked`](crate::ErrorKind::Forked).
///
/// ```
/// use std::thread;
///
/// let context = zmq::Context::new()?;
/// let broker = thread::spawn({
///     let context = context.clone();
///     move || -> zmq::Result<()> {
///         let (frontend, backend) = (context.socket(zmq::ROUTER)?, context.socket(zmq::DEALER)?);
///         frontend.bind("inproc://clients")?;
///         backend.bind("inproc://workers")?;
///         zmq::proxy(&frontend, &backend)?;
///         Ok(())
///     }
/// });
/// let (client, worker) = (context.socket(zmq::REQ)?, context.socket(zmq::REP)?);
/// client.connect("inproc://clients")?;
/// worker.connect("inproc://workers")?;
/// client.send("Hello")?;
/// assert_eq!(worker.recv()?, "Hello");
/// worker.send("World")?;
/// assert_eq!(client.recv()?, "World");
///
/// context.shutdown()?;
/// let Err(end) = broker.join().unwrap() else { unreachable!() };
/// assert_eq!(end.kind(), zmq::ErrorKind::Terminated);
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// ```compile_fail,E0277
/// # let context = zmq::Context::new()?;
/// let (frontend, backend) = (context.socket(zmq::PUSH)?, context.socket(zmq::PUSH)?);
/// zmq::proxy(&frontend, &backend)?; // neither receives
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_proxy")]
#[doc(alias = "zmq_device")]
#[doc(alias = "ZMQ_QUEUE")]
#[doc(alias = "ZMQ_FORWARDER")]
#[doc(alias = "ZMQ_STREAMER")]
pub fn proxy<F, B>(frontend: &Socket<F>, backend: &Socket<B>) -> Result<Infallible>
where
    F: ProxyWith<B>,
    B: SocketType,
{
    borrowed(frontend.core(), backend.core(), None)
}

/// As [`proxy`](proxy()), and sends a copy of every message that is passed on, in either direction, to
/// `capture` (`zmq_proxy(3)`).
///
/// The copy shares the bytes. A PUB drops what its subscribers do not take; a PUSH, DEALER or PAIR
/// that has no room, or no peer, holds the whole proxy up, so that it sees everything.
///
/// # Errors
/// As [`proxy`](proxy()); [`InvalidInput`](crate::ErrorKind::InvalidInput) if `capture` is one of the
/// two sides, or an [`Any`] that is none of these types. If it ends while `capture` has no room, the
/// copy of the last message is lost, not the message: a [`Proxy`] keeps it.
///
/// ```
/// let context = zmq::Context::new()?;
/// let (frontend, backend) = (context.socket(zmq::XSUB)?, context.socket(zmq::XPUB)?);
/// let capture = context.socket(zmq::PUB)?;
/// # context.shutdown()?;
/// let Err(end) = zmq::proxy_with_capture(&frontend, &backend, &capture);
/// # assert_eq!(end.kind(), zmq::ErrorKind::Terminated);
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_proxy")]
pub fn proxy_with_capture<F, B, C>(
    frontend: &Socket<F>,
    backend: &Socket<B>,
    capture: &Socket<C>,
) -> Result<Infallible>
where
    F: ProxyWith<B>,
    B: SocketType,
    C: CanCapture,
{
    borrowed(frontend.core(), backend.core(), Some(capture.core()))
}

fn borrowed(frontend: &Core, backend: &Core, capture: Option<&Core>) -> Result<Infallible> {
    let ways = checked(CALL, frontend, backend, capture)?;
    let mut relay = Relay {
        frontend,
        backend,
        capture,
        ledger: &mut Ledger::default(),
    };
    endless(|| relay.run(ways, None))
}

/// A loop that nobody can order to end ends with an error.
fn endless(mut run: impl FnMut() -> Result<()>) -> Result<Infallible> {
    loop {
        run()?;
    }
}

/// A [`proxy`](proxy()) that owns its sockets, keeps [statistics](ProxyStatistics), and can
/// [run on a thread](Proxy::spawn) of its own.
///
/// ```no_run
/// let context = zmq::Context::new()?;
/// let (frontend, backend) = (context.socket(zmq::ROUTER)?, context.socket(zmq::DEALER)?);
/// let capture = context.socket(zmq::PUB)?;
/// frontend.bind("tcp://*:5559")?;
/// backend.bind("tcp://*:5560")?;
/// capture.bind("tcp://*:5561")?;
/// zmq::Proxy::new(frontend, backend).capture(capture).run()?;
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_proxy")]
pub struct Proxy<F: SocketType, B: SocketType> {
    frontend: Socket<F>,
    backend: Socket<B>,
    capture: Option<Socket<Any>>,
    ledger: Ledger,
}

impl<F: SocketType, B: SocketType> Proxy<F, B> {
    /// Puts two sockets together. Nothing happens before [`run`](Proxy::run) or
    /// [`spawn`](Proxy::spawn).
    #[must_use = "it does nothing before it runs"]
    pub fn new(frontend: Socket<F>, backend: Socket<B>) -> Proxy<F, B>
    where
        F: ProxyWith<B>,
    {
        Proxy {
            frontend,
            backend,
            capture: None,
            ledger: Ledger::default(),
        }
    }

    /// Sends a copy of all that is passed on to `capture`: see [`proxy_with_capture`].
    #[must_use = "it does nothing before it runs"]
    pub fn capture<C: CanCapture>(mut self, capture: Socket<C>) -> Proxy<F, B> {
        self.capture = Some(capture.into_any());
        self
    }

    /// Runs on this thread, as [`proxy`](proxy()) does.
    ///
    /// # Errors
    /// As [`proxy`](proxy()): it returns only with an error. After one of kind
    /// [`Interrupted`](crate::ErrorKind::Interrupted) it can run again, and nothing is lost.
    pub fn run(&mut self) -> Result<Infallible>
    where
        F: ProxyWith<B>,
    {
        endless(|| self.work(None))
    }

    /// What has gone through up to now, over all its runs.
    pub fn statistics(&self) -> ProxyStatistics {
        self.ledger.statistics
    }

    /// The frontend.
    pub fn frontend(&self) -> &Socket<F> {
        &self.frontend
    }

    /// The backend.
    pub fn backend(&self) -> &Socket<B> {
        &self.backend
    }

    /// The frontend, the backend and, if there is one, the capture socket.
    pub fn into_sockets(self) -> (Socket<F>, Socket<B>, Option<Socket<Any>>) {
        (self.frontend, self.backend, self.capture)
    }

    fn ways(&self) -> Result<pairs::Ways> {
        let capture = self.capture.as_ref().map(Socket::core);
        checked(CALL, self.frontend.core(), self.backend.core(), capture)
    }

    /// Passes messages on until there is an error, or the order to end.
    fn work(&mut self, control: Option<&Control>) -> Result<()> {
        let ways = self.ways()?;
        let mut relay = Relay {
            frontend: self.frontend.core(),
            backend: self.backend.core(),
            capture: self.capture.as_ref().map(Socket::core),
            ledger: &mut self.ledger,
        };
        relay.run(ways, control)
    }
}

impl<F: SocketType, B: SocketType> fmt::Debug for Proxy<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("frontend", &self.frontend)
            .field("backend", &self.backend)
            .field("capture", &self.capture)
            .field("statistics", &self.ledger.statistics)
            .finish()
    }
}
