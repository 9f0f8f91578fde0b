//! Sharing contexts, sockets and messages with C code in the same process.
//!
//! | C | Rust takes it over | Rust uses it, C keeps it | Rust gives it up | C uses it, Rust keeps it |
//! |---|---|---|---|---|
//! | context | [`Context::from_raw`] | [`Context::borrow_raw`] | [`Context::into_raw`] | [`Context::as_ptr`] |
//! | socket | [`Socket::from_raw`] | [`Socket::borrow_raw`] | [`Socket::into_raw`] | [`Socket::as_ptr`] |
//! | `zmq_msg_t` | [`Message::from_raw`] | [`Message::borrow_raw`], [`borrow_raw_mut`](Message::borrow_raw_mut) | [`Message::into_raw`] | [`Message::as_raw`], [`as_raw_mut`](Message::as_raw_mut) |
//! | `zmq_pollitem_t` | | [`PollItem::from_raw`] | | [`PollItem::to_raw`] |
//! | `events`, `revents` | [`PollEvents::from_raw`](crate::PollEvents::from_raw) | | [`PollEvents::to_raw`](crate::PollEvents::to_raw) | |
//! | socket type | [`SocketKind::from_raw`] | | [`SocketKind::to_raw`] | |
//! | socket option | [`Socket::set_raw_option`] | | [`Socket::raw_option`] | |
//!
//! What takes something from C is `unsafe`: its `# Safety` names what the caller answers for. What
//! gives something to C is safe, and what C does with it is said here. Each side must be linked with
//! the same libzmq.
//!
//! # What C must not do
//!
//! - *End what is Rust's.* No `zmq_ctx_term` or `zmq_ctx_shutdown` of a context from `as_ptr`, and no
//!   `zmq_close` of a socket from it. Sockets that C opens in it are closed by C, and the end of the
//!   context waits for them.
//! - *Use one socket on two threads*, of whichever language. A socket handed over is used by the new
//!   side only after the old one's last use, with a memory barrier in between: a mutex, a channel, or
//!   the start or the end of a thread.
//! - *Write bytes that others share.* What C receives from Rust over inproc, or gets by `into_raw`,
//!   can be another message's too, or constant; `ZMQ_SHARED` does not tell. Copy before writing.
//! - *Leave a message in the middle.* The other side would take its rest for a message of its own.
//! - *Let a free function of `zmq_msg_init_data` unwind, or use a socket.* It runs inside calls of this
//!   crate and on libzmq's threads.
//! - *Unbind an inproc endpoint of a Rust socket.* A connection that is made to such a name later, and
//!   nobody ever binds, needs a free socket when the context ends, or libzmq aborts. The same goes for
//!   every inproc connection that C makes.
//!
//! libzmq aborts the process when a SUB, XSUB, ROUTER or REP was polled and then disconnected while a
//! message of several parts was there (libzmq issue 2163). In Rust that is taken care of; C receives
//! what is there first.
//!
//! # Example
//!
//! A C library makes the context, and lends it.
//!
//! ```
//! use std::ffi::c_void;
//!
//! /// What C calls: greets whoever listens at inproc://greetings.
//! extern "C" fn greet(context: *mut c_void) -> i32 {
//!     let greeted = || -> zmq::Result<()> {
//!         // SAFETY: C's contract: the context is live during the call.
//!         let context = unsafe { zmq::Context::borrow_raw(context) }?;
//!         let socket = context.socket(zmq::PUSH)?;
//!         socket.connect("inproc://greetings")?;
//!         socket.send_multipart(["Hello", "from Rust"])?;
//!         Ok(())
//!     };
//!     match greeted() {
//!         Ok(()) => 0,
//!         Err(error) => error.errno(),
//!     }
//! }
//!
//! // In C, this would be:
//! use zmq_sys::*;
//! unsafe {
//!     let context = zmq_ctx_new();
//!     let socket = zmq_socket(context, ZMQ_PULL);
//!     assert_eq!(zmq_bind(socket, c"inproc://greetings".as_ptr()), 0);
//!     assert_eq!(greet(context), 0);
//!     let mut buffer = [0; 5];
//!     assert_eq!(zmq_recv(socket, buffer.as_mut_ptr().cast(), 5, 0), 5);
//!     assert_eq!(&buffer, b"Hello");
//!     zmq_close(socket);
//!     zmq_ctx_term(context);
//! }
//! ```

use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use libc::c_int;
pub use zmq_sys::{zmq_msg_t, zmq_pollitem_t};

use crate::context::{Context, OpenSocket, check_offered};
use crate::error::{Error, ErrorKind, Result, SendError};
use crate::ffi::exclusive::Exclusive;
use crate::ffi::socket::RawSocket;
use crate::message::Message;
use crate::payload::{Parts, Payload};
use crate::poll::PollItem;
use crate::socket::{
    CanReceive, Frames, PendingReply, Rep, Req, Request, Socket, SocketKind, SocketType,
};

/// What could not be handed over, and why.
///
/// It is an error like any other, whatever the value is: `?` turns it into [`Error`], and into a
/// `Box<dyn Error + Send + Sync>`. The value is dropped with it, unless it is
/// [taken out](Refused::into_value).
#[derive(Debug)]
#[non_exhaustive]
pub struct Refused<T> {
    /// Why.
    pub error: Error,
    value: Exclusive<T>,
}

impl<T> Refused<T> {
    pub(crate) fn new(error: Error, value: T) -> Refused<T> {
        Refused {
            error,
            value: Exclusive::new(value),
        }
    }

    /// What stays with you.
    pub fn into_value(self) -> T {
        self.value.into_inner()
    }
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T: fmt::Debug> std::error::Error for Refused<T> {}

impl<T> From<Refused<T>> for Error {
    fn from(refused: Refused<T>) -> Error {
        refused.error
    }
}

// ---- sockets -------------------------------------------------------------------------------------

/// What libzmq says about a socket of C's.
pub(crate) struct Found {
    kind: SocketKind,
    sndtimeo: c_int,
}

/// Finds out whether the socket can be used as one of type `T`.
pub(crate) fn inspect<T: SocketType>(raw: &RawSocket) -> Result<Found> {
    const CALL: &str = "zmq_getsockopt";
    let ask = |option, name: &'static str| {
        raw.get::<c_int>(option)
            .map_err(|errno| Error::from_errno(CALL, errno).on(name))
    };
    let number = ask(zmq_sys::ZMQ_TYPE, "ZMQ_TYPE")?;
    let Some(kind) = SocketKind::from_raw(number) else {
        return Err(Error::own(CALL, ErrorKind::NotSupported)
            .on(format_args!("ZMQ_TYPE = {number}"))
            .because("a type this crate does not know"));
    };
    if T::KIND.is_some_and(|wanted| wanted != kind) {
        return Err(Error::own(CALL, ErrorKind::InvalidInput)
            .on(kind)
            .because("the socket is of another type"));
    }
    check_offered(CALL, kind)?;
    let thread_safe = ask(zmq_sys::ZMQ_THREAD_SAFE, "ZMQ_THREAD_SAFE")? != 0;
    if thread_safe != kind.is_thread_safe() {
        return Err(Error::own(CALL, ErrorKind::NotSupported)
            .on(format_args!("{kind}, ZMQ_THREAD_SAFE = {thread_safe}"))
            .because("this libzmq has another thread rule for the type"));
    }
    if ask(zmq_sys::ZMQ_RCVMORE, "ZMQ_RCVMORE")? != 0 {
        return Err(Error::own(CALL, ErrorKind::InvalidState)
            .on(kind)
            .because("the rest of a message is to be received first"));
    }
    Ok(Found {
        kind,
        sndtimeo: ask(zmq_sys::ZMQ_SNDTIMEO, "ZMQ_SNDTIMEO")?,
    })
}

impl Found {
    #[track_caller]
    pub(crate) fn socket<T: SocketType>(&self, raw: RawSocket, context: &Context) -> Socket<T> {
        let socket = Socket::opened(raw, OpenSocket::here(self.kind), context.clone());
        socket.core().comes_from_c(self.sndtimeo);
        socket
    }
}

impl<T: SocketType> Socket<T> {
    /// The pointer to this socket, for C code on the thread that uses the socket.
    ///
    /// It is valid while the socket exists. C may call what takes a socket, between two messages:
    /// a message that C begins to send or receive, C finishes before Rust uses the socket again.
    /// See [`raw`](crate::raw#what-c-must-not-do).
    ///
    /// What was [taken out early](Socket::disconnect) by a disconnect or unbind is seen in Rust
    /// only.
    pub fn as_ptr(&self) -> *mut c_void {
        self.core().raw().as_ptr()
    }

    /// Reads an option by its number into a buffer (`zmq_getsockopt(3)`), for those that this crate
    /// has no function for, and gives the part of the buffer that was written.
    ///
    /// The bytes are those of the C type, whose size the buffer has: an `int` for most options, a
    /// `uint64_t` or `int64_t` for a few, a text with its NUL, or bytes. To set one is `unsafe`:
    /// [`set_raw_option`](Socket::set_raw_option).
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no option that can be read, or for a
    /// buffer of the wrong size; [`Terminated`](ErrorKind::Terminated),
    /// [`Forked`](ErrorKind::Forked).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let socket = context.socket(zmq::PULL)?;
    /// let mut buffer = 0_i32.to_ne_bytes();
    /// socket.raw_option(zmq_sys::ZMQ_CONFLATE, &mut buffer)?;
    /// assert_eq!(i32::from_ne_bytes(buffer), 0);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_getsockopt")]
    pub fn raw_option<'b>(&self, option: c_int, buffer: &'b mut [u8]) -> Result<&'b [u8]> {
        const CALL: &str = "zmq_getsockopt";
        self.core().check_fork(CALL)?;
        let length = self
            .core()
            .raw()
            .get_bytes(option, buffer)
            .map_err(|errno| Error::from_errno(CALL, errno).on(format_args!("option {option}")))?;
        Ok(&buffer[..length])
    }

    /// Gives the socket up: whoever gets the pointer closes it with `zmq_close(3)`.
    ///
    /// The rest of a message that was half read is dropped, and a [monitor](Socket::monitor) ends.
    /// The context comes along, because its end waits for the socket: dropping the last handle here
    /// could wait for ever. It can be given up, too, with [`Context::into_raw`].
    ///
    /// # Errors
    /// The socket itself, with an error of kind [`InvalidState`](ErrorKind::InvalidState) while C
    /// would miss something: a message that was taken out of libzmq by
    /// [`disconnect`](Socket::disconnect) or [`unbind`](Socket::unbind) and is still to be received,
    /// or a request that was [dropped](ErrorKind::Dropped) and is still to be sent again;
    /// [`Terminated`](ErrorKind::Terminated) in the middle of a message, [`Forked`](ErrorKind::Forked).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let (socket, context) = context.socket(zmq::PULL)?.into_raw()?;
    /// // … in C:
    /// unsafe { zmq_sys::zmq_close(socket) };
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[must_use = "the socket is never closed if the pointer is lost"]
    pub fn into_raw(self) -> Result<(*mut c_void, Context), Refused<Socket<T>>> {
        match self.core().clean("into_raw") {
            Ok(()) => Ok(self.into_core().give_up()),
            Err(error) => Err(Refused::new(error, self)),
        }
    }
}

/// A socket of C's, used in Rust for a while: see [`Socket::borrow_raw`].
///
/// It derefs to the socket, which it never closes. It stays on its thread.
///
/// When it goes, the rest of a message that was half read is dropped, so that C goes on between two
/// messages. [`give_back`](BorrowedSocket::give_back) also says whether C has to do anything about a
/// request that was lost. Forgetting the guard leaves the rest of such a message to C, and the context
/// is never let go.
///
/// What would outlive the loan is refused with [`InvalidState`](ErrorKind::InvalidState): a
/// [monitor](Socket::monitor), and on SUB, XSUB, ROUTER and REP [`disconnect`](Socket::disconnect) and
/// [`unbind`](Socket::unbind), which may have to take a message out of libzmq.
///
/// ```compile_fail,E0277
/// fn elsewhere(socket: zmq::raw::BorrowedSocket<'static, zmq::Pull>) {
///     std::thread::spawn(move || drop(socket));
/// }
/// ```
#[derive(Debug)]
#[must_use = "dropped at once, it goes back to C at once"]
pub struct BorrowedSocket<'a, T: SocketType> {
    socket: Socket<T>,
    /// The context, and that this is no value for another thread.
    _lent: PhantomData<(&'a Context, *mut c_void)>,
}

impl<'a, T: SocketType> BorrowedSocket<'a, T> {
    pub(crate) fn new(socket: Socket<T>) -> BorrowedSocket<'a, T> {
        BorrowedSocket {
            socket,
            _lent: PhantomData,
        }
    }

    /// Ends the loan, if the socket is as C expects it.
    ///
    /// # Errors
    /// As [`Socket::into_raw`], with the guard. A REQ whose request was lost can then send it again;
    /// if the guard is dropped instead, C closes the socket and opens another.
    pub fn give_back(self) -> Result<(), Refused<Self>> {
        match self.socket.core().clean("give_back") {
            Ok(()) => Ok(()),
            Err(error) => Err(Refused::new(error, self)),
        }
    }

    /// As [`Socket::recv_frames`].
    ///
    /// # Errors
    /// As there.
    pub fn recv_frames(&mut self) -> Result<Frames<'_, T>>
    where
        T: CanReceive,
    {
        self.socket.recv_frames()
    }

    /// As [`Socket::try_recv_frames`].
    ///
    /// # Errors
    /// As there.
    pub fn try_recv_frames(&mut self) -> Result<Option<Frames<'_, T>>>
    where
        T: CanReceive,
    {
        self.socket.try_recv_frames()
    }
}

// These want `&mut` of the socket, which a guard cannot lend: it could be swapped out of it.
impl BorrowedSocket<'_, Req> {
    /// As [`Socket::request`].
    ///
    /// # Errors
    /// As there.
    pub fn request<P: Payload>(
        &mut self,
        frame: P,
    ) -> Result<PendingReply<'_>, SendError<P::Refused>> {
        self.socket.request(frame)
    }

    /// As [`Socket::request_multipart`].
    ///
    /// # Errors
    /// As there.
    pub fn request_multipart<L: Parts>(
        &mut self,
        frames: L,
    ) -> Result<PendingReply<'_>, SendError<L::Refused>> {
        self.socket.request_multipart(frames)
    }
}

impl BorrowedSocket<'_, Rep> {
    /// As [`Socket::next_request`].
    ///
    /// # Errors
    /// As there.
    pub fn next_request(&mut self) -> Result<Request<'_>> {
        self.socket.next_request()
    }

    /// As [`Socket::try_next_request`].
    ///
    /// # Errors
    /// As there.
    pub fn try_next_request(&mut self) -> Result<Option<Request<'_>>> {
        self.socket.try_next_request()
    }
}

impl<T: SocketType> Deref for BorrowedSocket<'_, T> {
    type Target = Socket<T>;

    fn deref(&self) -> &Socket<T> {
        &self.socket
    }
}

// ---- messages and poll items ---------------------------------------------------------------------

impl Message {
    /// The C message, to be read.
    ///
    /// It is valid until this value is moved, changed or dropped. C may call what only reads a
    /// message, which `zmq_msg_copy(3)` does not: see [`as_raw_mut`](Message::as_raw_mut).
    pub fn as_raw(&self) -> *const zmq_msg_t {
        self.raw().as_ptr()
    }

    /// Gives the message up: whoever gets it sends or closes it, once.
    ///
    /// C may move it bitwise before its first use. C may not write the bytes, which can be those of
    /// other messages, or constant.
    ///
    /// ```
    /// let mut raw = zmq::Message::from("Hello").into_raw();
    /// // … in C:
    /// assert_eq!(unsafe { zmq_sys::zmq_msg_size(&raw const raw) }, 5);
    /// unsafe { zmq_sys::zmq_msg_close(&raw mut raw) };
    /// ```
    #[must_use = "the bytes are never freed if the message is lost"]
    pub fn into_raw(self) -> zmq_msg_t {
        self.into_raw_message().into_raw()
    }
}

impl PollItem<'_> {
    /// The item as C has it, with no events yet; [`PollEvents::from_raw`](crate::PollEvents::from_raw)
    /// reads what `zmq_poll(3)` writes into `revents`.
    ///
    /// C may poll it while the socket or descriptor is open, on the thread that uses the socket.
    /// libzmq does not count a message that was [taken out early](Socket::disconnect).
    #[doc(alias = "zmq_pollitem_t")]
    #[must_use]
    pub fn to_raw(&self) -> zmq_pollitem_t {
        self.as_raw_item().to_raw()
    }
}
