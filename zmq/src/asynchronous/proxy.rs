//! Passing messages on between two sockets, in a task. Who may pass a message on is decided in
//! `proxy/forward.rs`; here is the waiting.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::inner::{Inner, wake_later};
use super::runtime::Runtime;
use super::wake::{Device, Direction, Directions, Wakers};
use super::{Awaitable, Socket};
use crate::error::{ErrorKind, Result};
use crate::poll::PollEvents;
use crate::proxy::{CALL, CanCapture, Ledger, ProxyWith, Relay, Turns, checked};

/// The most messages passed on one way before the other way, and other tasks, have their turn.
const BURST: usize = 100;

/// How many edges in a row are followed before other tasks have their turn.
const EDGES: usize = 4;

/// Passes messages on between two sockets, both ways, until the context is shut down
/// (`zmq_proxy(3)`): [`zmq::proxy`](crate::proxy()) for a task, with the same pairs of socket types.
///
/// Messages go whole, in their order, and without a copy. None is taken from one side while the other
/// has no room: a side that is full holds up its own direction only. Each direction passes on at most
/// 100 messages before the other, and other tasks, have their turn. What a sink has taken and not
/// flushed stays there.
///
/// # Errors
/// It returns only with an error: [`Terminated`](crate::ErrorKind::Terminated) when the context is shut
/// down, [`InvalidInput`](crate::ErrorKind::InvalidInput) for [`Any`](crate::Any) sockets that are no
/// pair, [`NoRuntime`](crate::ErrorKind::NoRuntime) when the runtime was shut down,
/// [`Forked`](crate::ErrorKind::Forked).
///
/// # Cancellation safety
/// Dropped, it stops between two messages and loses none: what it did not pass on can be received, or
/// passed on by another proxy. That is the way to end it, with `select!` or by aborting its task.
///
/// ```
/// # #[cfg(feature = "tokio")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> zmq::Result<()> {
/// use zmq::tokio::Socket;
///
/// let context = zmq::Context::new()?;
/// let (frontend, backend) = (context.socket(zmq::ROUTER)?, context.socket(zmq::DEALER)?);
/// frontend.bind("inproc://clients")?;
/// backend.bind("inproc://workers")?;
/// let (client, worker) = (context.socket(zmq::REQ)?, context.socket(zmq::REP)?);
/// client.connect("inproc://clients")?;
/// worker.connect("inproc://workers")?;
///
/// let (mut frontend, mut backend) = (Socket::new(frontend)?, Socket::new(backend)?);
/// let broker = tokio::spawn(async move {
///     zmq::tokio::proxy(&mut frontend, &mut backend).await
/// });
/// let (mut client, mut worker) = (Socket::new(client)?, Socket::new(worker)?);
/// let mut reply = client.request("Hello").await?;
/// worker.next_request().await?.reply("World")?;
/// assert_eq!(reply.recv().await?, "World");
///
/// context.shutdown()?;
/// let Err(end) = broker.await.unwrap() else { unreachable!() };
/// assert_eq!(end.kind(), zmq::ErrorKind::Terminated);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "tokio"))]
/// # fn main() {}
/// ```
#[doc(alias = "zmq_proxy")]
pub async fn proxy<F, B, R>(
    frontend: &mut Socket<F, R>,
    backend: &mut Socket<B, R>,
) -> Result<Infallible>
where
    F: Awaitable + ProxyWith<B>,
    B: Awaitable,
    R: Runtime,
{
    run(frontend.reach(), backend.reach(), None::<&mut Inner<F, R>>).await
}

/// As [`proxy`](proxy()), and sends a copy of every message that is passed on, in either direction, to
/// `capture` (`zmq_proxy(3)`).
///
/// The copy shares the bytes. A PUB drops what its subscribers do not take; a PUSH, DEALER or PAIR
/// that has no room, or no peer, holds the whole proxy up, so that it sees everything.
///
/// # Errors
/// As [`proxy`](proxy()); [`InvalidInput`](crate::ErrorKind::InvalidInput) if `capture` is an
/// [`Any`](crate::Any) that is none of these types.
///
/// # Cancellation safety
/// As [`proxy`](proxy()). If it is dropped while `capture` has no room, the copy of the last message is
/// lost, not the message.
#[doc(alias = "zmq_proxy")]
pub async fn proxy_with_capture<F, B, C, R>(
    frontend: &mut Socket<F, R>,
    backend: &mut Socket<B, R>,
    capture: &mut Socket<C, R>,
) -> Result<Infallible>
where
    F: Awaitable + ProxyWith<B>,
    B: Awaitable,
    C: Awaitable + CanCapture,
    R: Runtime,
{
    run(frontend.reach(), backend.reach(), Some(capture.reach())).await
}

async fn run<F: Awaitable, B: Awaitable, C: Awaitable, R: Runtime>(
    frontend: &mut Inner<F, R>,
    backend: &mut Inner<B, R>,
    mut capture: Option<&mut Inner<C, R>>,
) -> Result<Infallible> {
    // Their own waiting is to know that they are used beside it.
    frontend.with(|_| ());
    backend.with(|_| ());
    if let Some(capture) = &mut capture {
        capture.with(|_| ());
    }
    let ways = checked(
        CALL,
        frontend.socket().core(),
        backend.socket().core(),
        capture.as_ref().map(|capture| capture.socket().core()),
    )?;
    let mut turns = Turns::new(ways, BURST);
    let mut ledger = Ledger::default();
    let wakers = Arc::new(Wakers::new());
    let edge = Waker::from(Arc::clone(&wakers));
    let later = Arc::default();
    poll_fn(|context| {
        for _ in 0..EDGES {
            let mut relay = Relay {
                frontend: frontend.socket().core(),
                backend: backend.socket().core(),
                capture: capture.as_ref().map(|capture| capture.socket().core()),
                ledger: &mut ledger,
            };
            match relay.round(&mut turns) {
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    return Poll::Ready(Err(error));
                }
                // After a signal it goes on as it was.
                Ok(()) | Err(_) => {}
            }
            let held = relay.is_held();
            if !held && turns.patience().is_some_and(|patience| patience.is_zero()) {
                break;
            }
            // As a socket's own waiting does it: the waker first, then the events, which take in all
            // that has come, and it sleeps when the event loop has seen no edge since.
            wakers.sleep(Direction::Receive, context.waker());
            let (front, rear) = (frontend.place.ready()?, backend.place.ready()?);
            turns.heard(events(front), events(rear));
            let copy = match &mut capture {
                Some(capture) => capture.place.ready()?,
                None => Directions::NONE,
            };
            if held {
                if copy.has(Direction::Send) {
                    continue;
                }
            } else if turns.patience().is_some_and(|patience| patience.is_zero()) {
                continue;
            }
            let mut edges = Context::from_waker(&edge);
            let mut quiet = is_quiet(frontend.place.poll_edge(&mut edges))?;
            quiet &= is_quiet(backend.place.poll_edge(&mut edges))?;
            if let Some(capture) = &mut capture {
                quiet &= is_quiet(capture.place.poll_edge(&mut edges))?;
            }
            if quiet {
                // The events call a lane ready that is not, as some other peer has room. Asking for them
                // may have taken in that its own has, and then no edge tells.
                if !held && turns.patience().is_some() {
                    wake_later(&later, &edge);
                }
                return Poll::Pending;
            }
        }
        // Other tasks have their turn.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

fn events(ready: Directions) -> PollEvents {
    let mut events = PollEvents::default();
    if ready.has(Direction::Receive) {
        events = events | PollEvents::READABLE;
    }
    if ready.has(Direction::Send) {
        events = events | PollEvents::WRITABLE;
    }
    events
}

fn is_quiet(edge: Poll<Result<()>>) -> Result<bool> {
    match edge {
        Poll::Ready(seen) => seen.map(|()| false),
        Poll::Pending => Ok(true),
    }
}
