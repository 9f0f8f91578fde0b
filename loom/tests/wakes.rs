//! Tries the waiting of `zmq/src/asynchronous/wake.rs` in every order of its threads' steps with two or
//! three preemptions, against models of what libzmq and an event loop do with one descriptor: a socket's
//! own, and that of a poller (`zmq/src/ffi/poller.rs`).

mod sync {
    pub(super) use loom::sync::atomic::{AtomicU8, Ordering};
    pub(super) use loom::sync::{Mutex, MutexGuard};

    pub(super) fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
        mutex.lock().unwrap()
    }
}

#[path = "../../zmq/src/asynchronous/wake.rs"]
#[allow(dead_code, reason = "the model sends and receives, and no more")]
mod wake;

use std::convert::Infallible;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use loom::sync::{Arc, Mutex};
use loom::thread;

use sync::lock;
use wake::{Device, Direction, Directions, Waits};

/// Whose descriptor it is.
#[derive(Clone, Copy, PartialEq)]
enum Tells {
    Socket,
    Poller,
}

/// How many calls a poller that listens stays with before it lets go of the socket.
const MOST: u8 = 1;

/// What libzmq's threads and the event loop's have in common with the socket's.
struct Outside {
    tells: Tells,
    /// Commands that the socket has not taken in: a message came, room came.
    commands: Vec<Direction>,
    /// The socket has taken in all commands, and the next one is to be told.
    asleep: bool,
    /// The poller has the socket, and is told.
    listens: bool,
    /// What the event loop has not seen of the descriptor. A socket takes its own away when it takes
    /// in the commands, a poller's stays until somebody reads it.
    signals: u8,
    /// The event loop has seen an edge, and the socket's side has not asked since.
    seen: bool,
    /// What the event loop wakes at the next edge.
    waker: Option<Waker>,
}

/// A socket: what of the commands has been taken in.
struct Socket {
    outside: Arc<Mutex<Outside>>,
    messages: u8,
    room: u8,
    /// Calls since the poller's signals were read.
    calls: u8,
}

impl Socket {
    fn take_in(&mut self) {
        let mut outside = lock(&self.outside);
        if outside.tells == Tells::Socket {
            outside.signals = 0;
        }
        for command in outside.commands.drain(..) {
            match command {
                Direction::Receive => self.messages += 1,
                Direction::Send => self.room += 1,
            }
        }
        outside.asleep = true;
    }

    fn listen(&mut self) {
        self.calls = 0;
        if lock(&self.outside).tells == Tells::Socket {
            return;
        }
        lock(&self.outside).listens = true;
        lock(&self.outside).signals = 0;
    }

    fn ignore(&mut self) {
        let mut outside = lock(&self.outside);
        outside.listens = outside.tells == Tells::Socket;
    }

    fn call(&mut self) {
        self.calls += 1;
        if self.calls > MOST {
            self.ignore();
        }
    }

    /// Takes in all commands before it would block.
    fn receive(&mut self) -> Option<()> {
        if self.messages == 0 {
            self.take_in();
        }
        self.messages = self.messages.checked_sub(1)?;
        Some(())
    }

    /// Takes in commands now and then; here it takes them in when it has succeeded.
    fn send(&mut self) -> Option<()> {
        self.room = self.room.checked_sub(1)?;
        self.take_in();
        Some(())
    }
}

impl Device for Socket {
    type Error = Infallible;

    fn ready(&mut self) -> Result<Directions, Infallible> {
        self.listen();
        self.take_in();
        Ok(Directions::NONE
            .with(Direction::Receive, self.messages > 0)
            .with(Direction::Send, self.room > 0))
    }

    fn poll_edge(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        let mut outside = lock(&self.outside);
        if outside.seen {
            outside.seen = false;
            return Poll::Ready(Ok(()));
        }
        outside.waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn tells_after_a_receive(&self) -> bool {
        lock(&self.outside).tells == Tells::Socket
    }

    fn changes_untold(&self) -> bool {
        false
    }

    fn wake_later(&mut self, _: &Waker) {}
}

/// The other end: a command makes an edge if it is to be told, which the event loop sees, or finds gone.
fn other_end(outside: Arc<Mutex<Outside>>, commands: &[Direction]) {
    for &command in commands {
        let mut now = lock(&outside);
        now.commands.push(command);
        let told = std::mem::replace(&mut now.asleep, false) && now.listens;
        now.signals += u8::from(told);
        drop(now);
        // The event loop comes to look.
        let mut now = lock(&outside);
        if !told || now.signals == 0 {
            continue;
        }
        now.seen = true;
        let waker = now.waker.take();
        drop(now);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

struct Shared {
    waits: Waits,
    socket: Socket,
}

impl Shared {
    fn new(tells: Tells, room: u8) -> (Arc<Mutex<Shared>>, Arc<Mutex<Outside>>) {
        let outside = Arc::new(Mutex::new(Outside {
            tells,
            commands: Vec::new(),
            asleep: true,
            listens: true,
            signals: 0,
            seen: false,
            waker: None,
        }));
        let shared = Shared {
            waits: Waits::new(),
            socket: Socket {
                outside: Arc::clone(&outside),
                messages: 0,
                room,
                calls: 0,
            },
        };
        (Arc::new(Mutex::new(shared)), outside)
    }

    /// As a socket in tasks does: the first attempt stands by itself.
    fn poll(&mut self, direction: Direction, context: &mut Context<'_>) -> Poll<()> {
        let Shared { waits, socket } = self;
        let attempt = |socket: &mut Socket| {
            socket.call();
            let done = match direction {
                Direction::Receive => socket.receive(),
                Direction::Send => socket.send(),
            };
            done.map_or(Poll::Pending, |()| Poll::Ready(Ok::<(), Infallible>(())))
        };
        let begins = waits.begins(direction);
        if begins && attempt(socket).is_ready() {
            waits.succeeded(socket, direction);
            return Poll::Ready(());
        }
        waits
            .poll(socket, direction, context, begins, attempt)
            .map(|Ok(())| ())
    }
}

async fn times(shared: Arc<Mutex<Shared>>, direction: Direction, times: u8) {
    for _ in 0..times {
        poll_fn(|context| lock(&shared).poll(direction, context)).await;
    }
}

/// loom reports whoever sleeps for ever as a deadlock.
fn model(preemptions: usize, check: impl Fn(Tells) + Copy + Sync + std::marker::Send + 'static) {
    for tells in [Tells::Socket, Tells::Poller] {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(preemptions);
        builder.check(move || check(tells));
    }
}

use Direction::{Receive, Send};

#[test]
fn a_receive_alone_sleeps_through_no_message() {
    model(3, |tells| {
        let (shared, outside) = Shared::new(tells, 0);
        let end = thread::spawn(|| other_end(outside, &[Receive, Receive]));
        block_on(times(shared, Receive, 2));
        end.join().unwrap();
    });
}

#[test]
fn a_send_alone_sleeps_through_no_room() {
    model(3, |tells| {
        let (shared, outside) = Shared::new(tells, 1);
        let end = thread::spawn(|| other_end(outside, &[Send, Send]));
        block_on(times(shared, Send, 3));
        end.join().unwrap();
    });
}

#[test]
fn a_reader_is_woken_in_spite_of_a_writer_that_never_waits() {
    model(2, |tells| {
        let (shared, outside) = Shared::new(tells, 2);
        let end = thread::spawn(|| other_end(outside, &[Receive]));
        let writer = thread::spawn({
            let shared = Arc::clone(&shared);
            || block_on(times(shared, Send, 2))
        });
        block_on(times(shared, Receive, 1));
        writer.join().unwrap();
        end.join().unwrap();
    });
}

#[test]
fn both_directions_that_wait_get_theirs() {
    for commands in [&[Receive, Send], &[Send, Receive]] {
        model(2, |tells| {
            let (shared, outside) = Shared::new(tells, 0);
            let end = thread::spawn(|| other_end(outside, commands));
            let writer = thread::spawn({
                let shared = Arc::clone(&shared);
                || block_on(times(shared, Send, 1))
            });
            block_on(times(shared, Receive, 1));
            writer.join().unwrap();
            end.join().unwrap();
        });
    }
}

#[test]
fn a_writer_that_finds_no_room_answers_for_the_message_it_took_in() {
    model(2, |tells| {
        let (shared, outside) = Shared::new(tells, 0);
        let end = thread::spawn(|| other_end(outside, &[Receive]));
        let writer = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let polled = lock(&shared).poll(Send, &mut Context::from_waker(Waker::noop()));
                assert!(polled.is_pending());
            }
        });
        block_on(times(shared, Receive, 1));
        writer.join().unwrap();
        end.join().unwrap();
    });
}

#[test]
fn using_the_socket_otherwise_wakes_whoever_sleeps() {
    model(2, |tells| {
        let (shared, outside) = Shared::new(tells, 0);
        let end = thread::spawn(|| other_end(outside, &[Receive]));
        let user = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let mut shared = lock(&shared);
                shared.socket.ignore();
                shared.socket.take_in();
                shared.waits.used();
            }
        });
        block_on(times(shared, Receive, 1));
        user.join().unwrap();
        end.join().unwrap();
    });
}

#[test]
fn a_wait_that_was_given_up_takes_no_wake_away() {
    model(2, |tells| {
        let (shared, outside) = Shared::new(tells, 0);
        let end = thread::spawn(|| other_end(outside, &[Receive]));
        let given_up = Arc::clone(&shared);
        block_on(poll_fn(move |context| {
            let _ = lock(&given_up).poll(Send, context);
            Poll::Ready(())
        }));
        block_on(times(shared, Receive, 1));
        end.join().unwrap();
    });
}
