//! Contexts: the I/O threads, and what every socket keeps alive.

mod ending;
mod foreign;
pub(crate) mod inproc;
mod options;
mod start;

use std::cell::Cell;
use std::ffi::c_void;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use ending::{OpenSocket, StillOpen};
pub(crate) use inproc::Inproc;
pub(crate) use start::check_descriptors;

use libc::c_int;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::context::RawContext;
use crate::ffi::fork;
use crate::ffi::schedule::Schedule;
use crate::library::{Capability, has, version};
use crate::socket::{Any, PAIR, Pair, Socket, SocketKind, SocketType};
use ending::Ending;

/// The oldest libzmq this crate is made for.
const OLDEST: (i32, i32, i32) = (4, 3, 4);

/// A ZeroMQ context: its I/O threads and its inproc endpoints (`zmq_ctx_new(3)`).
///
/// Cloning it gives another handle to the same context; it may be used from any thread. Every
/// socket holds one, so values can be dropped in any order.
///
/// # The end of a context
///
/// When the last handle and the last socket are gone, the context is terminated: that **waits**
/// until the messages still queued have been sent or their socket's
/// [linger](Socket::set_linger) has run out, and linger is without end by default, as in C. A
/// program that sends to a peer that is not there therefore waits at its end; set a linger, or
/// end with [`terminate_timeout`](Context::terminate_timeout). In a `static` it is never
/// terminated, and what is queued at exit is lost. If the last handle goes while a thread
/// panics, or with a message's owner, the wait happens on a thread of its own.
///
/// After a `fork` only the parent can use it. In the child every call gives an error of kind
/// [`Forked`](ErrorKind::Forked), and dropping does nothing.
///
/// ```
/// let context = zmq::Context::new()?;
/// let receiver = context.socket(zmq::PULL)?;
/// receiver.bind("inproc://work")?;
///
/// let worker = std::thread::spawn({
///     let context = context.clone(); // the handle goes to the thread, and opens a socket there
///     move || -> zmq::Result<()> {
///         let sender = context.socket(zmq::PUSH)?;
///         sender.connect("inproc://work")?;
///         sender.send("done")?;
///         Ok(())
///     }
/// });
/// assert_eq!(receiver.recv()?, "done");
/// worker.join().unwrap()?;
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_ctx_new")]
#[doc(alias = "zmq_init")]
#[derive(Clone)]
pub struct Context {
    inner: Arc<Inner>,
}

struct Inner {
    /// Taken by `drop` alone.
    raw: Option<RawContext>,
    /// The process it was made in.
    generation: u32,
    /// Somebody else terminates it and sets its options.
    borrowed: bool,
    /// Whether a socket was made, after which some options have no effect.
    started: AtomicBool,
    /// Whether one was made here, so that libzmq's threads run.
    running: AtomicBool,
    /// The most sockets to open.
    max_sockets: AtomicU32,
    /// What sockets are opened with; in milliseconds, -1 is without end.
    linger: Mutex<Option<c_int>>,
    /// How libzmq's threads are to run.
    schedule: Mutex<Schedule>,
    /// How many more libzmq is told of, which are not for the caller.
    reserved: u32,
    inproc: Mutex<Inproc>,
    ending: Arc<Ending>,
}

thread_local! {
    static HELPER: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread must never wait for a context to end.
pub(crate) fn on_helper_thread() {
    HELPER.set(true);
}

/// What every context needs.
fn prepare() -> Result<()> {
    let (major, minor, patch) = version();
    if (major, minor, patch) < OLDEST {
        let (found, built) = (format!("{major}.{minor}.{patch}"), zmq_sys::HEADER_VERSION);
        return Err(Error::own("zmq_version", ErrorKind::LibraryTooOld)
            .on(format_args!(
                "{found}, where {built} was found at the build"
            ))
            .because("4.3.4 or later is needed; older ones have known vulnerabilities"));
    }
    fork::watch();
    Ok(())
}

/// Refuses the draft types where they are not offered: a libzmq without drafts opens them all the
/// same, by number.
pub(crate) fn check_offered(call: &'static str, kind: SocketKind) -> Result<()> {
    if kind.is_draft() && !(cfg!(feature = "draft") && has(Capability::Draft)) {
        let missing = ErrorKind::MissingCapability(Capability::Draft);
        return Err(Error::own(call, missing)
            .on(kind)
            .because(Capability::Draft.remedy()));
    }
    if kind == SocketKind::Dgram {
        return Err(Error::own(call, ErrorKind::NotSupported)
            .on(kind)
            .because("it aborts the process when it sends without being bound"));
    }
    Ok(())
}

/// Whether this is such a thread.
pub(crate) fn is_helper_thread() -> bool {
    HELPER.get()
}

impl Context {
    /// Makes a context. Threads are started with its first socket.
    ///
    /// # Errors
    /// [`TooManyOpen`](ErrorKind::TooManyOpen) without a free file descriptor;
    /// [`LibraryTooOld`](ErrorKind::LibraryTooOld) if the libzmq that the program met at run time is
    /// older than 4.3.4, whatever it was built against.
    pub fn new() -> Result<Context> {
        prepare()?;
        let raw = RawContext::new().map_err(|errno| Error::from_errno("zmq_ctx_new", errno))?;
        let context = Context {
            inner: Arc::new(Inner {
                raw: Some(raw),
                generation: fork::generation(),
                borrowed: false,
                started: AtomicBool::new(false),
                running: AtomicBool::new(false),
                max_sockets: AtomicU32::new(options::MAX_SOCKETS_DEFAULT),
                linger: Mutex::default(),
                schedule: Mutex::default(),
                reserved: options::RESERVED,
                inproc: Mutex::new(Inproc::default()),
                ending: Arc::default(),
            }),
        };
        context.set_max_sockets(options::MAX_SOCKETS_DEFAULT)?;
        Ok(context)
    }

    /// Opens a socket (`zmq_socket(3)`).
    ///
    /// # Errors
    /// [`TooManyOpen`](ErrorKind::TooManyOpen) at the limit of
    /// [`max_sockets`](Context::max_sockets) or of file descriptors,
    /// [`Other`](ErrorKind::Other) where the system has no more threads, which the first socket of a
    /// context starts, and [`PermissionDenied`](ErrorKind::PermissionDenied) or
    /// [`InvalidInput`](ErrorKind::InvalidInput) where it does not let them run as the context's options
    /// say; [`Terminated`](ErrorKind::Terminated) after [`shutdown`](Context::shutdown).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let requester: zmq::Socket<zmq::Req> = context.socket(zmq::REQ)?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_socket")]
    #[track_caller]
    pub fn socket<T: SocketType>(&self, socket_type: T) -> Result<Socket<T>> {
        let _ = socket_type;
        match T::KIND {
            Some(kind) => self.open(kind),
            None => Err(Error::own("zmq_socket", ErrorKind::InvalidInput)
                .on("Any")
                .because("a type known at run time is opened with socket_of")),
        }
    }

    /// Opens a socket of a type known at run time only.
    ///
    /// # Errors
    /// As [`socket`](Context::socket);
    /// [`MissingCapability`](ErrorKind::MissingCapability) for a draft type when this crate was built
    /// without its feature `draft` or libzmq without drafts;
    /// [`NotSupported`](ErrorKind::NotSupported) for [`Dgram`](SocketKind::Dgram).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let socket = context.socket_of(zmq::SocketKind::Dealer)?;
    /// assert_eq!(socket.kind(), zmq::SocketKind::Dealer);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_socket")]
    #[track_caller]
    pub fn socket_of(&self, kind: SocketKind) -> Result<Socket<Any>> {
        self.open(kind)
    }

    /// Opens two PAIR sockets that are connected to each other: a pipe between threads.
    ///
    /// One end moves to another thread, and messages go both ways; nobody else can connect. Each
    /// direction holds 2000 messages, libzmq's default high-water marks of both ends together, and
    /// then sending waits. Whoever sends to an end that is gone waits too: set
    /// [`sndtimeo`](Socket::set_sndtimeo), or use an [`Actor`](crate::Actor), which notices.
    /// Linger makes no difference within a process: what was sent before an end closes can be
    /// received by the other one.
    ///
    /// # Errors
    /// As [`socket`](Context::socket), with room for two.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let (here, there) = context.pipe()?;
    /// let thread = std::thread::spawn(move || there.send("done"));
    /// assert_eq!(here.recv()?, "done");
    /// thread.join().unwrap()?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zsys_create_pipe")]
    #[doc(alias = "zthread_fork")]
    #[track_caller]
    pub fn pipe(&self) -> Result<(Socket<Pair>, Socket<Pair>)> {
        let (bound, connected) = (self.socket(PAIR)?, self.socket(PAIR)?);
        let endpoint = format!("inproc://{}", inproc::unguessable("pipe"));
        bound.bind(&endpoint)?;
        connected.connect(&endpoint)?;
        // The connection stays, and the name is of no more use.
        bound.unbind(&endpoint)?;
        Ok((bound, connected))
    }

    #[track_caller]
    fn open<T: SocketType>(&self, kind: SocketKind) -> Result<Socket<T>> {
        check_offered("zmq_socket", kind)?;
        if self.inner.ending.sockets() >= self.inner.max_sockets.load(Ordering::Relaxed) as usize {
            return Err(Error::own("zmq_socket", ErrorKind::TooManyOpen)
                .on(kind)
                .because("max_sockets are open"));
        }
        let context = self.raw("zmq_socket", kind)?;
        if !self.inner.running.load(Ordering::Relaxed) {
            let schedule = self.schedule().clone();
            start::check(context, &schedule, kind)?;
        }
        let raw = context
            .socket(kind.to_raw())
            .map_err(|errno| Error::from_errno("zmq_socket", errno).on(kind))?;
        #[cfg(feature = "draft")]
        crate::socket::prepare(&raw, kind)?;
        self.inner.started.store(true, Ordering::Relaxed);
        self.inner.running.store(true, Ordering::Relaxed);
        self.set_default_linger(&raw, kind)?;
        Ok(Socket::opened(raw, OpenSocket::here(kind), self.clone()))
    }

    /// Ends every blocking call on this context's sockets, now and later, with an error of kind
    /// [`Terminated`](ErrorKind::Terminated) (`zmq_ctx_shutdown(3)`).
    ///
    /// It may be called from any thread, and more than once. Nothing can be sent or received any
    /// more, except that a send which need not wait may still be taken in the first millisecond:
    /// libzmq looks no more often. What was sent before goes out within its linger.
    ///
    /// # Errors
    /// [`InvalidState`](ErrorKind::InvalidState) on a [borrowed](Context::borrow_raw) context,
    /// [`Forked`](ErrorKind::Forked).
    #[doc(alias = "zmq_ctx_shutdown")]
    pub fn shutdown(&self) -> Result<()> {
        const CALL: &str = "zmq_ctx_shutdown";
        let raw = self.raw(CALL, "")?;
        if self.inner.borrowed {
            return Err(Error::own(CALL, ErrorKind::InvalidState)
                .because("the context is borrowed; its owner ends it"));
        }
        // The lock is held over both, so that no connect comes in between. Nor does a monitor start
        // meanwhile: on a socket that binds on a third thread, which draft types allow, the locks
        // that libzmq takes in the three would make a ring.
        let mut inproc = self.inproc();
        inproc.end();
        raw.shutdown()
            .map_err(|errno| Error::from_errno(CALL, errno))
    }

    /// [Shuts](Context::shutdown) the context down when the guard goes, so that the threads of a
    /// `thread::scope` end also when its body returns early or panics.
    ///
    /// With a [borrowed](Context::borrow_raw) context the guard does nothing.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// std::thread::scope(|scope| -> zmq::Result<()> {
    ///     let _guard = context.shutdown_on_drop();
    ///     scope.spawn(|| {
    ///         let socket = context.socket(zmq::PULL)?;
    ///         socket.bind("inproc://never-used")?;
    ///         let error = socket.recv().unwrap_err(); // would wait without end
    ///         assert_eq!(error.kind(), zmq::ErrorKind::Terminated);
    ///         Ok::<(), zmq::Error>(())
    ///     });
    ///     Ok(())
    /// })?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn shutdown_on_drop(&self) -> ShutdownOnDrop<'_> {
        ShutdownOnDrop { context: self }
    }

    /// [Shuts](Context::shutdown) the context down and waits for its end: until all its sockets
    /// and handles are gone, and what they had sent has left or its linger has run out
    /// (`zmq_ctx_term(3)`).
    ///
    /// It waits for ever if this very thread keeps a socket or a handle, as C does;
    /// [`terminate_timeout`](Context::terminate_timeout) says so instead.
    ///
    /// A [borrowed](Context::borrow_raw) context is not shut down, and stays: what is waited for is
    /// the end of its handles and sockets in Rust.
    ///
    /// # Errors
    /// [`Forked`](ErrorKind::Forked) only.
    #[doc(alias = "zmq_ctx_term")]
    #[doc(alias = "zmq_ctx_destroy")]
    #[doc(alias = "zmq_term")]
    pub fn terminate(self) -> Result<()> {
        self.begin_end()?;
        let ending = Arc::clone(&self.inner.ending);
        drop(self);
        ending.wait();
        Ok(())
    }

    /// [Terminates](Context::terminate), but waits no longer than `timeout`.
    ///
    /// # Errors
    /// [`StillOpen`] says what the context is waiting for. The end then goes on in the background:
    /// nothing is taken from those who still hold a socket, and their calls give `Terminated`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let context = zmq::Context::new()?;
    /// let forgotten = context.socket(zmq::PUSH)?;
    /// let still_open = context.terminate_timeout(Duration::from_millis(10)).unwrap_err();
    /// assert_eq!(still_open.sockets[0].kind, zmq::SocketKind::Push);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_ctx_term")]
    pub fn terminate_timeout(self, timeout: Duration) -> Result<(), StillOpen> {
        let deadline = Instant::now().checked_add(timeout);
        let ending = Arc::clone(&self.inner.ending);
        ending.expect_waiter();
        let gone = self.begin_end().is_err(); // forked: the end will not come
        let inner = Arc::downgrade(&self.inner);
        drop(self);
        if !gone && ending.wait_until(deadline) {
            return Ok(());
        }
        let sockets = ending.open_sockets();
        let contexts = inner.strong_count().saturating_sub(sockets.len());
        Err(StillOpen {
            lingering: sockets.is_empty() && contexts == 0,
            sockets,
            contexts,
            closed: ending.closed_sockets(),
        })
    }

    /// Drops this handle without waiting; if it was the last, gives what tells the end.
    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    pub(crate) fn let_go(self) -> Option<Arc<Ending>> {
        let inner = Arc::into_inner(self.inner)?;
        let ending = Arc::clone(&inner.ending);
        ending.expect_waiter();
        if inner.generation != fork::generation() {
            return None; // its end never comes
        }
        Some(ending)
    }

    /// Begins the end as [`terminate`](Context::terminate) does, and leaves the waiting to others.
    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    pub(crate) fn end_elsewhere(self) -> Result<Arc<Ending>> {
        let ending = Arc::clone(&self.inner.ending);
        ending.expect_waiter();
        self.begin_end()?;
        Ok(ending)
    }

    /// The pointer to this context, for C code in the same process: see [`raw`](crate::raw).
    ///
    /// It is valid while this handle, a clone or a socket of the context exists. C code may open
    /// sockets of its own with it, and must close them; it must neither terminate the context nor
    /// shut it down, and must not write to messages it receives from Rust over inproc.
    pub fn as_ptr(&self) -> *mut c_void {
        self.inner.raw().as_ptr()
    }

    /// What comes before the wait for the end.
    fn begin_end(&self) -> Result<()> {
        if self.inner.borrowed {
            return self.raw("zmq_ctx_term", "").map(drop);
        }
        self.shutdown()
    }

    /// Whether this process can use the context, or is a child made by `fork`.
    fn raw(&self, call: &'static str, subject: impl fmt::Display) -> Result<&RawContext> {
        if self.inner.generation != fork::generation() {
            return Err(Error::own(call, ErrorKind::Forked).on(subject));
        }
        Ok(self.inner.raw())
    }

    pub(crate) fn check_fork(&self, call: &'static str) -> Result<()> {
        self.raw(call, "a context").map(drop)
    }

    fn inproc(&self) -> std::sync::MutexGuard<'_, Inproc> {
        self.inner
            .inproc
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The table of inproc endpoints, and what it needs to grow.
    pub(crate) fn with_inproc<R>(&self, action: impl FnOnce(&mut Inproc, &RawContext) -> R) -> R {
        action(&mut self.inproc(), self.inner.raw())
    }

    pub(crate) fn ending(&self) -> &Ending {
        &self.inner.ending
    }
}

/// The same context, not an equal one, whether owned or borrowed.
impl PartialEq for Context {
    fn eq(&self, other: &Context) -> bool {
        // Both are live, so that no address is used a second time.
        self.as_ptr() == other.as_ptr()
    }
}

impl Eq for Context {}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("pointer", &self.as_ptr())
            .field("sockets", &self.inner.ending.sockets())
            .finish()
    }
}

impl Inner {
    fn raw(&self) -> &RawContext {
        self.raw
            .as_ref()
            .expect("only `drop` takes the context away")
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let Some(raw) = self.raw.take() else { return };
        if self.generation != fork::generation() {
            return; // the parent's: terminating it here would wait for threads that do not exist
        }
        let inproc = std::mem::take(
            self.inproc
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner),
        );
        if self.borrowed {
            inproc.close(); // from here on the owner may free it
            self.ending.done();
            return;
        }
        let ending = Arc::clone(&self.ending);
        let hand_over = ending.has_waiter() || std::thread::panicking() || is_helper_thread();
        let end = move || {
            // Its one error, EFAULT, is for handles that are none.
            inproc.close();
            let _ = raw.terminate();
            ending.done();
        };
        if !hand_over {
            end();
        } else {
            // Without a thread the context is leaked: waiting here could be for ever.
            let _ = std::thread::Builder::new()
                .name("zmq-term".into())
                .spawn(end);
        }
    }
}

/// Shuts a context down when dropped: see [`Context::shutdown_on_drop`].
#[derive(Debug)]
#[must_use = "dropped at once, it shuts the context down at once"]
pub struct ShutdownOnDrop<'a> {
    context: &'a Context,
}

impl Drop for ShutdownOnDrop<'_> {
    fn drop(&mut self) {
        // Fails only in a forked child, where nothing is blocked.
        let _ = self.context.shutdown();
    }
}
