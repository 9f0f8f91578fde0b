//! A thread with a pipe to its parent.

mod error;
mod link;

use std::cell::Cell;
use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use error::ActorError;
pub use link::{ActorPipe, ActorStart};

use crate::context::{self, Context};
use crate::error::{Error, ErrorKind, RecvError, Result, SendError};
use crate::message::Message;
use crate::multipart::Multipart;
use crate::panics::text_of;
use crate::payload::sealed::{Part as _, PartList as _};
use crate::payload::{Parts, Payload};
use crate::poll::{PollItem, poll};
use crate::socket::{Pair, Socket};
use link::{CALL, Link};

/// A thread with a [pipe](Context::pipe) to its parent: the role of czmq's `zactor` and
/// `zthread_fork`.
///
/// The body runs on the thread. It opens its sockets there, says that it is
/// [ready](ActorStart::ready), which gives it its end of the pipe, and talks with the parent over it,
/// in messages of its own choosing. The parent sends and receives with the methods here. Each
/// direction holds 2000 messages; then sending waits for the other side, and two sides that only
/// send wait for each other.
///
/// # The end
///
/// An actor is asked to end by the message [`"$TERM"`](ActorPipe::STOP), on which the body should
/// return. [`stop`](Actor::stop) sends it and waits for the body's result; so does dropping the
/// actor, which **waits for ever** for a body that neither reads its pipe nor uses a context that is
/// [shut down](Context::shutdown). Where that may be, use [`stop_timeout`](Actor::stop_timeout)
/// or [`detach`](Actor::detach). While the parent's thread panics, or with a message's owner,
/// dropping does not wait.
///
/// When the body's end of the pipe is gone, because it returned, failed or panicked, the parent
/// receives what was sent before, and then an error of kind [`Terminated`](ErrorKind::Terminated);
/// the pipe is ready to be read for that news, too. Sending gives the same error. Why it ended is
/// what [`join`](Actor::join) says. Until the actor is dropped it counts as two sockets against
/// [`max_sockets`](Context::max_sockets).
///
/// ```
/// use zmq::{Actor, ActorPipe, ActorStart};
///
/// fn upper_case(start: ActorStart) -> zmq::Result<u32> {
///     let socket = start.context().socket(zmq::REP)?; // what can fail comes first
///     socket.bind("inproc://example")?;
///     let pipe = start.ready();
///     let mut count = 0;
///     loop {
///         let text = pipe.recv()?;
///         if text == ActorPipe::STOP {
///             return Ok(count);
///         }
///         pipe.send(text.to_string().to_uppercase())?;
///         count += 1;
///     }
/// }
///
/// let context = zmq::Context::new()?;
/// let actor = Actor::spawn(&context, "upper case", upper_case)?;
/// actor.send("hello")?;
/// assert_eq!(actor.recv()?, "HELLO");
/// assert_eq!(actor.stop()?, 1);
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zactor_new")]
#[doc(alias = "zactor_destroy")]
#[doc(alias = "zthread_fork")]
#[doc(alias = "zthread_new")]
#[must_use = "dropped at once, it is stopped at once"]
pub struct Actor<R = ()> {
    pipe: Socket<Pair>,
    link: Arc<Link>,
    /// Whether the news of the end was received.
    ended: Cell<bool>,
    reports: Receiver<Report<R>>,
    /// What came in place of the news that it is ready.
    outcome: Option<Outcome<R>>,
    /// Taken when there is nothing more to wait for.
    thread: Option<JoinHandle<()>>,
}

type Outcome<R> = Result<R, ActorError>;

enum Report<R> {
    Ready,
    Done(Outcome<R>),
}

impl<R> Actor<R> {
    /// Starts the thread, with the name given, and waits until its body is
    /// [ready](ActorStart::ready) or has returned.
    ///
    /// A body that does neither is waited for without end; shutting its context down ends its
    /// calls, and so this one.
    ///
    /// # Errors
    /// [`Failed`](ActorError::Failed) and [`Panicked`](ActorError::Panicked) if the body ended so
    /// before it was ready; [`Start`](ActorError::Start) if there are not two sockets or a thread to
    /// be had, or the name has a NUL.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let failed = zmq::Actor::spawn(&context, "server", |start| -> zmq::Result<()> {
    ///     start.context().socket(zmq::REP)?.bind("tcp://no such address")?;
    ///     start.ready().recv()?;
    ///     Ok(())
    /// });
    /// assert_eq!(failed.unwrap_err().kind(), zmq::ErrorKind::InvalidInput);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zactor_new")]
    pub fn spawn<E>(
        context: &Context,
        name: &str,
        body: impl FnOnce(ActorStart) -> Result<R, E> + Send + 'static,
    ) -> Result<Actor<R>, ActorError>
    where
        R: Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        if name.contains('\0') {
            return Err(ActorError::Start(
                Error::own(CALL, ErrorKind::InvalidInput)
                    .on(format_args!("{name:?}"))
                    .because("the name of a thread has no NUL"),
            ));
        }
        let (theirs, pipe) = context.pipe().map_err(ActorError::Start)?;
        let link = Arc::new(Link::new());
        let (sender, reports) = mpsc::channel();
        let ready = sender.clone();
        let start = ActorStart::new(theirs, &link, move || {
            let _ = ready.send(Report::Ready);
        });
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let run = move || body(start).map_err(|error| ActorError::Failed(error.into()));
                let outcome = catch_unwind(AssertUnwindSafe(run))
                    .unwrap_or_else(|payload| Err(ActorError::Panicked(text_of(payload))));
                // Nobody is there to hear it if the actor was detached.
                let _ = sender.send(Report::Done(outcome));
            })
            .map_err(|error| {
                let errno = error.raw_os_error().unwrap_or(libc::EAGAIN);
                let error = Error::own("pthread_create", ErrorKind::Other(errno));
                ActorError::Start(error.on(name))
            })?;
        let mut actor = Actor {
            pipe,
            link,
            ended: Cell::new(false),
            reports,
            outcome: None,
            thread: Some(thread),
        };
        match actor.reports.recv() {
            Ok(Report::Ready) => Ok(actor),
            Ok(Report::Done(Ok(value))) => {
                actor.outcome = Some(Ok(value));
                Ok(actor)
            }
            Ok(Report::Done(Err(error))) => {
                actor.end_thread();
                Err(error)
            }
            Err(mpsc::RecvError) => Err(silent()),
        }
    }

    /// Sends the body a message of one frame, waiting for room.
    ///
    /// # Errors
    /// As [`Socket::send`]; [`Terminated`](ErrorKind::Terminated) also when the actor has ended.
    pub fn send<P: Payload>(&self, frame: P) -> Result<(), SendError<P::Refused>> {
        if self.link.is_over() {
            return Err(SendError {
                error: ended(),
                message: frame.prepare().refused(),
            });
        }
        self.pipe.send(frame)
    }

    /// Sends the body a message of several frames, waiting for room.
    ///
    /// # Errors
    /// As [`Socket::send_multipart`]; [`Terminated`](ErrorKind::Terminated) also when the actor has
    /// ended.
    pub fn send_multipart<L: Parts>(&self, frames: L) -> Result<(), SendError<L::Refused>> {
        if self.link.is_over() {
            return Err(SendError {
                error: ended(),
                message: frames.prepare_parts().refused(),
            });
        }
        self.pipe.send_multipart(frames)
    }

    /// Receives a message of one frame from the body, waiting for it.
    ///
    /// # Errors
    /// As [`Socket::recv`]; [`Terminated`](ErrorKind::Terminated) also when the actor has ended and
    /// all it sent is received.
    pub fn recv(&self) -> Result<Message, RecvError> {
        let message = self.receive(Socket::recv)?;
        self.unless_end(std::slice::from_ref(&message))?;
        Ok(message)
    }

    /// Receives a message of one frame from the body if there is one.
    ///
    /// # Errors
    /// As [`recv`](Actor::recv), without `WouldBlock`.
    pub fn try_recv(&self) -> Result<Option<Message>, RecvError> {
        let message = self.receive(Socket::try_recv)?;
        if let Some(message) = &message {
            self.unless_end(std::slice::from_ref(message))?;
        }
        Ok(message)
    }

    /// Receives a message of any number of frames from the body, waiting for it.
    ///
    /// # Errors
    /// As [`Socket::recv_multipart`]; [`Terminated`](ErrorKind::Terminated) also when the actor has
    /// ended and all it sent is received.
    pub fn recv_multipart(&self) -> Result<Multipart> {
        let message = self.receive(Socket::recv_multipart)?;
        self.unless_end(&message)?;
        Ok(message)
    }

    /// Receives a message of any number of frames from the body if there is one.
    ///
    /// # Errors
    /// As [`recv_multipart`](Actor::recv_multipart), without `WouldBlock`.
    pub fn try_recv_multipart(&self) -> Result<Option<Multipart>> {
        let message = self.receive(Socket::try_recv_multipart)?;
        if let Some(message) = &message {
            self.unless_end(message)?;
        }
        Ok(message)
    }

    /// An item for [`poll`](crate::poll()) that is ready when there is a message from the body, or the
    /// news that it has ended. After that news was received it is never ready again.
    pub fn poll_in(&self) -> PollItem<'_> {
        self.pipe.poll_in()
    }

    /// An item for [`poll`](crate::poll()) that is ready when there is room for a message to the body.
    pub fn poll_out(&self) -> PollItem<'_> {
        self.pipe.poll_out()
    }

    /// The context whose pipe this is.
    pub fn context(&self) -> &Context {
        self.pipe.context()
    }

    /// Asks the body to end, waits until its thread has ended, and gives its result. Messages from
    /// the body that were not received are dropped.
    ///
    /// # Errors
    /// What the body failed with, or that it panicked. [`Start`](ActorError::Start) with an error of
    /// kind [`Forked`](ErrorKind::Forked) in a process that was forked since, or
    /// [`InvalidState`](ErrorKind::InvalidState) on the actor's own thread, which is not waited for.
    #[doc(alias = "zactor_destroy")]
    pub fn stop(mut self) -> Result<R, ActorError> {
        self.finish(true, None).unwrap_or_else(|| Err(silent()))
    }

    /// Waits until the thread ends by itself, and gives the body's result. Messages from the body
    /// that were not received are dropped.
    ///
    /// # Errors
    /// As [`stop`](Actor::stop).
    pub fn join(mut self) -> Result<R, ActorError> {
        self.finish(false, None).unwrap_or_else(|| Err(silent()))
    }

    /// [Stops](Actor::stop) the actor, but waits no longer than `timeout` for the body's result.
    ///
    /// # Errors
    /// The actor itself, if its body has not ended by then: wait again, or [`detach`](Actor::detach)
    /// it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let context = zmq::Context::new()?;
    /// let deaf = zmq::Actor::spawn(&context, "deaf", |start| -> zmq::Result<()> {
    ///     let socket = start.context().socket(zmq::PULL)?;
    ///     let _pipe = start.ready();
    ///     socket.recv()?; // and never looks at its pipe
    ///     Ok(())
    /// })?;
    /// let deaf = deaf.stop_timeout(Duration::from_millis(10)).unwrap_err();
    /// context.shutdown()?; // ends its receive
    /// assert_eq!(deaf.join().unwrap_err().kind(), zmq::ErrorKind::Terminated);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn stop_timeout(mut self, timeout: Duration) -> Result<Result<R, ActorError>, Actor<R>> {
        let outcome = match Instant::now().checked_add(timeout) {
            Some(deadline) => self.finish(true, Some(deadline)),
            None => self.finish(true, None),
        };
        outcome.ok_or(self)
    }

    /// Asks the body to end, if there is room in its pipe, and leaves it to itself.
    ///
    /// Its result is dropped. From then on nobody reads what it sends: when the pipe is full, sending
    /// waits until the context is shut down. The context does not end before its sockets are closed.
    pub fn detach(mut self) {
        self.let_go();
    }

    fn let_go(&mut self) {
        while let Err(error) = self.pipe.try_send(ActorPipe::STOP) {
            if error.kind() != ErrorKind::Interrupted {
                break;
            }
        }
        self.thread = None;
    }

    // ---- receiving ---------------------------------------------------------------------------

    fn receive<M, E: From<Error>>(
        &self,
        receive: impl FnOnce(&Socket<Pair>) -> Result<M, E>,
    ) -> Result<M, E> {
        if self.ended.get() {
            return Err(ended().into());
        }
        let result = receive(&self.pipe);
        // There may be room now for the news of the end. In a forked process there is nobody left
        // to let go of the lock.
        if self.pipe.core().check_fork(CALL).is_ok() {
            self.link.tell_end();
        }
        result
    }

    fn unless_end(&self, frames: &[Message]) -> Result<()> {
        if self.link.is_end(frames) {
            self.ended.set(true);
            return Err(ended());
        }
        Ok(())
    }

    // ---- the end -----------------------------------------------------------------------------

    /// Waits for the outcome; `None` if the deadline came first.
    fn finish(&mut self, ask: bool, deadline: Option<Instant>) -> Option<Outcome<R>> {
        if self.is_own_thread() {
            self.let_go();
            let error = Error::own(CALL, ErrorKind::InvalidState);
            return Some(Err(ActorError::Start(
                error.because("an actor cannot wait for its own thread"),
            )));
        }
        if let Err(error) = self.pipe.core().check_fork(CALL) {
            self.thread = None; // the parent process has it
            return Some(Err(ActorError::Start(error)));
        }
        self.empty_pipe(ask, deadline)?;
        let outcome = match self.outcome.take() {
            Some(outcome) => outcome,
            None => self.await_outcome(deadline)?,
        };
        match deadline {
            None => self.end_thread(),
            // What is left of the thread may take any time: its thread-local values.
            Some(_) => self.thread = None,
        }
        Some(outcome)
    }

    /// Receives, so that the body is not waiting for room, up to the end of its pipe; and sends the
    /// stop frame as soon as there is room for it. `None` if the deadline came first.
    fn empty_pipe(&self, mut ask: bool, deadline: Option<Instant>) -> Option<()> {
        while !self.ended.get() {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            let items = [self.pipe.poll_in(), self.pipe.poll_out().when(ask)];
            let ready = poll(items, left).and_then(|[input, output]| {
                if output.is_writable() {
                    self.pipe.try_send(ActorPipe::STOP)?;
                    ask = false;
                }
                if input.is_readable() {
                    self.try_recv_multipart()?;
                }
                Ok(!input.is_empty() || !output.is_empty())
            });
            match ready.map_err(|error| error.kind()) {
                Ok(true) | Err(ErrorKind::Interrupted) => {}
                Ok(false) if left.is_some_and(|left| left.is_zero()) => return None,
                Ok(false) => {}
                // The pipe, or the context, has ended, which the body notices as well.
                Err(_) => break,
            }
        }
        Some(())
    }

    fn await_outcome(&self, deadline: Option<Instant>) -> Option<Outcome<R>> {
        loop {
            let report = match deadline {
                None => self
                    .reports
                    .recv()
                    .map_err(|mpsc::RecvError| RecvTimeoutError::Disconnected),
                Some(at) => {
                    let left = at.saturating_duration_since(Instant::now());
                    self.reports.recv_timeout(left)
                }
            };
            match report {
                Ok(Report::Ready) => {}
                Ok(Report::Done(outcome)) => return Some(outcome),
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => return Some(Err(silent())),
            }
        }
    }

    fn end_thread(&mut self) {
        if let Some(thread) = self.thread.take() {
            // It catches what the body panics with.
            let _ = thread.join();
        }
    }

    fn is_own_thread(&self) -> bool {
        let thread = self.thread.as_ref();
        thread.is_some_and(|thread| thread.thread().id() == thread::current().id())
    }
}

#[cold]
fn ended() -> Error {
    Error::own(CALL, ErrorKind::Terminated).because("the actor has ended")
}

/// The thread ended without an outcome, which only what the body left in thread-local values does.
#[cold]
fn silent() -> ActorError {
    ActorError::Panicked("the thread ended without a result".to_owned())
}

impl<R> Drop for Actor<R> {
    fn drop(&mut self) {
        if self.thread.is_none() {
            return;
        }
        if thread::panicking() || context::is_helper_thread() {
            self.let_go();
        } else {
            let _ = self.finish(true, None);
        }
    }
}

impl<R> fmt::Debug for Actor<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thread = self.thread.as_ref().map(JoinHandle::thread);
        f.debug_struct("Actor")
            .field("name", &thread.and_then(thread::Thread::name))
            .field("over", &self.link.is_over())
            .finish_non_exhaustive()
    }
}
