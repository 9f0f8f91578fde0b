//! Watching a socket's connections in a task.

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};

use super::inner::Inner;
use super::runtime::Runtime;
use crate::error::Result;
#[cfg(feature = "futures")]
use crate::monitor;
use crate::monitor::{Event, Told};
use crate::raw::Refused;
use crate::socket::Pair;

/// What happens to the connections of a socket, event by event, for tasks of the runtime `R`.
///
/// It is made of the [`zmq::Monitor`](crate::Monitor) that [`Socket::monitor`](crate::Socket::monitor)
/// gives, and has its rules: events wait in memory without bound until they are read, and dropping it
/// stops them. It watches a plain socket as well as one that tasks wait for:
///
/// ```
/// # #[cfg(feature = "tokio")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> zmq::Result<()> {
/// use zmq::{EventKind, MonitorEvents};
///
/// let context = zmq::Context::new()?;
/// let mut server = zmq::tokio::Socket::new(context.socket(zmq::PULL)?)?;
/// let monitor = server.with(|socket| socket.monitor(MonitorEvents::LISTENING))?;
/// let mut monitor = zmq::tokio::Monitor::new(monitor)?;
/// server.with(|socket| socket.bind("tcp://127.0.0.1:*"))?;
/// let event = monitor.recv().await?;
/// assert!(matches!(event.kind, EventKind::Listening { .. }));
///
/// drop(server);
/// let end = monitor.recv().await.unwrap_err();
/// assert_eq!(end.kind(), zmq::ErrorKind::Terminated);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "tokio"))]
/// # fn main() {}
/// ```
///
/// With the feature `futures` it is a `Stream` of the events, which ends when the socket is closed and
/// all is read, or when the context ends.
#[doc(alias = "zmq_socket_monitor")]
#[must_use = "dropped at once, it stops at once"]
pub struct Monitor<R: Runtime> {
    // Dropped first: the events stop before the reader closes.
    told: Told,
    reader: Inner<Pair, R>,
    #[cfg(feature = "futures")]
    done: bool,
}

impl<R: Runtime> Monitor<R> {
    /// Takes the monitor into the runtime that this is called in.
    ///
    /// # Errors
    /// The monitor comes back in the error: as [`Socket::new`](super::Socket::new).
    pub fn new(monitor: crate::Monitor) -> Result<Monitor<R>, Refused<crate::Monitor>> {
        let (told, reader) = monitor.into_parts();
        match Inner::new(reader) {
            Ok(reader) => Ok(Monitor {
                told,
                reader,
                #[cfg(feature = "futures")]
                done: false,
            }),
            Err((error, reader)) => Err(Refused::new(
                error,
                crate::Monitor::from_parts(told, reader),
            )),
        }
    }

    /// The plain monitor again. No event is lost.
    pub fn into_inner(self) -> crate::Monitor {
        crate::Monitor::from_parts(self.told, self.reader.into_socket())
    }

    /// Receives the next event.
    ///
    /// # Errors
    /// [`Terminated`](crate::ErrorKind::Terminated) when the socket is closed and all is read, or the
    /// context has ended; [`Other`](crate::ErrorKind::Other) with `EBADMSG` for an event that is not of
    /// the form that is documented, after which others may follow;
    /// [`NoRuntime`](crate::ErrorKind::NoRuntime) when the runtime was shut down;
    /// [`Forked`](crate::ErrorKind::Forked).
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has received nothing.
    pub async fn recv(&mut self) -> Result<Event> {
        poll_fn(|context| self.poll_recv(context)).await
    }

    /// Receives the next event, for a future written by hand.
    ///
    /// When it is `Pending`, the task that asked last is woken when it is worth asking again.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Result<Event>> {
        let told = &self.told;
        self.reader
            .poll_receive(context, &mut (), |(), reader| told.try_recv(reader))
    }

    /// Receives the next event if there is one.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn try_recv(&mut self) -> Result<Option<Event>> {
        let told = &self.told;
        self.reader.with(|reader| told.try_recv(reader))
    }
}

#[cfg(feature = "futures")]
impl<R: Runtime> futures_core::stream::Stream for Monitor<R> {
    type Item = Result<Event>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Event>>> {
        if self.done {
            return Poll::Ready(None);
        }
        let result = std::task::ready!(self.poll_recv(context));
        Poll::Ready(monitor::next(result, &mut self.done))
    }
}

impl<R: Runtime> fmt::Debug for Monitor<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told.fmt(f)
    }
}
