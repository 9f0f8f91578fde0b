//! How an actor ends other than well.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use super::link::CALL;
use crate::error::{Error, ErrorKind};

/// Why an [`Actor`](crate::Actor) did not start, or did not end well.
#[derive(Debug)]
#[non_exhaustive]
pub enum ActorError {
    /// The body returned this error.
    Failed(Box<dyn StdError + Send + Sync>),
    /// The body panicked, with this text.
    Panicked(String),
    /// The actor could not be started, or cannot be waited for.
    Start(Error),
}

impl ActorError {
    /// The kind of the [`Error`](crate::Error) that it is or holds; [`Panicked`](ErrorKind::Panicked)
    /// for a panic, and [`Other`](ErrorKind::Other) with `ECANCELED` for an error of another type.
    pub fn kind(&self) -> ErrorKind {
        match self {
            ActorError::Failed(error) => error
                .downcast_ref()
                .map_or(ErrorKind::Other(libc::ECANCELED), Error::kind),
            ActorError::Panicked(_) => ErrorKind::Panicked,
            ActorError::Start(error) => error.kind(),
        }
    }
}

impl fmt::Display for ActorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActorError::Failed(_) => f.write_str("the actor failed"),
            ActorError::Panicked(text) => write!(f, "the actor panicked: {text}"),
            ActorError::Start(error) => error.fmt(f),
        }
    }
}

impl StdError for ActorError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            ActorError::Failed(error) => Some(&**error),
            ActorError::Panicked(_) => None,
            ActorError::Start(error) => error.source(),
        }
    }
}

/// An [`Error`] that the body returned comes out as it is; of others the text remains.
impl From<ActorError> for Error {
    fn from(error: ActorError) -> Error {
        let kind = error.kind();
        match error {
            ActorError::Start(error) => error,
            ActorError::Panicked(text) => Error::own(CALL, kind).on(text),
            ActorError::Failed(error) => match error.downcast() {
                Ok(error) => *error,
                Err(error) => Error::own(CALL, kind).on(error),
            },
        }
    }
}

impl From<ActorError> for io::Error {
    fn from(error: ActorError) -> io::Error {
        io::Error::new(error.kind().into(), error)
    }
}
