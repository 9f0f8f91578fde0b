//! Where a run takes place: a context and a transport, which open sockets that never wait for ever.

use std::fmt;
use std::time::Duration;

use tempfile::TempDir;
use zmq::{Context, Socket, SocketType};

use crate::crew::Outcome;

/// The longest that any call waits. Nothing here takes as long unless it has failed.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// A way from socket to socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Ipc,
    Inproc,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Transport::Tcp => "tcp",
            Transport::Ipc => "ipc",
            Transport::Inproc => "inproc",
        })
    }
}

/// A context and a transport.
#[derive(Debug)]
pub struct Site {
    pub context: Context,
    transport: Transport,
    /// Where the ipc endpoints lie; those of `ipc://*` would lie in the working directory.
    folder: TempDir,
}

impl Site {
    pub fn new(transport: Transport) -> Outcome<Site> {
        Ok(Site {
            context: Context::new()?,
            transport,
            folder: tempfile::tempdir()?,
        })
    }

    /// A socket bound where nothing else is, and where that is.
    pub fn bind<T: SocketType>(&self, kind: T, name: &str) -> zmq::Result<(Socket<T>, String)> {
        let socket = self.open(kind)?;
        let endpoint = self.bind_as(&socket, name)?;
        Ok((socket, endpoint))
    }

    /// Binds a socket; `name` tells the endpoints of a run apart.
    pub fn bind_as<T: SocketType>(&self, socket: &Socket<T>, name: &str) -> zmq::Result<String> {
        socket.bind(&match self.transport {
            Transport::Tcp => "tcp://127.0.0.1:*".to_owned(),
            Transport::Ipc => format!("ipc://{}/{name}", self.folder.path().display()),
            Transport::Inproc => format!("inproc://{name}"),
        })?;
        socket.last_endpoint()
    }

    /// A socket connected to each of the endpoints.
    pub fn connect<T: SocketType>(&self, kind: T, endpoints: &[String]) -> zmq::Result<Socket<T>> {
        let socket = self.open(kind)?;
        for endpoint in endpoints {
            socket.connect(endpoint)?;
        }
        Ok(socket)
    }

    /// A socket not yet bound or connected.
    pub fn open<T: SocketType>(&self, kind: T) -> zmq::Result<Socket<T>> {
        let socket = self.context.socket(kind)?;
        socket.set_sndtimeo(Some(PATIENCE))?;
        socket.set_rcvtimeo(Some(PATIENCE))?;
        // Long enough for the last message, which may still be on its way when its sender is done.
        socket.set_linger(Some(PATIENCE))?;
        Ok(socket)
    }
}
