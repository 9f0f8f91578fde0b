//! The Rust side of the interoperability tests, and the processes it talks to.
#![allow(dead_code, reason = "every test file uses some of it")]

pub mod c;
pub mod program;
pub mod python;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use zmq::{
    CanReceive, CanSend, Context, Dealer, Multipart, Pair, Pub, Pull, Push, Rep, Req, Router,
    SingleFrame, Socket, SocketKind, SocketType, Sub, XPub,
};

/// Long enough for anything that is going to happen; a test that waits this long has failed.
pub const LONG: Duration = Duration::from_secs(30);
/// How often a publisher asks whether it is heard.
const ASK: Duration = Duration::from_millis(10);

const HELLO: &str = "news?";
const HERE: &str = "here";
const ROUTING_ID: &[u8] = b"dealer \xff\x01";

type Frames = Vec<Vec<u8>>;

fn pattern(size: usize) -> Vec<u8> {
    (0..size)
        .map(|index| ((index + size) % 251) as u8)
        .collect()
}

/// The messages that peers of every language send and expect, in this order.
fn script() -> Vec<Frames> {
    let text = |frames: &[&str]| {
        frames
            .iter()
            .map(|frame| frame.as_bytes().to_vec())
            .collect()
    };
    vec![
        text(&["single"]),
        text(&[""]),
        text(&["two", "frames"]),
        text(&["", "between empty frames", ""]),
        text(&["", "", "", ""]),
        vec![pattern(1 << 20)],
        // 255 and 256 bytes are the longest short frame and the shortest long one on the wire.
        vec![
            pattern(255),
            pattern(256),
            vec![],
            pattern(1 << 20),
            b"last".to_vec(),
        ],
    ]
}

/// `first`, and then the frames.
fn behind(first: &[u8], frames: Frames) -> Frames {
    let mut all = vec![first.to_vec()];
    all.extend(frames);
    all
}

// ---- what a socket of each type does -----------------------------------------------------------

/// What the Rust socket of this type does, when the peer does the counterpart.
pub trait Play: SocketType + Default {
    /// Before it binds or connects.
    fn prepare(_socket: &Socket<Self>) {}

    /// `report` is connected to the peer's: there a subscriber says that it hears its publisher.
    fn play(socket: &mut Socket<Self>, report: &Socket<Pair>);
}

impl Play for Push {
    fn play(socket: &mut Socket<Push>, _report: &Socket<Pair>) {
        script().into_iter().for_each(|frames| send(socket, frames));
    }
}

impl Play for Pull {
    fn play(socket: &mut Socket<Pull>, _report: &Socket<Pair>) {
        script()
            .into_iter()
            .for_each(|frames| expect(socket, frames));
    }
}

impl Play for Req {
    fn play(socket: &mut Socket<Req>, _report: &Socket<Pair>) {
        for frames in script() {
            let pending = socket.request_multipart(frames.clone()).unwrap();
            compare(&pending.recv_multipart().unwrap(), &frames);
        }
    }
}

impl Play for Rep {
    fn play(socket: &mut Socket<Rep>, _report: &Socket<Pair>) {
        for frames in script() {
            let mut request = socket.next_request().unwrap();
            compare(&request, &frames);
            let echo = request.take();
            request.reply_multipart(echo).unwrap();
        }
    }
}

impl Play for Dealer {
    fn prepare(socket: &Socket<Dealer>) {
        socket.set_routing_id(ROUTING_ID).unwrap();
    }

    fn play(socket: &mut Socket<Dealer>, _report: &Socket<Pair>) {
        script().into_iter().for_each(|frames| send(socket, frames));
        script()
            .into_iter()
            .for_each(|frames| expect(socket, frames));
    }
}

impl Play for Router {
    fn prepare(socket: &Socket<Router>) {
        socket.set_router_mandatory(true).unwrap();
    }

    fn play(socket: &mut Socket<Router>, _report: &Socket<Pair>) {
        for frames in script() {
            let received = socket.recv_multipart().unwrap();
            compare(&received, &behind(ROUTING_ID, frames));
            socket.send_multipart(received).unwrap();
        }
    }
}

impl Play for Pair {
    fn play(socket: &mut Socket<Pair>, _report: &Socket<Pair>) {
        script().into_iter().for_each(|frames| send(socket, frames));
        script()
            .into_iter()
            .for_each(|frames| expect(socket, frames));
    }
}

impl Play for Pub {
    /// A PUB cannot see its subscribers, so it asks until one says that it hears.
    fn play(socket: &mut Socket<Pub>, report: &Socket<Pair>) {
        let begin = Instant::now();
        loop {
            socket.send(HELLO).unwrap();
            let [answer] = zmq::poll([report.poll_in()], Some(ASK)).unwrap();
            if answer.is_readable() {
                break;
            }
            assert!(begin.elapsed() < LONG, "no subscriber hears");
        }
        assert_eq!(report.recv().unwrap(), HERE);
        publish(socket);
    }
}

impl Play for XPub {
    fn play(socket: &mut Socket<XPub>, report: &Socket<Pair>) {
        assert_eq!(socket.recv().unwrap(), b"\x01news");
        socket.send(HELLO).unwrap();
        assert_eq!(report.recv().unwrap(), HERE);
        publish(socket);
    }
}

fn publish<T: CanSend + SingleFrame>(socket: &Socket<T>) {
    socket.send("old news").unwrap();
    socket.send("news!").unwrap();
    for frames in script() {
        send(socket, behind(b"weather", frames.clone()));
        send(socket, behind(b"news", frames));
    }
}

impl Play for Sub {
    fn prepare(socket: &Socket<Sub>) {
        socket.subscribe("news").unwrap();
    }

    fn play(socket: &mut Socket<Sub>, report: &Socket<Pair>) {
        assert_eq!(socket.recv().unwrap(), HELLO);
        report.send(HERE).unwrap();
        let mut received = socket.recv().unwrap();
        while received == HELLO {
            received = socket.recv().unwrap();
        }
        assert_eq!(received, "news!");
        for frames in script() {
            expect(socket, behind(b"news", frames));
        }
    }
}

fn send<T: CanSend + SingleFrame>(socket: &Socket<T>, mut frames: Frames) {
    if frames.len() == 1 {
        socket.send(frames.remove(0)).unwrap();
    } else {
        socket.send_multipart(frames).unwrap();
    }
}

fn expect<T: CanReceive + SingleFrame>(socket: &Socket<T>, frames: Frames) {
    if frames.len() == 1 {
        compare(&socket.recv().unwrap().into(), &frames);
    } else {
        compare(&socket.recv_multipart().unwrap(), &frames);
    }
}

/// Says the sizes where they differ: a mebibyte is nothing to print.
#[track_caller]
fn compare(received: &Multipart, frames: &Frames) {
    let sizes: Vec<usize> = received.iter().map(|frame| frame.len()).collect();
    let expected: Vec<usize> = frames.iter().map(Vec::len).collect();
    assert_eq!(sizes, expected, "sizes of the frames");
    for (index, (frame, expected)) in received.iter().zip(frames).enumerate() {
        assert!(
            *frame == *expected,
            "frame {index} of {sizes:?} bytes has another content"
        );
    }
}

// ---- two processes -----------------------------------------------------------------------------

/// Makes the command that runs a peer with these arguments: role, `bind` or `connect`, endpoint,
/// endpoint of the report.
pub type Start = fn(arguments: &[&str]) -> Command;

/// Lets a Rust socket of type `T` play with a peer of another language in the given role: over
/// every transport that crosses processes, and with either side binding.
pub fn meet<T: Play>(start: Start, role: &str) {
    // `ipc://*` would lay its endpoints in the working directory.
    let folder = tempfile::tempdir().unwrap();
    let ipc = |name| format!("ipc://{}/{name}", folder.path().display());
    let tcp = "tcp://127.0.0.1:*".to_string();
    let mut endpoints = vec![(tcp.clone(), tcp)];
    if cfg!(unix) {
        endpoints.push((ipc("rust"), ipc("peer"))); // not every libzmq for Windows has it
    }
    for (ours, theirs) in endpoints {
        let (context, report) = context_with_report();
        let report_endpoint = report.last_endpoint().unwrap();

        let mut socket = open::<T>(&context);
        socket.bind(&ours).unwrap();
        let endpoint = socket.last_endpoint().unwrap();
        let peer = Peer::run(start(&[role, "connect", &endpoint, &report_endpoint]));
        T::play(&mut socket, &report);
        peer.finish();
        drop((socket, report));

        // A report of its own: the PAIR may not have noticed yet that its first peer is gone.
        let report = report_of(&context);
        let report_endpoint = report.last_endpoint().unwrap();
        let peer = Peer::run(start(&[role, "bind", &theirs, &report_endpoint]));
        let mut socket = open::<T>(&context);
        socket.connect(&peer.endpoint()).unwrap();
        T::play(&mut socket, &report);
        peer.finish();
    }
}

/// A peer that gets anything but the script must say so, or no test here could fail on its side.
pub fn a_peer_refuses_what_is_not_in_the_script(start: Start) {
    let (context, report) = context_with_report();
    let socket = open::<Push>(&context);
    socket.bind("tcp://127.0.0.1:*").unwrap();
    let peer = start(&[
        "pull",
        "connect",
        &socket.last_endpoint().unwrap(),
        &report.last_endpoint().unwrap(),
    ])
    .stdout(Stdio::null())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    socket.send_multipart(["single", "and more"]).unwrap();
    let output = peer.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("wrong message"), "{said}");
}

fn context_with_report() -> (Context, Socket<Pair>) {
    let context = Context::new().unwrap();
    let report = report_of(&context);
    (context, report)
}

fn report_of(context: &Context) -> Socket<Pair> {
    let report = patient(context.socket(zmq::PAIR).unwrap());
    report.bind("tcp://127.0.0.1:*").unwrap();
    report
}

fn open<T: Play>(context: &Context) -> Socket<T> {
    let socket = patient(context.socket(T::default()).unwrap());
    T::prepare(&socket);
    socket
}

/// A socket that gives up after [`LONG`], and lingers no longer.
pub fn patient<T: SocketType>(socket: Socket<T>) -> Socket<T> {
    socket.set_rcvtimeo(Some(LONG)).unwrap();
    socket.set_sndtimeo(Some(LONG)).unwrap();
    // The subscribers' own linger is none: subscriptions are nothing to wait for.
    if socket.kind() != SocketKind::Sub {
        socket.set_linger(Some(LONG)).unwrap();
    }
    socket
}

/// A process that plays the other side. What it says on stderr is seen as it comes.
pub struct Peer {
    child: Child,
    lines: Receiver<String>,
}

impl Peer {
    pub fn run(mut command: Command) -> Peer {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line); // nobody may be interested any more
            }
        });
        Peer { child, lines }
    }

    /// The endpoint it has bound.
    pub fn endpoint(&self) -> String {
        loop {
            let line = self
                .lines
                .recv_timeout(LONG)
                .expect("the peer says what it bound");
            // In a test binary the harness has begun the line.
            if let Some((_, endpoint)) = line.split_once("bound ") {
                return endpoint.to_owned();
            }
        }
    }

    /// Waits for its end, which must be a good one.
    pub fn finish(mut self) {
        // The pipe ends with the process.
        let deadline = Instant::now() + 2 * LONG;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the peer does not end"),
            }
        }
        let status = self.child.wait().unwrap();
        assert!(status.success(), "the peer ended with {status}");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Both fail when it has ended and been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
