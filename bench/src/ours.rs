//! Through `zmq`.

use zmq::{CanReceive, CanSend, Message, Multipart, SingleFrame, Socket, SocketKind, SocketType};

use crate::{Form, Outcome, Peer, Tuning};

/// Capacity beyond the length of a vector that is handed over.
const SPARE: usize = 1000;

/// A socket of a type known to the compiler, as in most programs.
#[derive(Debug)]
pub enum Ours {
    /// A PAIR.
    Pair(Socket<zmq::Pair>),
    /// A PUSH.
    Push(Socket<zmq::Push>),
    /// A PULL.
    Pull(Socket<zmq::Pull>),
    /// A REQ.
    Req(Socket<zmq::Req>),
    /// A REP.
    Rep(Socket<zmq::Rep>),
}

macro_rules! each {
    ($ours:expr, $socket:ident => $action:expr) => {
        match $ours {
            Ours::Pair($socket) => $action,
            Ours::Push($socket) => $action,
            Ours::Pull($socket) => $action,
            Ours::Req($socket) => $action,
            Ours::Rep($socket) => $action,
        }
    };
}

impl Peer for Ours {
    fn open(context: &zmq::Context, kind: SocketKind, high_water_mark: u32) -> Outcome<Ours> {
        let ours = match kind {
            SocketKind::Pair => Ours::Pair(context.socket(zmq::PAIR)?),
            SocketKind::Push => Ours::Push(context.socket(zmq::PUSH)?),
            SocketKind::Pull => Ours::Pull(context.socket(zmq::PULL)?),
            SocketKind::Req => Ours::Req(context.socket(zmq::REQ)?),
            SocketKind::Rep => Ours::Rep(context.socket(zmq::REP)?),
            other => return Err(format!("{other} is not measured").into()),
        };
        each!(&ours, socket => {
            socket.set_sndhwm(high_water_mark)?;
            socket.set_rcvhwm(high_water_mark)?;
        });
        Ok(ours)
    }

    fn tune(&self, tuning: &Tuning, affinity: u64) -> Outcome {
        each!(self, socket => tune(socket, tuning, affinity))
    }

    fn bind(&self, endpoint: &str) -> Outcome<String> {
        each!(self, socket => {
            socket.bind(endpoint)?;
            Ok(socket.last_endpoint()?)
        })
    }

    fn connect(&self, endpoint: &str) -> Outcome {
        each!(self, socket => Ok(socket.connect(endpoint)?))
    }

    fn send(&self, form: Form, data: &[u8], count: usize) -> Outcome {
        match self {
            Ours::Pair(socket) => send(socket, form, data, count),
            Ours::Push(socket) => send(socket, form, data, count),
            Ours::Req(socket) => send(socket, form, data, count),
            Ours::Rep(socket) => send(socket, form, data, count),
            Ours::Pull(_) => Err("a PULL cannot send".into()),
        }
    }

    fn receive(&self, form: Form, buffer: &mut [u8], count: usize) -> Outcome<u64> {
        match self {
            Ours::Pair(socket) => receive(socket, form, buffer, count),
            Ours::Pull(socket) => receive(socket, form, buffer, count),
            Ours::Req(socket) => receive(socket, form, buffer, count),
            Ours::Rep(socket) => receive(socket, form, buffer, count),
            Ours::Push(_) => Err("a PUSH cannot receive".into()),
        }
    }
}

/// Sets on a socket what [`Peer::tune`] does.
pub fn tune<T: SocketType>(socket: &Socket<T>, tuning: &Tuning, affinity: u64) -> Outcome {
    socket.set_affinity(affinity)?;
    #[cfg(feature = "draft")]
    if let Some(bytes) = tuning.batch_size {
        socket.set_in_batch_size(bytes)?;
        socket.set_out_batch_size(bytes)?;
    }
    #[cfg(not(feature = "draft"))]
    if tuning.batch_size.is_some() {
        return Err("batch sizes take the feature `draft`".into());
    }
    Ok(())
}

fn send<T: CanSend + SingleFrame>(
    socket: &Socket<T>,
    form: Form,
    data: &[u8],
    count: usize,
) -> Outcome {
    match form {
        Form::Buffer => {
            for _ in 0..count {
                socket.send(data)?;
            }
        }
        Form::Reused | Form::Fresh => {
            for _ in 0..count {
                socket.send(Message::from(data))?;
            }
        }
        Form::Parts => {
            for _ in 0..count {
                let part = || Message::from(data);
                socket.send_multipart([part(), part(), part()])?;
            }
        }
        Form::BufferParts => {
            for _ in 0..count {
                socket.send_multipart([data, data, data])?;
            }
        }
        Form::HandOver => {
            for _ in 0..count {
                socket.send(made(data))?;
            }
        }
        Form::CopyAndFree => {
            for _ in 0..count {
                socket.send(&made(data))?;
            }
        }
    }
    Ok(())
}

fn made(data: &[u8]) -> Vec<u8> {
    let mut vec = Vec::with_capacity(data.len() + SPARE);
    vec.extend_from_slice(data);
    vec
}

fn receive<T: CanReceive + SingleFrame>(
    socket: &Socket<T>,
    form: Form,
    buffer: &mut [u8],
    count: usize,
) -> Outcome<u64> {
    let mut seen = 0;
    match form {
        Form::Buffer => {
            for _ in 0..count {
                let received = socket.recv_into(buffer)?;
                seen += look(&buffer[..received.len]);
            }
        }
        Form::Reused | Form::HandOver | Form::CopyAndFree => {
            let mut message = Message::new();
            for _ in 0..count {
                socket.recv_message_into(&mut message)?;
                seen += look(&message);
            }
        }
        Form::Fresh => {
            for _ in 0..count {
                seen += look(&socket.recv()?);
            }
        }
        Form::Parts | Form::BufferParts => {
            let mut message = Multipart::new();
            for _ in 0..count {
                socket.recv_multipart_into(&mut message)?;
                for part in &message {
                    seen += look(part);
                }
            }
        }
    }
    Ok(seen)
}

#[inline]
pub(crate) fn look(bytes: &[u8]) -> u64 {
    bytes.len() as u64 + bytes.first().map_or(0, |first| u64::from(*first))
}
