//! Sending to a libzmq that takes what the script says.

use super::*;
use crate::ffi::socket::RawSocket;
use crate::{Context, DEALER, PAIR, PUSH, REQ};

const MORE: bool = true;
const LAST: bool = false;

/// Four parts that are taken, or not, as it is written; and what was asked for.
struct Script {
    answers: Vec<(usize, i32)>,
    asked: Vec<(usize, Flags)>,
}

impl PartList for Script {
    type Refused = ();

    fn count(&self) -> usize {
        4
    }

    fn bytes(&self, _: usize) -> &[u8] {
        &[]
    }

    fn send(&mut self, index: usize, _: &RawSocket, flags: Flags) -> Result<(), Errno> {
        self.asked.push((index, flags));
        match self.answers.first() {
            Some(&(at, errno)) if at == index => {
                self.answers.remove(0);
                Err(Errno(errno))
            }
            _ => Ok(()),
        }
    }

    fn sent(self) {}

    fn refused(self) {}
}

/// Sends the four parts on a socket of that type: what came of it, and which parts libzmq was
/// given, after the first, to the one it sees as the last.
#[track_caller]
fn sent<T: SocketType>(
    socket: &Socket<T>,
    answers: &[(usize, i32)],
) -> (Option<ErrorKind>, Vec<(usize, bool)>) {
    let mut script = Script {
        answers: answers.to_vec(),
        asked: Vec::new(),
    };
    let result = socket.core.send_parts(&mut script, Flags::BLOCK);
    assert_eq!(script.asked[0], (0, Flags::BLOCK.more(true)));
    let rest = script.asked[1..].iter().map(|&(index, flags)| {
        assert!(!flags.waits(), "part {index} waits");
        (index, flags == Flags::DONTWAIT.more(true))
    });
    let kind = match result {
        Ok(()) => None,
        Err(Fault::Dropped(error)) => Some(error.kind()),
        Err(Fault::Refused(error)) => panic!("{error}: but some of it was taken"),
    };
    (kind, rest.collect())
}

fn open<T: SocketType>(socket_type: T) -> Socket<T> {
    Context::new().unwrap().socket(socket_type).unwrap()
}

const EAGAIN: i32 = libc::EAGAIN;
const EINTR: i32 = libc::EINTR;
const DROPPED: Option<ErrorKind> = Some(ErrorKind::Dropped);

#[test]
fn a_signal_in_mid_message_repeats_the_same_part() {
    let answers = [(1, EINTR), (1, EINTR), (3, EINTR)];
    let asked = [
        (1, MORE),
        (1, MORE),
        (1, MORE),
        (2, MORE),
        (3, LAST),
        (3, LAST),
    ];
    assert_eq!(sent(&open(PUSH), &answers), (None, asked.to_vec()));
}

#[test]
fn the_rest_of_a_broken_message_is_swallowed_to_its_end() {
    let all = vec![(1, MORE), (2, MORE), (3, LAST)];
    assert_eq!(sent(&open(PUSH), &[(1, EAGAIN)]), (DROPPED, all.clone()));
    assert_eq!(sent(&open(DEALER), &[(1, EAGAIN)]), (DROPPED, all.clone()));
    let req = open(REQ);
    assert_eq!(sent(&req, &[(1, EAGAIN)]), (DROPPED, all.clone()));
    assert!(req.core.is_request_lost() && !req.core.turn.is_broken());
    // After a signal, too, and while swallowing.
    let answers = [(2, EINTR), (2, EAGAIN), (3, EINTR)];
    let asked = vec![(1, MORE), (2, MORE), (2, MORE), (3, LAST), (3, LAST)];
    assert_eq!(sent(&open(PUSH), &answers), (DROPPED, asked));
}

#[test]
fn nothing_follows_the_last_part_of_a_broken_message() {
    let all = vec![(1, MORE), (2, MORE), (3, LAST)];
    assert_eq!(sent(&open(PUSH), &[(3, EAGAIN)]), (DROPPED, all.clone()));
    let req = open(REQ);
    assert_eq!(sent(&req, &[(3, EAGAIN)]), (DROPPED, all));
    assert!(req.core.turn.is_broken() && !req.core.is_request_lost());
}

#[test]
fn a_pair_gives_nothing_of_a_broken_message_to_its_next_peer() {
    assert_eq!(
        sent(&open(PAIR), &[(1, EAGAIN)]),
        (DROPPED, vec![(1, MORE)])
    );
}

#[test]
fn a_message_stops_where_the_context_ends() {
    let ended = zmq_sys::ETERM;
    let terminated = Some(ErrorKind::Terminated);
    assert_eq!(
        sent(&open(PUSH), &[(1, ended)]),
        (terminated, vec![(1, MORE)])
    );
    assert_eq!(
        sent(&open(PUSH), &[(1, EAGAIN), (2, ended)]),
        (DROPPED, vec![(1, MORE), (2, MORE)])
    );
}
