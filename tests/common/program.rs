//! Programs of the guide as processes of their own.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::{LONG, python};

/// The ports of the guide are fixed, so programs that bind them run one test after another. Hold it
/// for the whole test.
pub fn ports() -> MutexGuard<'static, ()> {
    static PORTS: Mutex<()> = Mutex::new(());
    PORTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until somebody listens at this port, for programs that say nothing when they are ready.
#[track_caller]
pub fn listens(port: u16) {
    let end = Instant::now() + LONG;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "nobody listens at port {port}");
        thread::yield_now();
    }
}

/// A program that runs, and what it prints on both streams. Dropping it kills it.
pub struct Program {
    name: String,
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

/// Where cargo puts the examples: beside the folder of this test.
fn example(name: &str) -> PathBuf {
    let test = env::current_exe().expect("path of this test");
    let folder = test.ancestors().nth(2).expect("target/debug");
    let path = folder.join("examples").join(name);
    assert!(
        path.exists(),
        "{} is missing: `cargo test` builds it, `cargo test --test …` does not",
        path.display()
    );
    path
}

impl Program {
    /// Starts an example of this package.
    #[track_caller]
    pub fn example(name: &str, arguments: &[&str]) -> Program {
        Program::example_in(".", name, arguments)
    }

    /// Starts an example of this package in a working directory of its own, where its `ipc`
    /// endpoints and files are.
    #[track_caller]
    pub fn example_in(folder: impl AsRef<Path>, name: &str, arguments: &[&str]) -> Program {
        let mut command = Command::new(example(name));
        command.args(arguments).current_dir(folder);
        Program::start(name, command)
    }

    /// Starts a script of `tests/peers` that plays the other side, if there is a Python for it.
    #[track_caller]
    pub fn python(script: &str, arguments: &[&str]) -> Option<Program> {
        python::available(script).then(|| Program::start(script, python::run(script, arguments)))
    }

    /// Starts any other program. Its output has to be flushed line by line.
    #[track_caller]
    pub fn start(name: &str, mut command: Command) -> Program {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let (sender, lines) = mpsc::channel();
        let errors = sender.clone();
        let (output, error) = (child.stdout.take(), child.stderr.take());
        thread::spawn(move || {
            let lines = BufReader::new(output.expect("piped")).lines();
            lines
                .map_while(Result::ok)
                .all(|line| sender.send(line).is_ok())
        });
        thread::spawn(move || {
            let lines = BufReader::new(error.expect("piped")).lines();
            lines
                .map_while(Result::ok)
                .all(|line| errors.send(line).is_ok())
        });
        Program {
            name: name.into(),
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// Waits for a line that contains `text`, and gives it.
    #[track_caller]
    pub fn says(&mut self, text: &str) -> String {
        let end = Instant::now() + LONG;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.said.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(reason) => self.fail(&format!("never said {text:?} ({reason:?})")),
            }
        }
    }

    /// Writes a line to the program, as a user who types it.
    pub fn type_line(&mut self, line: &str) {
        use std::io::Write as _;
        let input = self.child.stdin.as_mut().expect("piped");
        writeln!(input, "{line}").unwrap();
    }

    /// Ends the input, as a user who types Ctrl-D.
    pub fn end_input(&mut self) {
        self.child.stdin = None;
    }

    /// Sends SIGINT, as Ctrl-C does.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        self.signal(libc::SIGINT);
    }

    #[cfg(unix)]
    pub fn signal(&self, signal: libc::c_int) {
        let id = libc::pid_t::try_from(self.child.id()).unwrap();
        // SAFETY: a child of this process that has not been waited for.
        assert_eq!(unsafe { libc::kill(id, signal) }, 0);
    }

    /// Waits for the end, which has to come by itself, and gives all that was printed.
    #[track_caller]
    pub fn ends(mut self) -> (ExitStatus, Vec<String>) {
        let end = Instant::now() + LONG;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => self.fail("does not end"),
            }
        }
        // It has closed its output.
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                self.fail("does not end");
            }
            thread::yield_now();
        };
        (status, std::mem::take(&mut self.said))
    }

    /// Waits for the end with exit code 0, and gives all that was printed.
    #[track_caller]
    pub fn succeeds(self) -> Vec<String> {
        let name = self.name.clone();
        let (status, said) = self.ends();
        assert!(status.success(), "{name}: {status}\n{}", said.join("\n"));
        said
    }

    /// Interrupts it, and waits for the end with exit code 0.
    #[cfg(unix)]
    #[track_caller]
    pub fn leaves(self) -> Vec<String> {
        self.interrupt();
        self.succeeds()
    }

    #[track_caller]
    fn fail(&mut self, what: &str) -> ! {
        panic!("{} {what}; it said:\n{}", self.name, self.said.join("\n"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
