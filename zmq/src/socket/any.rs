//! Sockets whose type is known at run time only.

use super::Socket;
use super::types::{Any, SocketType};
use std::marker::PhantomData;

impl<T: SocketType> Socket<T> {
    /// Forgets the type; every rule is then checked at run time.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let sockets = [context.socket(zmq::PULL)?.into_any(), context.socket(zmq::SUB)?.into_any()];
    /// assert_eq!(sockets[1].kind(), zmq::SocketKind::Sub);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn into_any(self) -> Socket<Any> {
        Socket {
            core: self.core,
            _type: PhantomData,
        }
    }
}

impl Socket<Any> {
    /// The socket as one of type `T`, if that is what it is.
    ///
    /// # Errors
    /// The socket itself, if it is of another type.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let socket = context.socket_of(zmq::SocketKind::Pull)?;
    /// let socket = socket.downcast::<zmq::Push>().unwrap_err();
    /// let socket: zmq::Socket<zmq::Pull> = socket.downcast().unwrap();
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn downcast<T: SocketType>(self) -> Result<Socket<T>, Socket<Any>> {
        match T::KIND {
            Some(kind) if kind != self.kind() => Err(self),
            _ => Ok(Socket {
                core: self.core,
                _type: PhantomData,
            }),
        }
    }
}
