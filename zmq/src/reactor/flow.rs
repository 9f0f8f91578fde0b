//! What handlers give back, and what can be watched.

use std::ops::ControlFlow;

use crate::actor::Actor;
use crate::monitor::Monitor;
use crate::poll::PollItem;
use crate::socket::{CanReceive, Socket};

mod sealed {
    pub trait Flow {}
    pub trait Watch {}
}

/// What a handler of a [`Reactor`](crate::Reactor) may return: nothing, a
/// [`ControlFlow<R>`] whose `Break` ends the reactor, or a `Result<_, E>` of either, so that `?`
/// works. Sealed.
#[diagnostic::on_unimplemented(
    message = "a handler of this reactor cannot return `{Self}`",
    label = "not `()`, `ControlFlow<R>`, `Result<(), E>` or `Result<ControlFlow<R>, E>`",
    note = "`R` and `E` are those of `Reactor<'_, S, R, E>`: `()` and `zmq::Error` if it was made with `Reactor::new`"
)]
pub trait Flow<R, E>: sealed::Flow {
    #[doc(hidden)]
    fn into_flow(self) -> Result<ControlFlow<R>, E>;
}

impl sealed::Flow for () {}
impl<R, E> Flow<R, E> for () {
    fn into_flow(self) -> Result<ControlFlow<R>, E> {
        Ok(ControlFlow::Continue(()))
    }
}

impl<R> sealed::Flow for ControlFlow<R> {}
impl<R, E> Flow<R, E> for ControlFlow<R> {
    fn into_flow(self) -> Result<ControlFlow<R>, E> {
        Ok(self)
    }
}

impl<T, E> sealed::Flow for Result<T, E> {}
impl<R, E> Flow<R, E> for Result<(), E> {
    fn into_flow(self) -> Result<ControlFlow<R>, E> {
        self.map(ControlFlow::Continue)
    }
}

impl<R, E> Flow<R, E> for Result<ControlFlow<R>, E> {
    fn into_flow(self) -> Result<ControlFlow<R>, E> {
        self
    }
}

/// What a [`Reactor`](crate::Reactor) can read: a [`Socket`] that receives, a [`Monitor`], an
/// [`Actor`]. Sealed.
#[diagnostic::on_unimplemented(
    message = "a reactor cannot read `{Self}`",
    label = "not a socket that receives, a monitor or an actor"
)]
pub trait Watch: sealed::Watch {
    #[doc(hidden)]
    fn item(&self) -> PollItem<'_>;
}

impl<T: CanReceive> sealed::Watch for Socket<T> {}
impl<T: CanReceive> Watch for Socket<T> {
    fn item(&self) -> PollItem<'_> {
        self.poll_in()
    }
}

impl sealed::Watch for Monitor {}
impl Watch for Monitor {
    fn item(&self) -> PollItem<'_> {
        self.poll_in()
    }
}

impl<R> sealed::Watch for Actor<R> {}
impl<R> Watch for Actor<R> {
    fn item(&self) -> PollItem<'_> {
        self.poll_in()
    }
}
