//! The body's end of the pipe, and how the parent hears that it is gone.
//!
//! A PAIR does not tell that its peer has closed: it would be waited for without end. So the body's
//! end is not closed but left behind for the parent, with a last message in the pipe that says so. If
//! there is no room for that message, the parent has others to receive, and sends it to itself after
//! one of those. The lock makes sure that one of the two does.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::context::{Context, inproc};
use crate::error::ErrorKind;
use crate::message::Message;
use crate::poll::poll;
use crate::socket::{Pair, Socket};

pub(super) const CALL: &str = "zactor";

/// What both ends of the pipe share.
pub(super) struct Link {
    over: AtomicBool,
    left_behind: Mutex<LeftBehind>,
    /// The last message, which no other message equals.
    end: String,
}

#[derive(Default)]
struct LeftBehind {
    socket: Option<Socket<Pair>>,
    told: bool,
}

impl Link {
    pub(super) fn new() -> Link {
        Link {
            over: AtomicBool::new(false),
            left_behind: Mutex::default(),
            end: inproc::unguessable("end"),
        }
    }

    /// Whether the body's end is gone, so that nobody receives what is sent to it.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    pub(super) fn is_end(&self, frames: &[Message]) -> bool {
        matches!(frames, [frame] if **frame == *self.end.as_bytes())
    }

    /// Sends the last message if it is time for it and there is room.
    pub(super) fn tell_end(&self) {
        let mut left = self
            .left_behind
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let LeftBehind {
            socket: Some(socket),
            told: told @ false,
        } = &mut *left
        else {
            return;
        };
        loop {
            // Polling makes the socket notice at once what the parent has received; sending alone
            // would look only now and then. After that, a pipe that the parent has emptied has room.
            let result = poll([socket.poll_out()], Some(Duration::ZERO))
                .and_then(|_| Ok(socket.try_send(self.end.as_str())?));
            match result.map_err(|error| error.kind()) {
                Ok(()) => *told = true,
                Err(ErrorKind::Interrupted) => continue,
                // No room yet, or the context has ended, which the parent notices by itself.
                Err(_) => {}
            }
            return;
        }
    }

    fn end(&self, socket: Socket<Pair>) {
        self.over.store(true, Ordering::Release);
        // A parent that waits for room goes on, and sees at its next send that it is over.
        while let Ok(Some(_)) | Err(ErrorKind::Interrupted | ErrorKind::Truncated) =
            socket.try_recv_multipart().map_err(|error| error.kind())
        {}
        self.left_behind
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .socket = Some(socket);
        self.tell_end();
    }
}

/// What the body of an [`Actor`](crate::Actor) starts with.
#[must_use = "the parent waits until it is `ready`"]
pub struct ActorStart {
    pipe: ActorPipe,
    ready: Box<dyn FnOnce() + Send>,
}

impl ActorStart {
    pub(super) fn new(
        socket: Socket<Pair>,
        link: &Arc<Link>,
        ready: impl FnOnce() + Send + 'static,
    ) -> ActorStart {
        ActorStart {
            pipe: ActorPipe {
                socket: Some(socket),
                link: Arc::clone(link),
            },
            ready: Box::new(ready),
        }
    }

    /// The parent's context, to open sockets in.
    pub fn context(&self) -> &Context {
        self.pipe.context()
    }

    /// Says that the actor works now, which lets [`Actor::spawn`](crate::Actor::spawn) return, and
    /// gives the body's end of the pipe.
    #[doc(alias = "zsock_signal")]
    pub fn ready(self) -> ActorPipe {
        (self.ready)();
        self.pipe
    }
}

impl fmt::Debug for ActorStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorStart").finish_non_exhaustive()
    }
}

/// The body's end of the pipe between an [`Actor`](crate::Actor) and its parent: a PAIR socket.
///
/// When it is dropped the parent is told that the actor has ended. Messages from the parent that
/// were not received are dropped then.
#[must_use = "dropped, it says that the actor has ended"]
pub struct ActorPipe {
    /// Taken by `drop` alone.
    socket: Option<Socket<Pair>>,
    link: Arc<Link>,
}

impl ActorPipe {
    /// The message that asks an actor to end, as in czmq.
    pub const STOP: &'static str = "$TERM";
}

impl Deref for ActorPipe {
    type Target = Socket<Pair>;

    fn deref(&self) -> &Socket<Pair> {
        self.socket
            .as_ref()
            .expect("only `drop` takes the socket away")
    }
}

impl Drop for ActorPipe {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.take() {
            self.link.end(socket);
        }
    }
}

impl fmt::Debug for ActorPipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ActorPipe").field(&self.socket).finish()
    }
}
