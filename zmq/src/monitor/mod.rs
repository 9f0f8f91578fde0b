//! Watching a socket's connections.

mod code;
mod event;

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use code::{AuthStatus, ProtocolError};
pub use event::{Event, EventKind, MonitorEvents};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::socket::MonitorGate;
use crate::multipart::Multipart;
use crate::poll::{PollItem, poll};
use crate::socket::{Pair, Socket};

pub(crate) const CALL: &str = "zmq_socket_monitor";

/// What happens to the connections of a socket, event by event (`zmq_socket_monitor(3)`): made by
/// [`Socket::monitor`].
///
/// It can move to another thread and outlive its socket. Only connections over tcp, ipc and the
/// like have events; inproc has none.
///
/// Events wait in memory **without bound** until they are read, so that no socket ever waits for
/// its monitor: read it for as long as it exists, or ask for events that are rare.
///
/// # The end
///
/// When the socket is closed, the events before that can still be read. The closing itself is not
/// told: neither that its listeners close nor that its connections do. Last comes
/// [`MonitorStopped`](EventKind::MonitorStopped), if it was asked for; then there is nothing more,
/// and receiving gives an error of kind [`Terminated`](ErrorKind::Terminated), which ends the
/// iterator.
///
/// Dropping the monitor stops the events; the socket goes on. It is a socket of its context, which
/// does not end before it is dropped.
///
/// ```
/// use zmq::{EventKind, MonitorEvents};
///
/// let context = zmq::Context::new()?;
/// let server = context.socket(zmq::REP)?;
/// let monitor = server.monitor(MonitorEvents::ALL)?;
///
/// // Watched elsewhere, as it happens.
/// let watcher = std::thread::spawn(move || -> zmq::Result<usize> {
///     let mut accepted = 0;
///     for event in &monitor {
///         let event = event?;
///         println!("{}: {:?}", event.endpoint, event.kind);
///         if let EventKind::Accepted { .. } = event.kind {
///             accepted += 1;
///         }
///     }
///     Ok(accepted)
/// });
///
/// server.bind("tcp://127.0.0.1:*")?;
/// let client = context.socket(zmq::REQ)?;
/// client.connect(&server.last_endpoint()?)?;
/// client.send("Hello")?;
/// assert_eq!(server.recv()?, "Hello");
///
/// drop(server);
/// assert_eq!(watcher.join().unwrap()?, 1);
/// # client.set_linger(Some(std::time::Duration::ZERO))?;
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_socket_monitor")]
#[doc(alias = "zmq_socket_monitor_versioned")]
#[must_use = "dropped at once, it stops at once"]
pub struct Monitor {
    // Dropped first: see there.
    told: Told,
    reader: Socket<Pair>,
}

impl Monitor {
    pub(crate) fn new(gate: Arc<MonitorGate>, reader: Socket<Pair>, events: MonitorEvents) -> Self {
        Monitor {
            told: Told {
                gate,
                tells_stop: events.contains(MonitorEvents::MONITOR_STOPPED),
                ended: Cell::new(false),
            },
            reader,
        }
    }

    /// For a reader that waits in another way.
    #[allow(dead_code, reason = "without an async feature there is none")]
    pub(crate) fn into_parts(self) -> (Told, Socket<Pair>) {
        (self.told, self.reader)
    }

    #[allow(
        dead_code,
        reason = "without an async feature there is no other reader"
    )]
    pub(crate) fn from_parts(told: Told, reader: Socket<Pair>) -> Monitor {
        Monitor { told, reader }
    }

    /// Receives the next event, waiting for it.
    ///
    /// # Errors
    /// [`Terminated`](ErrorKind::Terminated) when the socket is closed and all is read, or the
    /// context has ended; [`Interrupted`](ErrorKind::Interrupted) by a signal;
    /// [`Other`](ErrorKind::Other) with `EBADMSG` for an event that is not of the form that is
    /// documented, after which others may follow; [`Forked`](ErrorKind::Forked).
    ///
    /// ```
    /// use zmq::{EventKind, MonitorEvents};
    ///
    /// let context = zmq::Context::new()?;
    /// let socket = context.socket(zmq::PULL)?;
    /// let monitor = socket.monitor(MonitorEvents::LISTENING)?;
    /// socket.bind("tcp://127.0.0.1:*")?;
    /// let event = monitor.recv()?;
    /// assert!(matches!(event.kind, EventKind::Listening { .. }));
    /// assert_eq!(event.endpoint, socket.last_endpoint()?);
    ///
    /// drop(socket);
    /// assert_eq!(monitor.recv().unwrap_err().kind(), zmq::ErrorKind::Terminated);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "get_monitor_event")]
    #[doc(alias = "s_recv_event")]
    pub fn recv(&self) -> Result<Event> {
        self.told.check_end()?;
        self.told.event(self.reader.recv_multipart()?)
    }

    /// Receives the next event if there is one.
    ///
    /// # Errors
    /// As [`recv`](Monitor::recv).
    pub fn try_recv(&self) -> Result<Option<Event>> {
        self.told.try_recv(&self.reader)
    }

    /// Receives the next event, waiting for it no longer than `timeout`.
    ///
    /// # Errors
    /// As [`recv`](Monitor::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<Event>> {
        self.told.check_end()?;
        poll([self.poll_in()], Some(timeout))?;
        self.try_recv()
    }

    /// The events as they come, waiting for each, up to the end of the socket or of the context.
    /// `for event in &monitor` does the same.
    pub fn iter(&self) -> Events<'_> {
        Events {
            monitor: self,
            done: false,
        }
    }

    /// An item for [`poll`](crate::poll()) that is ready when there is an event, or the news that
    /// there will be no more. After that news was received it is never ready again.
    pub fn poll_in(&self) -> PollItem<'_> {
        self.reader.poll_in()
    }
}

/// What has been told, whoever receives it. Dropping it stops the events, which comes before the
/// reader closes: without one, libzmq would wait for another at the next event.
pub(crate) struct Told {
    gate: Arc<MonitorGate>,
    /// Whether `MonitorStopped` is for the caller, too.
    tells_stop: bool,
    ended: Cell<bool>,
}

impl Told {
    fn check_end(&self) -> Result<()> {
        if self.ended.get() {
            return Err(ended());
        }
        Ok(())
    }

    pub(crate) fn try_recv(&self, reader: &Socket<Pair>) -> Result<Option<Event>> {
        self.check_end()?;
        match reader.try_recv_multipart()? {
            Some(frames) => self.event(frames).map(Some),
            None => Ok(None),
        }
    }

    fn event(&self, frames: Multipart) -> Result<Event> {
        let event = Event::decode(&frames[..])?;
        if event.kind == EventKind::MonitorStopped {
            self.ended.set(true);
            if !self.tells_stop {
                return Err(ended());
            }
        }
        Ok(event)
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.gate.stop();
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("ended", &self.ended.get())
            .finish_non_exhaustive()
    }
}

#[cold]
fn ended() -> Error {
    Error::own(CALL, ErrorKind::Terminated).because("the monitored socket is closed")
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told.fmt(f)
    }
}

/// The events of a [`Monitor`] as they come: see [`Monitor::iter`].
///
/// An error does not end it if more events may follow. The end of the socket or of the context is
/// no error here.
#[derive(Debug)]
#[must_use = "it receives only when asked for the next event"]
pub struct Events<'a> {
    monitor: &'a Monitor,
    done: bool,
}

impl Iterator for Events<'_> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Result<Event>> {
        if self.done {
            return None;
        }
        next(self.monitor.recv(), &mut self.done)
    }
}

/// What an iterator of events gives for a result, and whether that is the last.
pub(crate) fn next(result: Result<Event>, done: &mut bool) -> Option<Result<Event>> {
    match result.as_ref().map_err(Error::kind) {
        Err(ErrorKind::Terminated) => {
            *done = true;
            return None;
        }
        Ok(_) | Err(ErrorKind::Interrupted | ErrorKind::Other(libc::EBADMSG)) => {}
        Err(_) => *done = true,
    }
    Some(result)
}

impl std::iter::FusedIterator for Events<'_> {}

impl<'a> IntoIterator for &'a Monitor {
    type Item = Result<Event>;
    type IntoIter = Events<'a>;

    fn into_iter(self) -> Events<'a> {
        self.iter()
    }
}
