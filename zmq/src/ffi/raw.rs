//! What comes from C: the caller answers for it, so these functions are `unsafe` to call.
//!
//! The contracts stand here; what is the same on both sides is in `crate::raw`.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use libc::c_int;
use zmq_sys::{zmq_msg_t, zmq_pollitem_t};

use super::Errno;
use super::context::RawContext;
use super::message::RawMessage;
use super::poll::RawItem;
use super::socket::RawSocket;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::message::Message;
use crate::poll::PollItem;
use crate::raw::{BorrowedSocket, inspect};
use crate::socket::{Socket, SocketType};

#[cold]
fn null(call: &'static str, kind: ErrorKind) -> Error {
    Error::own(call, kind).because("the pointer is null")
}

impl Context {
    /// Takes over a context that C made: the drop of the last handle or socket terminates it.
    ///
    /// It may have sockets of C's, which its end waits for. Options that count only before the first
    /// socket are to be set in C, and [`max_sockets`](Context::max_sockets) is as C left it.
    ///
    /// # Safety
    /// - `context` came from `zmq_ctx_new(3)` or [`into_raw`](Context::into_raw), in this process
    ///   and not before a `fork`, and was not terminated. Only a value that libzmq finds to be no
    ///   context by its first bytes is refused.
    /// - Nobody else terminates it, now or later. Usually broken by clean-up code that was there
    ///   before, and by taking the same pointer over twice.
    ///
    /// # Errors
    /// [`BadAddress`](ErrorKind::BadAddress) for a null pointer and for what libzmq sees is no
    /// context; [`LibraryTooOld`](ErrorKind::LibraryTooOld) with a libzmq older than 4.3.4. The
    /// context is C's then, as before.
    ///
    /// ```
    /// // SAFETY: a new context, which nobody else has.
    /// let context = unsafe { zmq::Context::from_raw(zmq_sys::zmq_ctx_new()) }?;
    /// let socket = context.socket(zmq::PULL)?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_ctx_new")]
    pub unsafe fn from_raw(context: *mut c_void) -> Result<Context> {
        // SAFETY: live by the caller's word, and nobody else's to terminate.
        let raw = unsafe { RawContext::from_ptr(context) };
        Context::adopted(raw.ok_or_else(|| null("zmq_ctx_get", ErrorKind::BadAddress))?)
    }

    /// Uses a context that stays C's: it is never terminated, shut down or given options here.
    ///
    /// One socket is opened in it at once, which does nothing but keep the owner's `zmq_ctx_term(3)`
    /// waiting until the last handle, clone and socket in Rust is gone. So those may live as long as
    /// they like, and the owner waits for ever if one is never dropped. To wake the threads that
    /// wait on a socket, the owner calls `zmq_ctx_shutdown(3)` first.
    ///
    /// That socket starts the context's threads: what is to be set before the first socket comes
    /// before this. It takes one of the owner's `ZMQ_MAX_SOCKETS`, and another is kept free.
    ///
    /// [`shutdown`](Context::shutdown) and the `set_` functions give
    /// [`InvalidState`](ErrorKind::InvalidState), and [`terminate`](Context::terminate) and
    /// [`terminate_timeout`](Context::terminate_timeout) wait for the other handles and sockets in
    /// Rust without ending the context. Two borrows of one context are equal.
    ///
    /// # Safety
    /// - `context` is a context of this process, not from before a `fork`, and is not terminated
    ///   before this call has returned. Usually broken by a library that is initialised twice, with
    ///   the pointer of the first time.
    /// - When its owner calls `zmq_ctx_term(3)`, one socket more can be opened for each inproc
    ///   connection that nobody has bound, or libzmq aborts the process. Usually broken by a small
    ///   `ZMQ_MAX_SOCKETS`; a pure C program has the same duty.
    ///
    /// # Errors
    /// As [`from_raw`](Context::from_raw), and [`TooManyOpen`](ErrorKind::TooManyOpen) without room
    /// for a socket, [`Terminated`](ErrorKind::Terminated) after a shutdown.
    ///
    /// ```
    /// let owned_by_c = unsafe { zmq_sys::zmq_ctx_new() };
    /// // SAFETY: live until the call of `zmq_ctx_term` below.
    /// let context = unsafe { zmq::Context::borrow_raw(owned_by_c) }?;
    /// let socket = context.socket(zmq::PULL)?;
    /// drop((socket, context));
    /// unsafe { zmq_sys::zmq_ctx_term(owned_by_c) }; // would wait for the two
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub unsafe fn borrow_raw(context: *mut c_void) -> Result<Context> {
        // SAFETY: live by the caller's word until the socket opened here is closed, which comes
        // last; `terminate` is not called for a borrowed context.
        let raw = unsafe { RawContext::from_ptr(context) };
        Context::borrowed(raw.ok_or_else(|| null("zmq_ctx_get", ErrorKind::BadAddress))?)
    }
}

/// Asks libzmq about a socket that stays C's.
///
/// # Safety
/// As [`Socket::from_raw`] has it, but for the ownership.
unsafe fn found<T: SocketType>(
    socket: *mut c_void,
    context: &Context,
) -> Result<(NonNull<c_void>, crate::raw::Found)> {
    const CALL: &str = "zmq_getsockopt";
    let socket = NonNull::new(socket).ok_or_else(|| null(CALL, ErrorKind::NotASocket))?;
    context.check_fork(CALL)?;
    let found = inspect::<T>(&RawSocket::borrowing(socket))?;
    Ok((socket, found))
}

impl<T: SocketType> Socket<T> {
    /// Takes over a socket that C opened in `context`, and closes it when it is dropped.
    ///
    /// libzmq is asked for its type, which must be `T`; [`Any`](crate::Any) takes any.
    ///
    /// # Safety
    /// - `socket` came from `zmq_socket(3)` or [`into_raw`](Socket::into_raw) and is open. Usually
    ///   broken by closing it in C, too, or by taking it over twice.
    /// - It was opened in `context`, which is what keeps it valid here. libzmq cannot be asked.
    /// - C does not use it any more, on whatever thread, and what C did with it happened before.
    ///   Usually broken by a second thread of C's that still polls it.
    /// - No message is half sent: the last `zmq_send` was one without `ZMQ_SNDMORE`.
    /// - It has no option that this crate leaves out because libzmq aborts with it:
    ///   `ZMQ_XPUB_MANUAL`, a `ZMQ_RECONNECT_IVL` of 0 or less, `ZMQ_CONFLATE` on a type that
    ///   receives.
    /// - A monitor that C started on it is read, or stopped, by C.
    ///
    /// `ZMQ_REQ_RELAXED` and `ZMQ_REQ_CORRELATE` cannot be asked for: on a REQ that has them, set
    /// them again in Rust, or its turns are judged without.
    ///
    /// # Errors
    /// [`NotASocket`](ErrorKind::NotASocket) for a null pointer and for what libzmq sees is no
    /// socket; [`InvalidInput`](ErrorKind::InvalidInput) for one of another type;
    /// [`InvalidState`](ErrorKind::InvalidState) in the middle of a message that is being received
    /// (`ZMQ_RCVMORE`): receive its rest first; [`NotSupported`](ErrorKind::NotSupported) for a draft
    /// type as [`socket_of`](Context::socket_of) has it, and for a type this crate does not know;
    /// [`Terminated`](ErrorKind::Terminated). The socket is C's then, as before.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let in_c = unsafe { zmq_sys::zmq_socket(context.as_ptr(), zmq_sys::ZMQ_PULL) };
    /// // SAFETY: opened above in this context, and nobody else has it.
    /// let wrong = unsafe { zmq::Socket::<zmq::Push>::from_raw(in_c, &context) };
    /// assert_eq!(wrong.unwrap_err().kind(), zmq::ErrorKind::InvalidInput);
    /// // SAFETY: as above; it was refused, so it was not taken.
    /// let socket = unsafe { zmq::Socket::<zmq::Pull>::from_raw(in_c, &context) }?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_socket")]
    #[track_caller]
    pub unsafe fn from_raw(socket: *mut c_void, context: &Context) -> Result<Socket<T>> {
        // SAFETY: this function's own contract.
        let (socket, found) = unsafe { found::<T>(socket, context) }?;
        Ok(found.socket(RawSocket::owning(socket), context))
    }

    /// Sets an option by its number (`zmq_setsockopt(3)`), for those that this crate has no function
    /// for. `None` is the null pointer that takes some options back.
    ///
    /// The bytes are those of the C type: see [`raw_option`](Socket::raw_option).
    ///
    /// # Safety
    /// The caller answers for what libzmq does with the option on this type of socket, which is why
    /// this crate leaves it out: `ZMQ_XPUB_MANUAL` uses freed memory, `ZMQ_USE_FD` takes a descriptor
    /// away from its owner, and others let a peer abort the process. What this crate has a function
    /// for is set with that one, which knows the rules and keeps the books.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what is no option, or no value of it;
    /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let socket = context.socket(zmq::PUSH)?;
    /// let proxy = b"proxy.example:1080";
    /// // SAFETY: if that proxy refuses a connection, the process is aborted.
    /// unsafe { socket.set_raw_option(zmq_sys::ZMQ_SOCKS_PROXY, Some(proxy)) }?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_setsockopt")]
    pub unsafe fn set_raw_option(&self, option: c_int, value: Option<&[u8]>) -> Result<()> {
        const CALL: &str = "zmq_setsockopt";
        self.core().check_fork(CALL)?;
        let raw = self.core().raw();
        match value {
            Some(bytes) => raw.set_bytes(option, bytes),
            None => raw.set_none(option),
        }
        .map_err(|errno| Error::from_errno(CALL, errno).on(format_args!("option {option}")))
    }

    /// Uses a socket of C's for a while, and never closes it.
    ///
    /// When the guard goes, C has the socket back between two messages: see [`BorrowedSocket`].
    ///
    /// # Safety
    /// As [`from_raw`](Socket::from_raw), and instead of giving it up: while the guard exists C
    /// neither uses nor closes the socket, on whatever thread. Usually broken by an event loop that
    /// polls it, or by a guard that is kept longer than the callback it was made in.
    ///
    /// # Errors
    /// As [`from_raw`](Socket::from_raw).
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # let in_c = unsafe { zmq_sys::zmq_socket(context.as_ptr(), zmq_sys::ZMQ_PULL) };
    /// {
    ///     // SAFETY: open, of this context, and not used otherwise in this block.
    ///     let socket = unsafe { zmq::Socket::<zmq::Pull>::borrow_raw(in_c, &context) }?;
    ///     socket.bind("inproc://lent")?;
    /// }
    /// assert_eq!(unsafe { zmq_sys::zmq_close(in_c) }, 0);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub unsafe fn borrow_raw(
        socket: *mut c_void,
        context: &Context,
    ) -> Result<BorrowedSocket<'_, T>> {
        // SAFETY: this function's own contract.
        let (socket, found) = unsafe { found::<T>(socket, context) }?;
        let socket = found.socket(RawSocket::borrowing(socket), context);
        Ok(BorrowedSocket::new(socket))
    }
}

/// Whether libzmq takes it for a message that is initialised and not closed.
///
/// # Safety
/// `message` is readable and its bytes are initialised. It is not changed.
unsafe fn is_open(message: *const zmq_msg_t) -> bool {
    // SAFETY: readable by the contract above. The copy is never closed, so the message is not
    // closed twice.
    let mut copy = MaybeUninit::new(unsafe { message.read() });
    let mut moved = MaybeUninit::<zmq_msg_t>::uninit();
    // SAFETY: `moved` is writable.
    unsafe { zmq_sys::zmq_msg_init(moved.as_mut_ptr()) };
    // SAFETY: `moved` is an empty message, and `copy` is looked at before it is moved, which
    // copies its bytes. Neither is closed.
    unsafe { zmq_sys::zmq_msg_move(moved.as_mut_ptr(), copy.as_mut_ptr()) == 0 }
}

/// The checks of a message that C points at.
///
/// # Safety
/// As [`is_open`], if `message` is neither null nor misaligned.
unsafe fn check(message: *const zmq_msg_t) -> Result<()> {
    const CALL: &str = "zmq_msg_move";
    if message.is_null() {
        return Err(null(CALL, ErrorKind::BadAddress));
    }
    if !message.is_aligned() {
        return Err(Error::own(CALL, ErrorKind::BadAddress).because("the pointer is not aligned"));
    }
    // SAFETY: the caller's word.
    if unsafe { is_open(message) } {
        Ok(())
    } else {
        Err(Error::from_errno(CALL, Errno(libc::EFAULT)))
    }
}

impl Message {
    /// Takes over a message of C's, without a copy of its bytes, and closes it when it is dropped.
    ///
    /// # Safety
    /// - `message` was initialised by libzmq, and C neither uses nor closes its own copy of the
    ///   value any more; `zmq_msg_init(3)` makes that one an empty message again. Usually broken by
    ///   the `zmq_msg_close` that ends every C function.
    /// - Nobody writes the bytes any more, which includes the buffer given to `zmq_msg_init_data(3)`
    ///   until its free function is called.
    /// - They may be read, and their free function may be called, on any thread, and that does not
    ///   unwind.
    ///
    /// # Errors
    /// [`BadAddress`](ErrorKind::BadAddress) for a message that libzmq sees is not initialised, or
    /// closed.
    ///
    /// ```
    /// let raw = zmq::Message::from("Hello").into_raw();
    /// // SAFETY: given up above, and nobody else's.
    /// let message = unsafe { zmq::Message::from_raw(raw) }?;
    /// assert_eq!(message, "Hello");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub unsafe fn from_raw(message: zmq_msg_t) -> Result<Message> {
        // SAFETY: a value is readable.
        unsafe { check(&raw const message) }?;
        // SAFETY: initialised, and the rest is this function's own contract.
        Ok(Message::of_raw(unsafe { RawMessage::from_raw(message) }))
    }

    /// Reads a message that stays C's.
    ///
    /// # Safety
    /// - `message` points to a message that was initialised by libzmq, or is null.
    /// - For `'a` C does nothing with it but read: `zmq_msg_copy(3)` writes to its source, too.
    ///   Usually broken by a callback that keeps the reference, whose lifetime the caller chooses.
    /// - Its bytes are as [`from_raw`](Message::from_raw) has them.
    ///
    /// # Errors
    /// As [`from_raw`](Message::from_raw), and for a null or misaligned pointer.
    pub unsafe fn borrow_raw<'a>(message: *const zmq_msg_t) -> Result<&'a Message> {
        // SAFETY: the caller's word.
        unsafe { check(message) }?;
        // SAFETY: not null, aligned, initialised and unchanged for `'a`; `Message` is transparent
        // over `RawMessage`, and that over `zmq_msg_t`.
        Ok(unsafe { &*message.cast::<Message>() })
    }

    /// Reads, takes or replaces a message that stays C's, and that C closes as ever.
    ///
    /// `std::mem::take` takes the content out without a copy and leaves an empty message.
    ///
    /// # Safety
    /// As [`borrow_raw`](Message::borrow_raw), and for `'a` C does not even read. What Rust puts
    /// in may not be written by C afterwards: see [`into_raw`](Message::into_raw).
    ///
    /// # Errors
    /// As [`borrow_raw`](Message::borrow_raw).
    pub unsafe fn borrow_raw_mut<'a>(message: *mut zmq_msg_t) -> Result<&'a mut Message> {
        // SAFETY: the caller's word.
        unsafe { check(message) }?;
        // SAFETY: as in `borrow_raw`, and nobody else has it for `'a`.
        Ok(unsafe { &mut *message.cast::<Message>() })
    }

    /// The C message, to be changed by C: received into, moved, copied.
    ///
    /// # Safety
    /// While this value is not used otherwise, C may do with the message what leaves it initialised:
    /// `zmq_msg_close` alone does not, and needs `zmq_msg_init` after it. C may not write the bytes
    /// unless it has put them there itself: they can be those of other messages, or constant. The
    /// pointer is valid until this value is moved, used or dropped.
    ///
    /// ```
    /// let mut message = zmq::Message::new();
    /// let mut source = zmq::Message::from("from C");
    /// // SAFETY: both are initialised before and after the call, and nothing is written.
    /// unsafe { zmq_sys::zmq_msg_copy(message.as_raw_mut(), source.as_raw_mut()) };
    /// assert_eq!(message, "from C");
    /// ```
    pub unsafe fn as_raw_mut(&mut self) -> *mut zmq_msg_t {
        self.raw_mut().as_mut_ptr()
    }
}

impl PollItem<'_> {
    /// An item that C has filled in, to be polled among others. Its `revents` are not looked at.
    ///
    /// # Safety
    /// For `'a` the socket, or without one the descriptor, stays open; a socket is used on this
    /// thread only, and it is not in the middle of a message that is being received. Usually broken
    /// by an item that outlives its socket, since the caller chooses the lifetime.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) with neither a socket nor a descriptor.
    pub unsafe fn from_raw<'a>(item: zmq_pollitem_t) -> Result<PollItem<'a>> {
        #[cfg(not(windows))]
        let has_descriptor = item.fd >= 0;
        #[cfg(windows)]
        let has_descriptor = item.fd != zmq_sys::zmq_fd_t::MAX; // INVALID_SOCKET
        if item.socket.is_null() && !has_descriptor {
            return Err(Error::own("zmq_poll", ErrorKind::InvalidInput)
                .on(format_args!("fd {}", item.fd))
                .because("neither a socket nor a descriptor"));
        }
        // SAFETY: this function's own contract.
        Ok(PollItem::foreign(unsafe { RawItem::from_raw(item) }))
    }
}
