//! Messages over bytes that belong to somebody's value, and the thread that drops those values.
//!
//! libzmq calls a message's free function wherever the last reference goes: inside a send or a
//! receive, or on an I/O thread. A value's `Drop` is user code that could use the very socket
//! that is just sending, or hold the last context and wait for the I/O thread it runs on. So the
//! free function only puts the value on a list, without a lock and without an allocation, and a
//! thread of ours drops it.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Thread;

use super::message::RawMessage;

/// What every [`Owned`] begins with, so that the list needs no type and no memory of its own.
#[repr(C)]
struct Node {
    next: *mut Node,
    drop: unsafe fn(NonNull<Node>),
}

#[repr(C)]
struct Owned<T> {
    node: Node,
    owner: T,
}

/// Values that libzmq has let go, newest first.
static LIST: AtomicPtr<Node> = AtomicPtr::new(null_mut());
/// The thread that drops them, to be woken; a leaked `Thread`, so that waking it takes no lock.
static DROPPER: AtomicPtr<Thread> = AtomicPtr::new(null_mut());

/// Makes a message over the bytes of `owner`; gives it back when there is no memory or no thread.
pub(crate) fn message<T>(owner: T) -> Result<RawMessage, T>
where
    T: AsRef<[u8]> + Send + 'static,
{
    if !start_dropper() {
        return Err(owner);
    }
    let owned = Box::new(Owned {
        node: Node {
            next: null_mut(),
            drop: drop_owned::<T>,
        },
        owner,
    });
    let owned = Leaked(NonNull::from(Box::leak(owned)));
    // The only call of user code, before libzmq is involved.
    // SAFETY: the value is alive, and nobody else's yet.
    let bytes: *const [u8] = unsafe { owned.0.as_ref() }.owner.as_ref();
    // SAFETY: the hint owns the value; its bytes were borrowed from it in its final place and stay
    // valid while it is neither moved, dropped nor touched, that is until `let_go` has been
    // called and the drop thread takes the value. `T: Send` lets another thread drop it.
    let made = unsafe {
        RawMessage::from_parts(
            bytes.cast_mut().cast(),
            bytes.len(),
            Some(let_go),
            owned.0.as_ptr().cast(),
        )
    };
    match made {
        Ok(message) => {
            std::mem::forget(owned); // it is libzmq's now
            Ok(message)
        }
        // A failed call did not run `let_go`.
        Err(_) => Err(owned.take().owner),
    }
}

/// A value out of its box that nobody else knows of; put back, and dropped, if all else fails.
struct Leaked<T>(NonNull<Owned<T>>);

impl<T> Leaked<T> {
    fn take(self) -> Box<Owned<T>> {
        let owned = std::mem::ManuallyDrop::new(self);
        // SAFETY: the pointer came from a box and is given back once: `self` is not dropped.
        unsafe { Box::from_raw(owned.0.as_ptr()) }
    }
}

impl<T> Drop for Leaked<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a box, and `take` was not called, which prevents this.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// The free function: puts the value on the list.
extern "C" fn let_go(_data: *mut c_void, hint: *mut c_void) {
    let node = hint.cast::<Node>();
    let mut head = LIST.load(Ordering::Relaxed);
    loop {
        // SAFETY: libzmq calls this once for each message, and until the exchange below succeeds
        // the node is known to nobody else.
        unsafe { (*node).next = head };
        match LIST.compare_exchange_weak(head, node, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => break,
            Err(now) => head = now,
        }
    }
    // SAFETY: null or a `Thread` that is never freed.
    if let Some(thread) = unsafe { DROPPER.load(Ordering::Acquire).as_ref() } {
        thread.unpark();
    }
}

/// Drops one value.
///
/// # Safety
/// `node` is the head of an `Owned<T>` that came from a box and is nobody else's.
unsafe fn drop_owned<T>(node: NonNull<Node>) {
    // SAFETY: `Owned` is `repr(C)` with the node first, so the pointers are the same.
    drop(unsafe { Box::from_raw(node.cast::<Owned<T>>().as_ptr()) });
}

/// Starts the thread, if it does not run in this process yet.
fn start_dropper() -> bool {
    static RUNNING_IN: Mutex<Option<u32>> = Mutex::new(None);
    // A fork leaves the thread behind: the child needs one of its own.
    let here = super::fork::generation();
    if !DROPPER.load(Ordering::Acquire).is_null() && here == 0 {
        return true;
    }
    let mut running_in = RUNNING_IN.lock().unwrap_or_else(PoisonError::into_inner);
    if *running_in == Some(here) {
        return true;
    }
    let Ok(thread) = std::thread::Builder::new()
        .name("zmq-drop".into())
        .spawn(drop_for_ever)
    else {
        return false;
    };
    let thread = Box::new(thread.thread().clone());
    // The former value, of a forked parent, is leaked: a free function may be reading it.
    DROPPER.store(Box::leak(thread), Ordering::Release);
    *running_in = Some(here);
    true
}

fn drop_for_ever() {
    crate::context::on_helper_thread();
    loop {
        let mut next = NonNull::new(LIST.swap(null_mut(), Ordering::Acquire));
        if next.is_none() {
            std::thread::park();
        }
        while let Some(node) = next {
            // SAFETY: the swap above made the whole list ours; the node is live until `drop`.
            let Node { next: after, drop } = *unsafe { node.as_ref() };
            next = NonNull::new(after);
            // SAFETY: made by `message::<T>` together with this very function, and ours alone.
            let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { drop(node) }));
            // The panic hook has reported it.
            if let Err(payload) = dropped {
                crate::panics::drop_quietly(payload);
            }
        }
    }
}
