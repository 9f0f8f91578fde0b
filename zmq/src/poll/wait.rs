//! The one way of waiting, of [`poll`](super::poll()) and of [`Poller`](crate::Poller).

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::c_void;
use std::time::{Duration, Instant};

use libc::{c_long, c_short};

use super::events::{ERR, IN, OUT, PollEvents};
use super::item::PollItem;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;
use crate::ffi::poll::{RawItem, poll as raw_poll};

const CALL: &str = "zmq_poll";

/// Waits for the items and tells which of them are ready, in their order. `raw` holds each one's raw
/// item, and does so afterwards; `twins` is what [`has_twins`] says of the items.
pub(crate) fn wait<'a>(
    items: &[PollItem<'a>],
    raw: &mut [RawItem<'a>],
    twins: bool,
    timeout: Option<Duration>,
    mut tell: impl FnMut(usize, PollEvents),
) -> Result<()> {
    if twins || items.is_empty() || !items.iter().all(PollItem::is_plain) {
        let restored = Restored { items, raw };
        return wait_with_care(items, restored.raw, twins, timeout, &mut tell);
    }
    ask(raw, timeout.map_or(-1, |time| millis(time, c_long::MAX)))?;
    for (index, raw) in raw.iter().enumerate() {
        if raw.ready() != 0 {
            tell(index, PollEvents(raw.ready()));
        }
    }
    Ok(())
}

/// Whether a socket is there twice, or may be.
///
/// libzmq asks each item's socket in turn for its events, and asking takes in what the other end has
/// told it. So what came between the two askings would wake up nobody: it is not yet there for the
/// first item, and not what the second one waits for.
pub(crate) fn has_twins(items: &[PollItem<'_>]) -> bool {
    thread_local! {
        static WAITS: Cell<u64> = const { Cell::new(0) };
    }
    if items.len() < 2 {
        return false;
    }
    let wait = WAITS.get().wrapping_add(1);
    WAITS.set(wait);
    // No short cut: every socket is to be marked.
    items.iter().fold(false, |twins, item| {
        twins
            | item
                .core
                .map_or(item.is_socket(), |core| core.is_marked(wait))
    })
}

/// Has all items of a socket wait for what any of them waits for, and gives what each socket is
/// ready for afterwards.
fn ask_united(raw: &mut [RawItem<'_>], timeout: c_long) -> Result<HashMap<*mut c_void, c_short>> {
    let mut union = HashMap::new();
    for item in raw.iter().filter(|item| item.is_socket()) {
        *union.entry(item.as_socket()).or_insert(0) |= item.wanted();
    }
    for item in raw.iter_mut().filter(|item| item.is_socket()) {
        item.want(union[&item.as_socket()]);
    }
    ask(raw, timeout)?;
    for events in union.values_mut() {
        *events = 0;
    }
    for item in raw.iter().filter(|item| item.is_socket()) {
        *union.entry(item.as_socket()).or_insert(0) |= item.ready();
    }
    Ok(union)
}

/// Raw items that are those of the items again when this goes, also when the clone of a key panics.
struct Restored<'r, 'a> {
    items: &'r [PollItem<'a>],
    raw: &'r mut [RawItem<'a>],
}

impl Drop for Restored<'_, '_> {
    fn drop(&mut self) {
        for (item, raw) in self.items.iter().zip(&mut *self.raw) {
            *raw = item.raw();
        }
    }
}

/// Waits for items of which some are more than libzmq's answer to the raw item.
#[cold]
fn wait_with_care<'a>(
    items: &[PollItem<'a>],
    raw: &mut [RawItem<'a>],
    twins: bool,
    timeout: Option<Duration>,
    tell: &mut dyn FnMut(usize, PollEvents),
) -> Result<()> {
    let mut count = 0;
    let mut ready_now = false;
    for item in items {
        if item.is_left_out() {
            continue;
        }
        raw[count] = item.raw();
        if let Some(core) = item.core {
            if !core.is_clear() {
                core.check_fork(CALL)?;
                // Polling is a use of the socket: a message left half read is not what it waits for.
                core.drain_half_read();
                ready_now |= item.wanted & IN != 0 && core.is_readable_now();
            }
            if item.wanted & IN != 0 && core.awaits_reply_strictly() {
                raw[count].want(item.wanted | OUT);
            }
        }
        if item.wanted == 0 {
            // Without any event libzmq would not notice the end of the context while it waits. This
            // one is never reported of a socket.
            raw[count].want(ERR);
        }
        count += 1;
    }
    if count == 0 {
        let Some(time) = timeout else {
            return Err(Error::own(CALL, ErrorKind::InvalidInput)
                .on("0 items, no timeout")
                .because("it would wait for ever"));
        };
        return sleep(time).map_err(|errno| Error::from_errno(CALL, errno));
    }
    let raw = &mut raw[..count];
    let timeout = match timeout {
        _ if ready_now => 0,
        None => -1,
        Some(time) => millis(time, c_long::MAX),
    };
    let united = if twins {
        ask_united(raw, timeout)?
    } else {
        ask(raw, timeout)?;
        HashMap::new()
    };
    let mut polled = raw.iter();
    for (index, item) in items.iter().enumerate() {
        if item.is_left_out() {
            continue;
        }
        let mut ready = PollEvents(polled.next().map_or(0, |raw| {
            let united = united.get(&raw.as_socket());
            united.copied().unwrap_or(raw.ready())
        }));
        if let Some(core) = item.core.filter(|_| item.wanted & IN != 0) {
            // A REQ that could send instead of receiving has lost its request: receiving says so.
            let lost = ready.is_writable() && core.awaits_reply_strictly();
            ready = ready.or_readable(lost || core.is_readable_now());
        }
        ready.0 &= item.wanted | if item.wanted == 0 { 0 } else { ERR };
        if !ready.is_empty() {
            tell(index, ready);
        }
    }
    Ok(())
}

fn ask(raw: &mut [RawItem<'_>], timeout: c_long) -> Result<()> {
    let count = raw.len();
    raw_poll(raw, timeout)
        .map(drop)
        .map_err(|errno| Error::from_errno(CALL, errno).on(format_args!("{count} items")))
}

/// Waits for nothing but the time. For no items libzmq calls `usleep` with the milliseconds times
/// 1000, which 32 bits do not hold from 71 minutes on: so it gets the time in pieces.
fn sleep(time: Duration) -> Result<(), Errno> {
    const PIECE: Duration = Duration::from_secs(1000);
    let end = Instant::now().checked_add(time);
    loop {
        let left = end.map_or(PIECE, |end| end.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Ok(());
        }
        raw_poll(&mut [], millis(left.min(PIECE), c_long::MAX))?;
    }
}

/// libzmq's form of a timeout: no shorter than asked for, and the longest where it is too long.
/// A C long has 32 bits on some systems.
fn millis<L: TryFrom<u128>>(time: Duration, longest: L) -> L {
    L::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::{Pair, Socket};
    use crate::{Context, PULL, REP, REQ};

    fn pipe() -> (Socket<Pair>, Socket<Pair>) {
        Context::new().unwrap().pipe().unwrap()
    }

    #[test]
    fn a_socket_that_is_there_twice_is_found_wherever_it_is() {
        let (one, two) = pipe();
        let (a, b) = (one.poll_in(), two.poll_in());
        let foreign = PollItem::foreign(b.raw());
        for _ in 0..2 {
            assert!(!has_twins(&[]));
            assert!(!has_twins(&[a]));
            assert!(!has_twins(&[a, b]));
            assert!(has_twins(&[a, a]));
            assert!(has_twins(&[a, b, one.poll_out()]));
            assert!(has_twins(&[a, a, a]));
            assert!(has_twins(&[a, foreign]), "whose it is is not known");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_descriptor_that_is_there_twice_takes_no_care() {
        use std::os::fd::AsFd as _;

        let (mine, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        assert!(!has_twins(&[PollItem::from(mine.as_fd()); 2]));
    }

    #[test]
    fn what_needs_care_is_a_req_that_waits_or_nothing_wanted() {
        let context = Context::new().unwrap();
        let (client, server) = (context.socket(REQ).unwrap(), context.socket(REP).unwrap());
        server.bind("inproc://care").unwrap();
        client.connect("inproc://care").unwrap();
        assert!(client.poll_in().is_plain());
        assert!(!client.poll_in().when(false).is_plain());
        client.send("request").unwrap();
        assert!(!client.poll_in().is_plain());
        assert!(server.poll_in().is_plain());
        assert!(context.socket(PULL).unwrap().poll_in().is_plain());
    }

    #[test]
    fn a_timeout_is_rounded_up_to_milliseconds() {
        for (nanos, expected) in [(0, 0), (1, 1), (1_000_000, 1), (1_000_001, 2)] {
            assert_eq!(millis(Duration::from_nanos(nanos), i32::MAX), expected);
            assert_eq!(
                millis(Duration::from_nanos(nanos), i64::MAX),
                i64::from(expected)
            );
        }
    }

    #[test]
    fn a_timeout_too_long_for_c_is_the_longest() {
        let most = Duration::from_millis(i32::MAX.unsigned_abs().into());
        let bit = Duration::from_nanos(1);
        assert_eq!(millis(most, i32::MAX), i32::MAX);
        assert_eq!(millis(most - bit, i32::MAX), i32::MAX);
        assert_eq!(millis(most + bit, i32::MAX), i32::MAX);
        assert_eq!(millis(most + bit, i64::MAX), i64::from(i32::MAX) + 1);
        assert_eq!(millis(Duration::MAX, i32::MAX), i32::MAX);
        assert_eq!(millis(Duration::MAX, i64::MAX), i64::MAX);
        assert_eq!(
            millis(Duration::from_millis(i64::MAX.unsigned_abs()), i64::MAX),
            i64::MAX
        );
    }
}
