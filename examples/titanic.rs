//! Titanic: a service that keeps requests and replies on disk, so that neither client nor worker has
//! to be there when the other is. It needs mdbroker at tcp://localhost:5555; ticlient is its client.
//!
//! `titanic [-v]` keeps its files in the folder `.titanic`. Clients call `titanic.request` with
//! `[service][body…]` and get `["200"][uuid]`, then `titanic.reply` with `[uuid]` until they get
//! `["200"][reply…]`, and at last `titanic.close` with `[uuid]`. Other answers: 300 for a reply that
//! is not there yet, 400 for what cannot be known, 500 for a disk that fails.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use zguide::Interrupt;
use zguide::mdcliapi::Client;
use zguide::mdwrkapi::Worker;
use zmq::{Context, Multipart, Pair, Socket};

const BROKER: &str = "tcp://localhost:5555";
const TITANIC_DIR: &str = ".titanic";

/// Names one request: 32 upper-case hexadecimal digits, and so nothing that leads out of the folder.
struct Uuid(String);

impl Uuid {
    fn generate() -> Uuid {
        Uuid(format!("{:032X}", fastrand::u128(..)))
    }

    fn parse(bytes: &[u8]) -> Option<Uuid> {
        let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte);
        let valid = bytes.len() == 32 && bytes.iter().all(is_digit);
        valid.then(|| Uuid(String::from_utf8_lossy(bytes).into()))
    }

    fn request_file(&self) -> PathBuf {
        Path::new(TITANIC_DIR).join(format!("{}.req", self.0))
    }

    fn reply_file(&self) -> PathBuf {
        Path::new(TITANIC_DIR).join(format!("{}.rep", self.0))
    }
}

/// Writes a message under another name first: whoever finds the file finds all of it. Each frame
/// follows its length.
fn save(file: &Path, message: &Multipart) -> io::Result<()> {
    let mut bytes = Vec::new();
    for frame in message {
        bytes.extend((frame.len() as u64).to_le_bytes());
        bytes.extend_from_slice(frame);
    }
    let unfinished = file.with_extension("tmp");
    fs::write(&unfinished, bytes)?;
    fs::rename(unfinished, file)
}

fn load(file: &Path) -> io::Result<Multipart> {
    let bytes = fs::read(file)?;
    let mut message = Multipart::new();
    let mut rest = &bytes[..];
    while let Some((length, frames)) = rest.split_first_chunk() {
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let frame = frames.get(..length).ok_or(ErrorKind::InvalidData)?;
        message.push_back(frame);
        rest = &frames[length..];
    }
    Ok(message)
}

/// Prints what the disk said, and makes it a reply.
fn failed(error: &io::Error) -> Multipart {
    println!("E: {error}");
    ["500"].into()
}

/// Keeps requests: each is on disk before its client learns the name, and the dispatcher too.
fn titanic_request(context: &Context, pipe: &Socket<Pair>) -> zmq::Result<()> {
    let mut worker = Worker::connect(context, BROKER, "titanic.request", false)?;
    loop {
        let request = worker.next_request()?;
        let uuid = Uuid::generate();
        let reply = match request.body().get(..2) {
            Some([service, _]) if !service.is_empty() => {
                match save(&uuid.request_file(), request.body()) {
                    Ok(()) => {
                        pipe.send(&uuid.0)?;
                        ["200", &uuid.0].into()
                    }
                    Err(error) => failed(&error),
                }
            }
            _ => ["400"].into(),
        };
        request.reply(reply)?;
    }
}

/// Gives the reply to a request, if there is one.
fn titanic_reply(context: &Context) -> zmq::Result<()> {
    let mut worker = Worker::connect(context, BROKER, "titanic.reply", false)?;
    loop {
        let request = worker.next_request()?;
        let uuid = request.body().first().and_then(|frame| Uuid::parse(frame));
        let reply = match uuid.map(|uuid| (load(&uuid.reply_file()), uuid)) {
            Some((Ok(mut reply), _)) => {
                reply.push_front("200");
                reply
            }
            Some((Err(error), _)) if error.kind() != ErrorKind::NotFound => failed(&error),
            Some((_, uuid)) if uuid.request_file().exists() => ["300"].into(),
            _ => ["400"].into(),
        };
        request.reply(reply)?;
    }
}

/// Removes a file, if it is there.
fn forget(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Forgets a request and its reply, as often as it is asked to.
fn titanic_close(context: &Context) -> zmq::Result<()> {
    let mut worker = Worker::connect(context, BROKER, "titanic.close", false)?;
    loop {
        let request = worker.next_request()?;
        let uuid = request.body().first().and_then(|frame| Uuid::parse(frame));
        let reply = match uuid {
            Some(uuid) => {
                let forgotten = forget(&uuid.request_file()).and(forget(&uuid.reply_file()));
                forgotten.map_or_else(|error| failed(&error), |()| ["200"].into())
            }
            None => ["400"].into(),
        };
        request.reply(reply)?;
    }
}

/// Goes through the queue, a file with a line for each request, and tries to get a reply to those
/// that have none.
fn dispatch(context: &Context, verbose: bool) -> io::Result<()> {
    let queue = Path::new(TITANIC_DIR).join("queue");
    let mut queue = match OpenOptions::new().read(true).write(true).open(queue) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    // '-' and the name, or '+' once it is done, and the end of the line.
    let mut entry = [0; 34];
    while queue.read_exact(&mut entry).is_ok() {
        let waiting = Uuid::parse(&entry[1..33]).filter(|_| entry[0] == b'-');
        if let Some(uuid) = waiting {
            if verbose {
                println!("I: processing request {}", uuid.0);
            }
            if call_service(context, &uuid)? {
                let next = queue.stream_position()?;
                queue.seek(SeekFrom::Start(next - entry.len() as u64))?;
                queue.write_all(b"+")?;
                queue.seek(SeekFrom::Start(next))?;
            }
        }
    }
    Ok(())
}

/// Sends a request to its service and keeps the reply; whether that is done for good.
fn call_service(context: &Context, uuid: &Uuid) -> zmq::Result<bool> {
    let mut request = match load(&uuid.request_file()) {
        Ok(request) => request,
        // Its client has closed it.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        Err(error) => {
            println!("E: {error}");
            return Ok(false);
        }
    };
    let Some(mut service) = request.pop_front() else {
        return Ok(true);
    };
    let mut client = Client::connect(context, BROKER, false)?;
    client.set_timeout(Duration::from_secs(1));
    client.set_retries(1);

    // Asks first whether anybody offers the service.
    let found = client.send("mmi.service", [service.share()])?;
    if found.is_none_or(|reply| reply[0] != "200") {
        return Ok(false);
    }
    let Some(reply) = client.send(service, request)? else {
        return Ok(false);
    };
    let saved = save(&uuid.reply_file(), &reply);
    if let Err(error) = &saved {
        println!("E: {error}");
    }
    Ok(saved.is_ok())
}

fn run(context: &Context) -> io::Result<()> {
    let verbose = std::env::args().any(|argument| argument == "-v");
    fs::create_dir_all(TITANIC_DIR)?;
    let (pipe, requests) = context.pipe()?;

    thread::scope(|scope| {
        // Whoever ends first ends the others.
        let _guard = context.shutdown_on_drop();
        scope.spawn(move || {
            let _guard = context.shutdown_on_drop();
            titanic_request(context, &pipe)
        });
        scope.spawn(|| {
            let _guard = context.shutdown_on_drop();
            titanic_reply(context)
        });
        scope.spawn(|| {
            let _guard = context.shutdown_on_drop();
            titanic_close(context)
        });

        // Dispatches at every request, and once per second.
        loop {
            let [request] = zmq::poll([requests.poll_in()], Some(Duration::from_secs(1)))?;
            if request.is_readable() {
                let uuid = requests.recv()?;
                let queue = Path::new(TITANIC_DIR).join("queue");
                let mut queue = OpenOptions::new().append(true).create(true).open(queue)?;
                queue.write_all(format!("-{uuid}\n").as_bytes())?;
            }
            dispatch(context, verbose)?;
        }
    })
}

fn main() -> io::Result<()> {
    let context = Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    run(&context).or_else(|error| if interrupt.came() { Ok(()) } else { Err(error) })
}
