//! The process that is attacked, and the good peer that it serves meanwhile.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use zmq::{Any, Context, ErrorKind, Multipart, Socket, SocketKind};

use crate::peer::{end_with_parent, patient, tell};
use crate::{LONG, Result, ensure, system};

/// How the good peer and the target talk.
#[derive(Clone, Copy, PartialEq)]
enum Talk {
    /// The good one sends, the target sends it back.
    Echo,
    /// The target sends, to whomever it likes, the good one sends it back.
    Asks,
    /// The good one sends.
    Takes,
    /// The target sends.
    Gives,
}

fn good_peer(kind: SocketKind) -> (SocketKind, Talk) {
    match kind {
        SocketKind::Rep => (SocketKind::Req, Talk::Echo),
        SocketKind::Router => (SocketKind::Dealer, Talk::Echo),
        SocketKind::Req => (SocketKind::Rep, Talk::Asks),
        SocketKind::Dealer => (SocketKind::Dealer, Talk::Asks),
        SocketKind::Pub | SocketKind::XPub => (SocketKind::Sub, Talk::Gives),
        SocketKind::Sub | SocketKind::XSub => (SocketKind::Pub, Talk::Takes),
        SocketKind::Push => (SocketKind::Pull, Talk::Gives),
        SocketKind::Pull => (SocketKind::Push, Talk::Takes),
        SocketKind::Stream => (SocketKind::Stream, Talk::Echo),
        _ => (SocketKind::Pair, Talk::Echo),
    }
}

/// Who talks to the target, which is the same process.
enum Good {
    Zmq(Socket<Any>),
    /// A STREAM talks to anybody.
    Plain(TcpStream),
}

impl Good {
    fn send(&mut self, text: &str) -> Result {
        match self {
            Good::Zmq(socket) => taken(socket.try_send(text)),
            Good::Plain(stream) => Ok(stream.write_all(text.as_bytes())?),
        }
    }

    /// What has come, if something has.
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        match self {
            Good::Zmq(socket) => {
                let message = socket.try_recv_multipart()?;
                Ok(message
                    .and_then(|mut m| m.pop_back())
                    .map(|last| last.to_vec()))
            }
            Good::Plain(stream) => {
                let mut bytes = vec![0; 64];
                match stream.read(&mut bytes) {
                    Ok(0) => Err("the target has closed the good connection".into()),
                    Ok(length) => Ok(Some(bytes[..length].to_vec())),
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(None),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }
}

/// A send that may also find nobody, or lose the peer it had chosen.
fn taken<M>(result: Result<(), zmq::SendError<M>>) -> Result {
    match result.map_err(|refused| refused.error) {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::WouldBlock | ErrorKind::Dropped | ErrorKind::HostUnreachable
            ) =>
        {
            Err(error.into())
        }
        _ => Ok(()),
    }
}

struct Target {
    socket: Socket<Any>,
    talk: Talk,
    good: Good,
    count: u64,
    /// Requests of which the reply did not come.
    lost: u64,
}

impl Target {
    fn receives(&self) -> bool {
        !matches!(self.socket.kind(), SocketKind::Pub | SocketKind::Push)
    }

    /// Takes all that has come, and whether the text was among it.
    fn drain(&self, text: &str) -> Result<bool> {
        let mut found = false;
        while self.receives() {
            let message: Multipart = match self.socket.try_recv_multipart() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                // An XPUB takes a frame for a subscription, also one in the middle of a message.
                Err(error) if error.kind() == ErrorKind::Truncated => continue,
                // A REQ whose request went to somebody who has left.
                Err(error) if error.kind() == ErrorKind::Dropped => break,
                Err(error) if error.kind() == ErrorKind::InvalidState => break,
                Err(error) => return Err(error.into()),
            };
            let last = message.len() - 1;
            found |= message[last] == *text;
            // To a STREAM an empty message is the connection's beginning, its end, or the order to
            // end it.
            if self.talk == Talk::Echo && !message[last].is_empty() {
                taken(self.socket.try_send_multipart(message))?;
            } else if self.socket.kind() == SocketKind::Rep {
                taken(self.socket.try_send("what?"))?;
            }
        }
        Ok(found)
    }

    /// Serves the good peer once, whatever else comes.
    fn exchange(&mut self) -> Result {
        let text = format!("good {}", self.count);
        let deadline = Instant::now() + LONG;
        let (mut sent, mut due) = (0, Some(Instant::now()));
        loop {
            let now = Instant::now();
            ensure!(now < deadline, "{text} is not served");
            if due.is_some_and(|due| now >= due) {
                match self.talk {
                    Talk::Asks | Talk::Gives => taken(self.socket.try_send(&text))?,
                    Talk::Takes | Talk::Echo => self.good.send(&text)?,
                }
                let again = match self.socket.kind() {
                    // libzmq's REP loses the reply to a client when another one has sent a request
                    // without a delimiter and left.
                    SocketKind::Rep => Some(200),
                    _ if self.talk == Talk::Echo => None,
                    // A target that chooses its receiver may choose somebody else, and what comes
                    // before a subscription goes to nobody.
                    _ => Some(20),
                };
                due = again.map(|again| now + Duration::from_millis(again));
                sent += 1;
            }
            let arrived = self.drain(&text)?;
            let came = match self.talk {
                Talk::Takes => arrived,
                Talk::Echo | Talk::Gives => {
                    let came = self.good.next()?;
                    came.is_some_and(|came| came == text.as_bytes())
                }
                Talk::Asks => {
                    if let Some(asked) = self.good.next()? {
                        self.good.send(std::str::from_utf8(&asked)?)?;
                    }
                    arrived
                }
            };
            if came {
                self.count += 1;
                if self.socket.kind() == SocketKind::Rep {
                    self.lost += sent - 1;
                }
                return Ok(());
            }
            self.wait()?;
        }
    }

    /// Until something comes, or a moment.
    fn wait(&self) -> Result {
        let good = match &self.good {
            Good::Zmq(good) => good.poll_in(),
            Good::Plain(good) => good.as_fd().into(),
        };
        zmq::poll(
            [self.socket.poll_in(), good],
            Some(Duration::from_millis(2)),
        )?;
        Ok(())
    }
}

/// Lets a REQ send its request again.
fn repeats(socket: &Socket<Any>) -> Result {
    socket.set_req_relaxed(true)?;
    Ok(socket.set_req_correlate(true)?)
}

/// The process that is attacked, and a good peer in it.
pub(in crate::scenarios) fn target(arguments: &[String]) -> Result {
    let kind = match arguments {
        [number] => SocketKind::from_raw(number.parse()?),
        _ => None,
    };
    let kind = kind.ok_or("target NUMBER")?;
    let lines = end_with_parent();
    system::raise_descriptor_limit()?;
    let context = Context::new()?;
    let socket = patient(context.socket_of(kind)?)?;
    match kind {
        SocketKind::Req => repeats(&socket)?,
        SocketKind::Sub | SocketKind::XSub => socket.subscribe("good")?,
        _ => {}
    }
    socket.bind("tcp://127.0.0.1:*")?;
    let endpoint = socket.last_endpoint()?;
    let address = endpoint.strip_prefix("tcp://").ok_or("a tcp endpoint")?;
    let (good_kind, talk) = good_peer(kind);
    let good = if kind == SocketKind::Stream {
        let stream = TcpStream::connect(address)?;
        stream.set_nonblocking(true)?;
        Good::Plain(stream)
    } else {
        let good = patient(context.socket_of(good_kind)?)?;
        match good_kind {
            SocketKind::Sub => good.subscribe("good")?,
            SocketKind::Req => repeats(&good)?,
            _ => {}
        }
        good.connect(&endpoint)?;
        Good::Zmq(good)
    };
    let mut target = Target {
        socket,
        talk,
        good,
        count: 0,
        lost: 0,
    };
    target.exchange()?;
    let (memory, descriptors) = (system::resident()?, system::descriptors()?);
    tell(address)?;
    while lines.try_recv().is_err() {
        target.exchange()?;
        target.wait()?;
    }
    let (served, lost) = (target.count, target.lost);
    // The same as before, when all have gone.
    let deadline = Instant::now() + LONG;
    loop {
        target.exchange()?;
        let open = system::descriptors()?;
        // See PAIR above.
        if open <= descriptors || kind == SocketKind::Pair {
            break;
        }
        ensure!(
            Instant::now() < deadline,
            "{descriptors} descriptors, {open} afterwards"
        );
        target.wait()?;
    }
    tell(served)?;
    tell(lost)?;
    tell(system::resident()?.saturating_sub(memory))
}
