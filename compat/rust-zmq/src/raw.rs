//! Sockets from C and to C.

use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use crate::context::Shared;
use crate::error::{Error, Result};
use crate::socket::{Inner, Socket};

/// A socket of C's that cannot be used here.
pub(crate) struct Dead {
    socket: AtomicPtr<c_void>,
    error: Error,
}

impl Dead {
    pub(crate) fn error(&self) -> Error {
        self.error
    }

    fn as_ptr(&self) -> *mut c_void {
        self.socket.load(Ordering::Relaxed)
    }
}

impl Drop for Dead {
    fn drop(&mut self) {
        // SAFETY: by the contract of `Socket::from_raw` the pointer is that of an open socket, which
        // is this value's alone, or else one that libzmq sees is none, as it saw before.
        let _ = unsafe { zmq_sys::zmq_close(self.as_ptr()) };
    }
}

/// The context of a socket that was given up.
enum Owner {
    /// Somebody else has it.
    Known(Weak<Shared>),
    /// Nobody has, and its end would wait for the very socket.
    Kept(Shared),
}

fn owners() -> MutexGuard<'static, HashMap<usize, Owner>> {
    static OWNERS: LazyLock<Mutex<HashMap<usize, Owner>>> = LazyLock::new(Mutex::default);
    OWNERS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn give_up(socket: *mut c_void, context: Arc<Shared>) {
    let weak = Arc::downgrade(&context);
    let owner = match Arc::into_inner(context) {
        Some(shared) => Owner::Kept(shared),
        None => Owner::Known(weak),
    };
    // Whoever closed the socket that was here before in C left its context here. Its end could wait.
    std::mem::forget(owners().insert(socket.addr(), owner));
}

fn owner_of(socket: *mut c_void) -> Option<Arc<Shared>> {
    match owners().remove(&socket.addr())? {
        Owner::Known(weak) => weak.upgrade(),
        Owner::Kept(shared) => Some(Arc::new(shared)),
    }
}

impl Socket {
    /// Gives the socket up: it is closed by whoever has the pointer, or taken back with
    /// [`from_raw`](Socket::from_raw).
    ///
    /// Parts that wait to be sent or handed out are dropped. It never waits: if nobody else has the
    /// context, it is kept until `from_raw` takes it back, and otherwise for good.
    pub fn into_raw(self) -> *mut c_void {
        let Socket {
            inner,
            outgoing,
            incoming,
            context,
        } = self;
        drop((outgoing, incoming));
        let mut socket = match inner {
            Inner::Live(socket) => socket,
            Inner::Dead(dead) => {
                let pointer = dead.as_ptr();
                std::mem::forget(dead);
                return pointer;
            }
            Inner::Gone => return ptr::null_mut(),
        };
        loop {
            let refused = match socket.into_raw() {
                Ok((pointer, _)) => {
                    give_up(pointer, context);
                    return pointer;
                }
                Err(refused) => refused.into_value(),
            };
            // What was taken out of libzmq early is dropped, as the parts above.
            if !matches!(refused.try_recv_multipart(), Ok(Some(_))) {
                let pointer = refused.as_ptr();
                // It is the caller's to close, in whatever state it is.
                std::mem::forget(refused);
                give_up(pointer, context);
                return pointer;
            }
            socket = refused;
        }
    }

    /// Takes a socket over, and closes it when it is dropped.
    ///
    /// One that cannot be used, because its context has ended or because it is in the middle of a
    /// message, is taken over all the same: its calls say why.
    ///
    /// # Safety
    /// The pointer came from [`into_raw`](Socket::into_raw), or is that of another open socket, whose
    /// context is not terminated before this one is dropped; it is used neither elsewhere nor by
    /// another thread, and given up by whoever had it.
    pub unsafe fn from_raw(sock: *mut c_void) -> Socket {
        let context = owner_of(sock).unwrap_or_else(|| Arc::new(Shared::stand_in()));
        let inner = || -> Result<_> {
            let context = context.live()?;
            // SAFETY: the caller's word; the context is its own or stands in for it. An option with
            // which libzmq aborts may be set: it aborts here as where it was set, and no more.
            Ok(unsafe { safe::Socket::from_raw(sock, context) }?)
        };
        let inner = match inner() {
            Ok(socket) => Inner::Live(socket),
            Err(error) => Inner::Dead(Dead {
                socket: AtomicPtr::new(sock),
                error,
            }),
        };
        Socket::of(inner, context)
    }

    /// The pointer, which is valid while the socket exists.
    ///
    /// C uses it between two messages: parts that wait here it does not see.
    pub fn as_mut_ptr(&mut self) -> *mut c_void {
        match &self.inner {
            Inner::Live(socket) => socket.as_ptr(),
            Inner::Dead(dead) => dead.as_ptr(),
            Inner::Gone => ptr::null_mut(),
        }
    }
}
