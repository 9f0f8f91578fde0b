//! What the tests share.
#![allow(dead_code, reason = "every test file uses some of it")]

pub mod c;
#[cfg(unix)]
pub mod fork;

use std::any::Any;
use std::cell::RefCell;
use std::env;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, ErrorKind, Pull, Push, Socket, SocketKind, SocketType};

/// Long enough for anything that is going to happen; a test that waits this long has failed.
pub const LONG: Duration = Duration::from_secs(30);

/// How much early libzmq's clock of whole milliseconds may end a wait that was woken in between.
pub const CLOCK: Duration = Duration::from_millis(2);

/// The rounds of a stress test: 50 times as many where somebody asks for it.
pub fn many(rounds: usize) -> usize {
    match env::var_os("ZMQ_TEST_LONG") {
        Some(_) => 50 * rounds,
        None => rounds,
    }
}

pub const NO_TIME: Option<Duration> = Some(Duration::ZERO);
pub const SHORT: Option<Duration> = Some(Duration::from_millis(10));

/// Runs `body` in a process of its own, so that an abort or a hang is seen as a failure of the
/// test `name`, which calls this as all it does.
#[track_caller]
pub fn in_child(name: &str, body: impl FnOnce()) {
    const MARK: &str = "ZMQ_TEST_CHILD";
    if env::var(MARK).as_deref() == Ok(name) {
        body();
        return;
    }
    let mut child = Command::new(env::current_exe().expect("path of this test"))
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(MARK, name)
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test as a child");
    let mut output = child.stdout.take().expect("piped");
    let (sender, done) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        let _ = output.read_to_string(&mut text);
        let _ = sender.send(());
        text
    });
    // The pipe ends with the process.
    let hung = done.recv_timeout(2 * LONG).is_err();
    if hung {
        let _ = child.kill();
    }
    let status = child.wait().expect("child's status");
    let text = reader.join().expect("reader of the child's output");
    assert!(!hung, "{name} hung; it printed:\n{text}");
    assert!(
        status.success(),
        "{name} ended with {status}; it printed:\n{text}"
    );
    assert!(
        text.contains("1 passed"),
        "{name} is no test; the child printed:\n{text}"
    );
}

/// The processor time that the process has used.
#[cfg(unix)]
pub fn processor_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is writable.
    let got = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(got, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A context and two connected sockets, the first bound to a free tcp port, whose waits end with an
/// error instead of never.
pub fn connected<A: SocketType, B: SocketType>(a: A, b: B) -> (Context, Socket<A>, Socket<B>) {
    connected_over("tcp://127.0.0.1:*", a, b)
}

/// The endpoint; for `ipc://*`, which libzmq lays in the working directory, one in a folder that goes
/// with this thread.
pub fn endpoint(wildcard: &str) -> String {
    thread_local! {
        static FOLDERS: RefCell<Vec<tempfile::TempDir>> = const { RefCell::new(Vec::new()) };
    }
    if wildcard != "ipc://*" {
        return wildcard.into();
    }
    let folder = tempfile::tempdir().unwrap();
    let endpoint = format!("ipc://{}/socket", folder.path().display());
    FOLDERS.with_borrow_mut(|folders| folders.push(folder));
    endpoint
}

/// The same over the endpoint given.
pub fn connected_over<A: SocketType, B: SocketType>(
    endpoint: &str,
    a: A,
    b: B,
) -> (Context, Socket<A>, Socket<B>) {
    prepared(endpoint, a, b, |_, _| ())
}

/// The same, with options that have to be set before.
pub fn prepared<A: SocketType, B: SocketType>(
    endpoint: &str,
    a: A,
    b: B,
    prepare: impl FnOnce(&Socket<A>, &Socket<B>),
) -> (Context, Socket<A>, Socket<B>) {
    let context = Context::new().unwrap();
    let a = patient(context.socket(a).unwrap());
    let b = patient(context.socket(b).unwrap());
    prepare(&a, &b);
    a.bind(&self::endpoint(endpoint)).unwrap();
    b.connect(&a.last_endpoint().unwrap()).unwrap();
    (context, a, b)
}

/// A socket that gives up after [`LONG`], and lingers no longer.
pub fn patient<T: SocketType>(socket: Socket<T>) -> Socket<T> {
    socket.set_rcvtimeo(Some(LONG)).unwrap();
    socket.set_sndtimeo(Some(LONG)).unwrap();
    // The subscribers' own linger is none: subscriptions are nothing to wait for.
    if !matches!(
        socket.kind(),
        SocketKind::Sub | SocketKind::XSub | SocketKind::Dish
    ) {
        socket.set_linger(Some(LONG)).unwrap();
    }
    socket
}

/// A context, and a patient socket that is neither bound nor connected.
pub fn context_and<T: SocketType>(socket_type: T) -> (Context, Socket<T>) {
    let context = Context::new().unwrap();
    let socket = patient(context.socket(socket_type).unwrap());
    (context, socket)
}

/// A context whose sockets can be bound to the endpoint: none where it is one of IPv6, and this machine
/// has no IPv6.
pub fn context_for(endpoint: &str) -> Option<Context> {
    let context = Context::new().unwrap();
    if endpoint.contains("[::1]") {
        TcpListener::bind("[::1]:0").ok()?;
        context.set_ipv6(true).unwrap();
    }
    Some(context)
}

/// Whether the draft types cannot be tried, because this libzmq was built without them.
pub fn lacks_drafts() -> bool {
    !zmq::has(zmq::Capability::Draft)
}

/// A pipeline within the process: what was sent is there at once.
pub fn pipeline() -> (Socket<Push>, Socket<Pull>) {
    let (_context, pull, push) = connected_over("inproc://pipeline", zmq::PULL, zmq::PUSH);
    (push, pull)
}

/// Bytes that tell how many messages hold them: long enough to be shared and not copied.
pub fn counted(tag: u8) -> Arc<[u8]> {
    vec![tag; 4000].into()
}

/// How many messages hold the bytes.
pub fn holders(bytes: &Arc<[u8]>) -> usize {
    Arc::strong_count(bytes) - 1
}

/// Drops each value on a thread of its own, all at the same time.
pub fn drop_together<const N: usize>(values: [Box<dyn Any + Send>; N]) {
    let start = Barrier::new(N);
    thread::scope(|scope| {
        for value in values {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                drop(value);
            });
        }
    });
}

/// Lowers the limit of descriptors of this process, which is the test's own.
#[cfg(unix)]
pub fn limit_descriptors(most: libc::rlim_t) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is writable.
    let read = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    limit.rlim_cur = most;
    // SAFETY: `limit` is readable.
    let set = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!((read, set), (0, 0));
}

/// A patient socket of the context, bound to the endpoint.
pub fn bound<T: SocketType>(context: &Context, socket_type: T, endpoint: &str) -> Socket<T> {
    let socket = patient(context.socket(socket_type).unwrap());
    socket.bind(&self::endpoint(endpoint)).unwrap();
    socket
}

/// A patient socket of the same context, connected to another.
pub fn peer_of<T: SocketType, B: SocketType>(bound: &Socket<B>, socket_type: T) -> Socket<T> {
    let socket = patient(bound.context().socket(socket_type).unwrap());
    socket.connect(&bound.last_endpoint().unwrap()).unwrap();
    socket
}

/// A tcp endpoint that nobody is bound to, for [`bind_again`]. On Linux its host is one of the many of
/// the loopback, where nobody else gets that port for the asking.
pub fn free_tcp() -> String {
    let [_, a, b, c] = std::process::id().to_be_bytes();
    let host = match cfg!(target_os = "linux") {
        true => Ipv4Addr::new(127, a % 100 + 1, b, c),
        false => Ipv4Addr::LOCALHOST,
    };
    let free = TcpListener::bind((host, 0)).unwrap();
    format!("tcp://{}", free.local_addr().unwrap())
}

/// Binds to the endpoint, which is free but for whoever else took its port meanwhile.
pub fn bind_again<T: SocketType>(socket: &Socket<T>, endpoint: &str) {
    let end = Instant::now() + LONG;
    while let Err(error) = socket.bind(endpoint) {
        assert_eq!(error.kind(), ErrorKind::AddressInUse);
        assert!(Instant::now() < end, "{endpoint} is never free");
        thread::sleep(Duration::from_millis(1));
    }
}
