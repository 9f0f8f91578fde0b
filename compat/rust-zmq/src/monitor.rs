//! Monitors at an endpoint of the caller's.
//!
//! libzmq tells the events while it binds, and on its I/O threads, and waits there for a reader that is
//! slow, or not there yet, or gone. So a reader of ours takes them all, before any other could be
//! wanted, and a thread of ours passes them on to the caller's.

use std::collections::VecDeque;
use std::ffi::CString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use safe::{Any, ErrorKind, Multipart, Pair};

use crate::error::{Error, Result};

/// The last event of all, which ends the relay.
const STOPPED: u16 = zmq_sys::ZMQ_EVENT_MONITOR_STOPPED as u16;

pub(crate) fn start(
    socket: &safe::Socket<Any>,
    endpoint: &str,
    events: i32,
) -> Result<JoinHandle<()>> {
    match endpoint.split_once("://") {
        Some(("inproc", _)) => {}
        Some(_) => return Err(Error::EPROTONOSUPPORT),
        None => return Err(Error::EINVAL),
    }
    let unbounded = || -> Result<safe::Socket<Pair>> {
        let pair = socket.context().socket(safe::PAIR)?;
        pair.set_sndhwm(0)?;
        pair.set_rcvhwm(0)?;
        pair.set_linger(Some(Duration::ZERO))?;
        Ok(pair)
    };
    let (reader, teller) = (unbounded()?, unbounded()?);
    teller.bind(endpoint)?;

    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let between = format!("inproc://zmq-monitor-{:p}-{number}", socket.as_ptr());
    reader.connect(&between)?;
    let wanted = events as u16;
    // Nothing is told before there is a thread that takes it.
    let (go, told) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("zmq-monitor".into())
        .spawn(move || {
            if told.recv().is_ok() {
                relay(&reader, &teller, wanted);
            }
        })
        .map_err(|error| Error::from_raw(error.raw_os_error().unwrap_or(libc::EAGAIN)))?;
    watch(socket, &between, i32::from(wanted | STOPPED))?;
    // The thread is there, so this is no error.
    let _ = go.send(());
    Ok(thread)
}

/// `zmq_socket_monitor(3)`. The safe crate's own monitor stops before its socket closes, so that it
/// can be dropped at any time; this one tells the closing, too.
pub(crate) fn watch(socket: &safe::Socket<Any>, endpoint: &str, events: i32) -> Result<()> {
    let endpoint = CString::new(endpoint).map_err(|_| Error::EINVAL)?;
    // SAFETY: the socket is live while it is borrowed, and this is its thread; the text ends with a
    // NUL and is read during the call only.
    let done = unsafe { zmq_sys::zmq_socket_monitor(socket.as_ptr(), endpoint.as_ptr(), events) };
    if done == -1 {
        // SAFETY: reads a number of this thread's.
        return Err(Error::from_raw(unsafe { zmq_sys::zmq_errno() }));
    }
    Ok(())
}

/// Passes the events on until the last, or until the context ends.
fn relay(reader: &safe::Socket<Pair>, teller: &safe::Socket<Pair>, wanted: u16) {
    let mut waiting: VecDeque<Multipart> = VecDeque::new();
    loop {
        let room = teller.poll_out().when(!waiting.is_empty());
        match safe::poll([reader.poll_in(), room], None) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return,
            _ => {}
        }
        let mut is_last = false;
        while let Ok(Some(event)) = reader.try_recv_multipart() {
            let bits = event
                .first()
                .and_then(|part| part.first_chunk())
                .map_or(0, |&bits| u16::from_ne_bytes(bits));
            is_last |= bits == STOPPED;
            if bits & wanted != 0 {
                waiting.push_back(event);
            }
        }
        while let Some(event) = waiting.pop_front() {
            if let Err(refused) = teller.try_send_multipart(event) {
                match refused.kind() {
                    ErrorKind::WouldBlock | ErrorKind::Interrupted => {
                        waiting.push_front(refused.message);
                        break;
                    }
                    ErrorKind::Dropped => {}
                    _ => return,
                }
            }
        }
        if is_last {
            return;
        }
    }
}
