//! File descriptors that run out.

use std::cell::Cell;
use std::env;
use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use zmq::auth::Authenticator;
use zmq::{Context, ErrorKind, EventKind, MonitorEvents, Poller};

use crate::parameters::parameter;
use crate::peer::{Peer, end_with_parent, endpoint, patient, tell};
use crate::{Figures, LONG, Parameter, Result, Scenario, Values, ensure, system};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "few-descriptors",
    promise: "With no file descriptor left, or too few, a call works or is an error of kind \
              `TooManyOpen`, and all is well when there are some again. (A connection that comes in \
              over ipc meanwhile aborts the process, in libzmq.)",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[parameter("most-free", "12", "8")];

fn run(values: &Values, figures: &mut Figures) -> Result {
    let most: u64 = values.get("most-free")?;
    let (mut refused, mut worked) = (0, 0);
    let mut broken = Vec::new();
    for (name, _) in OPERATIONS {
        for free in 0..=most {
            let (lines, status) = Peer::start("scarce", &[name, &free.to_string()])?.end()?;
            match lines.first().map(String::as_str) {
                Some("refused") if status.success() => refused += 1,
                Some("worked") if status.success() => worked += 1,
                _ => broken.push(format!("{name} with {free} ended with {status}, {lines:?}")),
            }
        }
    }
    let mut aborted = Vec::new();
    for transport in ["tcp", "ipc"] {
        // The folder is here, because an aborted peer would leave it.
        let folder = tempfile::tempdir()?;
        let mut peer = Peer::start("crowded", &[&endpoint(transport, folder.path())])?;
        let context = Context::new()?;
        let sender = patient(context.socket(zmq::PUSH)?)?;
        sender.connect(&peer.expect_line()?)?;
        sender.send("hello")?;
        let (lines, status) = peer.end()?;
        match (lines.first(), status.signal()) {
            (Some(line), _) if line == "worked" => worked += 1,
            // libzmq's listener takes this for impossible, and nobody can keep it from accepting.
            (None, Some(libc::SIGABRT)) if transport == "ipc" => aborted.push("accept over ipc"),
            _ => broken.push(format!("accept over {transport} ended with {status}")),
        }
    }
    ensure!(broken.is_empty(), "{}", broken.join("; "));
    figures.note("operations", OPERATIONS.len() + 2);
    figures.note("tried", refused + worked);
    figures.note("worked", worked);
    figures.note("refused", refused);
    figures.note("aborted, which is known and left", aborted.join(", "));
    Ok(())
}

type Operation = fn(&Prepared) -> zmq::Result<()>;

/// What an operation is tried on, made while there are descriptors.
struct Prepared {
    folder: tempfile::TempDir,
    fresh: Context,
    used: Context,
    socket: zmq::Socket<zmq::Pull>,
    ending: Cell<Option<(Context, zmq::Socket<zmq::Push>)>>,
}

const OPERATIONS: &[(&str, Operation)] = &[
    ("context", |_| Context::new().map(drop)),
    ("first socket", |p| p.fresh.socket(zmq::PULL).map(drop)),
    ("first socket of many threads", |_| {
        let context = Context::new()?;
        context.set_io_threads(3)?;
        context.socket(zmq::PULL).map(drop)
    }),
    ("socket", |p| p.used.socket(zmq::PULL).map(drop)),
    ("pipe", |p| p.used.pipe().map(drop)),
    ("bind tcp", |p| p.socket.bind("tcp://127.0.0.1:*")),
    ("bind tcp to an interface", |p| p.socket.bind("tcp://lo:*")),
    ("bind ipc", |p| {
        p.socket.bind(&endpoint("ipc", p.folder.path()))
    }),
    ("bind ipc anywhere", |p| p.socket.bind("ipc://*")),
    ("bind inproc", |p| p.socket.bind("inproc://bound")),
    ("connect tcp", |p| p.socket.connect("tcp://127.0.0.1:9")),
    ("connect tcp by name", |p| {
        p.socket.connect("tcp://localhost:9")
    }),
    ("connect ipc", |p| {
        p.socket.connect(&endpoint("ipc", p.folder.path()))
    }),
    ("connect inproc", |p| p.socket.connect("inproc://awaited")),
    ("monitor", |p| {
        p.socket.monitor(MonitorEvents::ALL).map(drop)
    }),
    ("authenticator", |p| Authenticator::start(&p.used).map(drop)),
    ("authenticator of a fresh context", |p| {
        Authenticator::start(&p.fresh).map(drop)
    }),
    ("poll", |p| {
        zmq::poll([p.socket.poll_in()], NO_TIME).map(drop)
    }),
    ("poller", |p| {
        let mut poller = Poller::new();
        poller.add((), p.socket.poll_in())?;
        poller.wait(NO_TIME).map(drop)
    }),
    ("end of a context", |p| match p.ending.take() {
        Some((context, waiting)) => {
            drop(waiting);
            context.terminate()
        }
        None => Ok(()),
    }),
    ("key pair", |_| match zmq::curve::KeyPair::new() {
        Err(error) if matches!(error.kind(), ErrorKind::MissingCapability(_)) => Ok(()),
        result => result.map(drop),
    }),
];

/// The most descriptors of a peer here.
const LIMIT: u64 = 100;

const NO_TIME: Option<Duration> = Some(Duration::ZERO);

/// Leaves so many descriptors to be opened. What has to stay open for that is returned.
fn leave(free: usize) -> Result<Vec<File>> {
    system::limit_descriptors(LIMIT)?;
    let mut files = Vec::new();
    let full = loop {
        match File::open("/dev/null") {
            Ok(file) => files.push(file),
            Err(error) => break error,
        }
    };
    ensure!(full.raw_os_error() == Some(libc::EMFILE), "{full}");
    files.truncate(files.len().saturating_sub(free));
    Ok(files)
}

/// Tries an operation with so many descriptors left, and the ordinary things afterwards.
pub(super) fn scarce(arguments: &[String]) -> Result {
    let [name, free] = arguments else {
        return Err("scarce OPERATION FREE".into());
    };
    end_with_parent();
    let operation = OPERATIONS.iter().find(|(known, _)| known == name);
    let (_, operation) = operation.ok_or("no such operation")?;
    let used = Context::new()?;
    let prepared = Prepared {
        folder: tempfile::tempdir()?,
        fresh: Context::new()?,
        socket: patient(used.socket(zmq::PULL)?)?,
        used,
        ending: Cell::new(None),
    };
    let ending = Context::new()?;
    let waiting = patient(ending.socket(zmq::PUSH)?)?;
    waiting.connect("inproc://nobody-binds-this")?;
    prepared.ending.set(Some((ending, waiting)));
    // libzmq makes the file of `ipc://*` where the process is.
    env::set_current_dir(prepared.folder.path())?;
    let files = leave(free.parse()?)?;
    let result = operation(&prepared);
    drop(files);
    // It is as good as ever.
    for context in [&prepared.fresh, &prepared.used] {
        let receiver = patient(context.socket(zmq::PULL)?)?;
        receiver.bind("tcp://127.0.0.1:*")?;
        let sender = patient(context.socket(zmq::PUSH)?)?;
        sender.connect(&receiver.last_endpoint()?)?;
        sender.send("hello")?;
        ensure!(receiver.recv()? == "hello", "another message");
    }
    match result {
        Ok(()) => tell("worked"),
        Err(error) if error.kind() == ErrorKind::TooManyOpen => {
            operation(&prepared)?;
            tell("refused")
        }
        Err(error) => Err(error.into()),
    }
}

/// Is connected to while no descriptor is left, and later again.
pub(super) fn crowded(arguments: &[String]) -> Result {
    let [endpoint] = arguments else {
        return Err("crowded ENDPOINT".into());
    };
    end_with_parent();
    let context = Context::new()?;
    let receiver = patient(context.socket(zmq::PULL)?)?;
    let monitor = receiver.monitor(MonitorEvents::ACCEPT_FAILED)?;
    receiver.bind(endpoint)?;
    let place = receiver.last_endpoint()?;
    let files = leave(0)?;
    tell(place)?;
    let event = monitor.recv_timeout(LONG)?.ok_or("no accept has failed")?;
    let EventKind::AcceptFailed { error, .. } = event.kind else {
        return Err(format!("{event:?} was not asked for").into());
    };
    ensure!(error.kind() == ErrorKind::TooManyOpen, "{error}");
    drop(files);
    ensure!(receiver.recv()? == "hello", "another message");
    tell("worked")
}
