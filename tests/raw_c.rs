//! Contexts, sockets, messages and poll items that change hands between C and Rust.

mod common;

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::c::{Report, c};
use common::{LONG, patient};
use zmq::raw::{zmq_msg_t, zmq_pollitem_t};
use zmq::{Context, Dealer, ErrorKind, Message, PollEvents, PollItem, Pull, Socket};

/// The size of C's large messages, which it never copies.
const LARGE: usize = 1_000_000;

type Guest = extern "C" fn(context: *mut c_void, socket: *mut c_void, hint: *mut c_void) -> c_int;

#[link(name = "zmq_c_peers", kind = "static")]
unsafe extern "C" {
    fn zmq_c_lends_context(guest: Guest, hint: *mut c_void, report: *mut Report) -> c_int;
    fn zmq_c_lends_socket(
        context: *mut c_void,
        guest: Guest,
        hint: *mut c_void,
        report: *mut Report,
    ) -> c_int;
    fn zmq_c_gives(
        context: *mut *mut c_void,
        pull: *mut *mut c_void,
        freed: *mut c_int,
        report: *mut Report,
    ) -> c_int;
    fn zmq_c_takes(
        context: *mut c_void,
        pull: *mut c_void,
        size: usize,
        data: *const c_void,
        report: *mut Report,
    ) -> c_int;
    fn zmq_c_message(
        message: *mut zmq_msg_t,
        data: *mut *const c_void,
        freed: *mut c_int,
        report: *mut Report,
    ) -> c_int;
    fn zmq_c_close_message(
        message: *mut zmq_msg_t,
        size: usize,
        data: *const c_void,
        report: *mut Report,
    ) -> c_int;
    fn zmq_c_poll(
        items: *mut zmq_pollitem_t,
        length: c_int,
        ready: c_int,
        report: *mut Report,
    ) -> c_int;
}

/// A thread of Rust's in a context of C's.
type Forwarder = Option<JoinHandle<zmq::Result<()>>>;

/// Passes messages on from C to C, on a thread of its own, until C ends the context.
extern "C" fn start_forwarder(context: *mut c_void, _: *mut c_void, hint: *mut c_void) -> c_int {
    let start = || -> zmq::Result<JoinHandle<zmq::Result<()>>> {
        // SAFETY: C's context is live during this call, and C ends it by `zmq_ctx_term` only.
        let context = unsafe { Context::borrow_raw(context) }?;
        let from_c = patient(context.socket(zmq::PULL)?);
        let to_c = patient(context.socket(zmq::PUSH)?);
        from_c.connect("inproc://from-c")?;
        to_c.connect("inproc://to-c")?;
        Ok(thread::spawn(move || {
            loop {
                match from_c.recv_multipart() {
                    Ok(message) => to_c.send_multipart(message)?,
                    Err(error) if error.kind() == ErrorKind::Terminated => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
        }))
    };
    match start() {
        Ok(thread) => {
            // SAFETY: the test passes a `Forwarder`, which it does not look at meanwhile.
            unsafe { hint.cast::<Forwarder>().write(Some(thread)) };
            0
        }
        Err(error) => error.errno(),
    }
}

#[test]
fn rust_forwards_in_a_context_of_cs_without_copying_and_c_ends_it() {
    let mut forwarder: Forwarder = None;
    // SAFETY: the guest gets what it expects as its hint, and `report` is writable.
    c(|report| unsafe {
        zmq_c_lends_context(start_forwarder, (&raw mut forwarder).cast(), report)
    });
    // C's `zmq_ctx_term` has returned, so the thread has let go of everything.
    forwarder.unwrap().join().unwrap().unwrap();
}

extern "C" fn begin_a_message(context: *mut c_void, dealer: *mut c_void, _: *mut c_void) -> c_int {
    let begin = || -> zmq::Result<()> {
        // SAFETY: live during this call, as the socket is.
        let context = unsafe { Context::borrow_raw(context) }?;
        // SAFETY: open, of this context, whole messages only, and C waits for this call to end.
        let mut dealer = unsafe { Socket::<Dealer>::borrow_raw(dealer, &context) }?;
        dealer.send("from Rust")?;
        let mut frames = dealer.recv_frames()?;
        assert_eq!(frames.next().unwrap()?, "begun");
        std::mem::forget(frames);
        Ok(())
    };
    begin().map_or_else(|error| error.errno(), |()| 0)
}

#[test]
fn c_gets_a_lent_socket_back_between_two_messages() {
    let context = Context::new().unwrap();
    // SAFETY: the context is live while it is borrowed; the guest needs no hint.
    c(|report| unsafe {
        zmq_c_lends_socket(context.as_ptr(), begin_a_message, null_mut(), report)
    });
    context.terminate_timeout(LONG).unwrap();
}

#[test]
fn rust_takes_over_what_c_made_and_ends_it() {
    let (mut context, mut pull) = (null_mut(), null_mut());
    let freed = AtomicI32::new(0);
    // SAFETY: all are writable, and `freed` outlives the message, which is dropped below.
    c(|report| unsafe { zmq_c_gives(&raw mut context, &raw mut pull, freed.as_ptr(), report) });
    // SAFETY: C gave it up.
    let context = unsafe { Context::from_raw(context) }.unwrap();
    // SAFETY: C opened it in this very context, and gave it up.
    let pull = unsafe { Socket::<Pull>::from_raw(pull, &context) }.unwrap();
    let [name, empty, large] = pull.recv_array().unwrap();
    assert_eq!((&name[..], &empty[..]), (&b"from C"[..], &b""[..]));
    assert_eq!(large.len(), LARGE);
    assert!(large.iter().all(|byte| *byte == 7));
    assert_eq!(freed.load(Ordering::Relaxed), 0);
    drop(large);
    assert_eq!(freed.load(Ordering::Relaxed), 1);
    drop(pull);
    context.terminate_timeout(LONG).unwrap(); // waits for a socket that C left open
}

/// A PULL with a large message, and the address of its bytes.
fn pull_with_message(context: &Context) -> (Socket<Pull>, *const c_void) {
    let pull = patient(context.socket(zmq::PULL).unwrap());
    let push = patient(context.socket(zmq::PUSH).unwrap());
    pull.bind("inproc://rust").unwrap();
    push.connect("inproc://rust").unwrap();
    let bytes = vec![9; LARGE];
    let address = bytes.as_ptr().cast();
    push.send(bytes).unwrap();
    (pull, address)
}

#[test]
fn c_takes_over_what_rust_made_and_ends_it() {
    let context = Context::new().unwrap();
    let (pull, address) = pull_with_message(&context);
    drop(context);
    let (pull, context) = pull.into_raw().unwrap();
    let context = context.into_raw().unwrap();
    // SAFETY: both are given up, and `address` is only compared.
    c(|report| unsafe { zmq_c_takes(context, pull, LARGE, address, report) });
}

#[test]
fn the_context_of_a_socket_given_up_ends_when_c_has_closed_it() {
    let context = Context::new().unwrap();
    let (pull, address) = pull_with_message(&context);
    let (pull, handle) = pull.into_raw().unwrap();
    drop(handle);
    // SAFETY: the socket is given up; the context stays Rust's.
    c(|report| unsafe { zmq_c_takes(null_mut(), pull, LARGE, address, report) });
    context.terminate_timeout(LONG).unwrap();
}

#[test]
fn messages_change_hands_without_a_copy() {
    let mut raw = MaybeUninit::<zmq_msg_t>::uninit();
    let mut data = std::ptr::null();
    let freed = AtomicI32::new(0);
    // SAFETY: all are writable, and `freed` outlives the message.
    c(|report| unsafe { zmq_c_message(raw.as_mut_ptr(), &raw mut data, freed.as_ptr(), report) });
    // SAFETY: C has initialised it.
    let raw = unsafe { raw.assume_init() };
    {
        // SAFETY: C does not touch it during this block.
        let borrowed = unsafe { Message::borrow_raw(&raw const raw) }.unwrap();
        assert_eq!((borrowed.as_ptr().cast(), borrowed.len()), (data, LARGE));
    }
    // SAFETY: the value is used here only, and C does not write `large` meanwhile.
    let message = unsafe { Message::from_raw(raw) }.unwrap();
    assert_eq!(message.as_ptr().cast(), data);
    let mut raw = message.into_raw();
    assert_eq!(freed.load(Ordering::Relaxed), 0);
    // SAFETY: given up above.
    c(|report| unsafe { zmq_c_close_message(&raw mut raw, LARGE, data, report) });
    assert_eq!(freed.load(Ordering::Relaxed), 1);
}

#[test]
fn c_polls_items_of_rusts_and_rust_polls_those_of_cs() {
    let context = Context::new().unwrap();
    let (pull, _) = pull_with_message(&context);
    let idle = patient(context.socket(zmq::PULL).unwrap());
    let mut items = [idle.poll_in().to_raw(), pull.poll_in().to_raw()];
    // SAFETY: two items, whose sockets are open and used on this thread only.
    c(|report| unsafe { zmq_c_poll(items.as_mut_ptr(), 2, 1, report) });
    let events = items.map(|item| PollEvents::from_raw(item.revents));
    assert_eq!(events, [PollEvents::default(), PollEvents::READABLE]);

    // SAFETY: as above, and no longer than this test.
    let items = items.map(|item| unsafe { PollItem::from_raw(item) }.unwrap());
    assert_eq!(zmq::poll(items, Some(LONG)).unwrap(), events);
}

#[test]
fn c_waits_at_the_end_for_what_rust_still_holds() {
    extern "C" fn keep(context: *mut c_void, _: *mut c_void, hint: *mut c_void) -> c_int {
        // SAFETY: the test passes a sender, which lives until C has returned.
        let keeper = unsafe { &*hint.cast::<Sender<Context>>() };
        // SAFETY: live during this call, and ended by `zmq_ctx_term` only.
        let Ok(context) = (unsafe { Context::borrow_raw(context) }) else {
            return -1;
        };
        let mut forwarder: Forwarder = None;
        let started = start_forwarder(context.as_ptr(), null_mut(), (&raw mut forwarder).cast());
        keeper.send(context).map_or(-1, |()| started)
    }

    let (keeper, handles) = mpsc::channel::<Context>();
    let (sender, ended) = mpsc::channel();
    let c_side = thread::spawn(move || {
        // SAFETY: the guest gets what it expects as its hint, and `report` is writable.
        c(|report| unsafe {
            zmq_c_lends_context(keep, (&raw const keeper).cast_mut().cast(), report)
        });
        sender.send(()).unwrap();
    });
    let has_waited = |what| {
        let early = ended.recv_timeout(Duration::from_millis(50));
        assert_eq!(early, Err(RecvTimeoutError::Timeout), "{what} is there");
    };
    let context = handles.recv_timeout(LONG).unwrap();
    match context.socket(zmq::PULL) {
        // C's end of the context wakes it.
        Ok(socket) => {
            let error = patient(socket).recv().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Terminated);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::Terminated),
    }
    has_waited("the handle");
    drop(context);
    ended.recv_timeout(LONG).unwrap();
    c_side.join().unwrap();
}
