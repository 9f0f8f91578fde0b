//! Other processes: this program again, as a peer that can be killed.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{self, Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, ErrorKind, Socket, SocketType};

use crate::scenario::SCENARIO;
use crate::{Failure, LONG, Result, Values, scenarios};

/// The first argument of the program when it is to be a peer.
const PEER: &str = "peer";

/// What a peer does, with the arguments that it was started with.
pub type Body = fn(&[String]) -> Result;

/// What this process is, if it was started by [`Scenario::run`](crate::Scenario::run) or
/// [`Peer::start`]: then it does that and ends.
pub fn perform_and_exit(arguments: &[String]) {
    let code = match arguments {
        [mark, name, settings @ ..] if mark == SCENARIO => {
            match (scenarios::named(name), Values::parse(settings)) {
                (Some(scenario), Ok(values)) => scenario.perform(&values),
                _ => 2,
            }
        }
        [mark, name, arguments @ ..] if mark == PEER => {
            let body = scenarios::PEERS.iter().find(|(known, _)| known == name);
            match body.map(|(_, body)| body(arguments)) {
                Some(Ok(())) => 0,
                Some(Err(error)) => {
                    eprintln!("{name}: {error}");
                    1
                }
                None => 2,
            }
        }
        _ => return,
    };
    process::exit(code);
}

/// Ends this process when its parent closes the pipe to it, be it by dying. What the parent writes
/// comes line by line.
pub fn end_with_parent() -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            let _ = sender.send(line); // not every peer is told something
        }
        process::exit(3);
    });
    lines
}

/// Tells the parent a line.
pub fn tell(line: impl std::fmt::Display) -> Result {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}

/// A process of this program. It is killed when dropped.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts the peer of that name.
    pub fn start(name: &str, arguments: &[&str]) -> Result<Peer> {
        Peer::start_by(&[], name, arguments)
    }

    /// Starts it by a command such as `unshare`, which runs what follows it.
    pub fn start_by(starter: &[&str], name: &str, arguments: &[&str]) -> Result<Peer> {
        let program = program()?;
        let mut command = match starter {
            [] => Command::new(&program),
            [starter, options @ ..] => {
                let mut command = Command::new(starter);
                command.args(options).arg(&program);
                command
            }
        };
        let mut child = command
            .args([PEER, name])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{starter:?} {name}: {error}"))?;
        let output = BufReader::new(child.stdout.take().ok_or("stdout is a pipe")?);
        Ok(Peer { child, output })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes it a line.
    pub fn tell(&mut self, line: &str) -> Result {
        let input = self.child.stdin.as_mut().ok_or("stdin is a pipe")?;
        Ok(writeln!(input, "{line}")?)
    }

    /// Waits for its next line; `None` at its end.
    pub fn line(&mut self) -> Result<Option<String>> {
        let mut line = String::new();
        let length = self.output.read_line(&mut line)?;
        Ok((length > 0 && line.ends_with('\n')).then(|| line.trim_end().to_owned()))
    }

    /// The same; an end is a failure.
    pub fn expect_line(&mut self) -> Result<String> {
        match self.line()? {
            Some(line) => Ok(line),
            None => Err(format!("a peer ended with {}", self.child.wait()?).into()),
        }
    }

    /// How it ended, if it has or is about to.
    pub fn fate(&mut self) -> String {
        // It may be just ending.
        let deadline = Instant::now() + Duration::from_secs(2);
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return format!("the peer ended with {status}"),
                _ if Instant::now() > deadline => return "the peer lives".to_owned(),
                _ => thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) -> Result {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits for its end, and returns what it had still told.
    pub fn end(mut self) -> Result<(Vec<String>, ExitStatus)> {
        let mut lines = Vec::new();
        while let Some(line) = self.line()? {
            lines.push(line);
        }
        let status = self.child.wait()?;
        Ok((lines, status))
    }

    /// Waits for its end, which must be a good one, and returns what it had still told.
    pub fn good_end(self) -> Result<Vec<String>> {
        let (lines, status) = self.end()?;
        crate::ensure!(status.success(), "a peer ended with {status}");
        Ok(lines)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Result<PathBuf, Failure> {
    Ok(env::current_exe()?)
}

/// A socket that gives up after [`LONG`], and does not linger.
pub fn patient<T: SocketType>(socket: Socket<T>) -> Result<Socket<T>> {
    socket.set_rcvtimeo(Some(LONG))?;
    socket.set_sndtimeo(Some(LONG))?;
    socket.set_linger(Some(Duration::ZERO))?;
    Ok(socket)
}

/// Opens a socket, waiting while libzmq still has too many to close, on a thread of its own.
pub fn open_in_turn<T: SocketType>(context: &Context, socket_type: T) -> Result<Socket<T>> {
    let deadline = Instant::now() + LONG;
    loop {
        match context.socket(socket_type) {
            Err(error) if error.kind() == ErrorKind::TooManyOpen && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(1));
            }
            result => return patient(result?),
        }
    }
}

/// Binds where another process was bound that may be just ending.
pub fn bind_again<T: SocketType>(socket: &Socket<T>, endpoint: &str) -> Result {
    let deadline = Instant::now() + LONG;
    loop {
        match socket.bind(endpoint) {
            Err(error) if error.kind() == ErrorKind::AddressInUse && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(10));
            }
            result => return Ok(result?),
        }
    }
}

/// An endpoint of that transport that is free, in the folder if it is a file.
pub fn endpoint(transport: &str, folder: &Path) -> String {
    match transport {
        "ipc" => format!("ipc://{}/socket", folder.display()),
        "inproc" => "inproc://scenario".to_owned(),
        _ => "tcp://127.0.0.1:*".to_owned(),
    }
}
