//! Tries the waiting of `zmq/src/asynchronous/wake.rs` in every order of its threads' steps with two or
//! three preemptions, against a model of what libzmq and an event loop do with one descriptor.

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

/// What libzmq's threads and the event loop's have in common with the socket's.
#[derive(Default)]
struct Outside {
    /// Commands that the socket has not taken in: a message came, room came.
    commands: Vec<Direction>,
    /// An edge that the event loop has not seen. Taking in the commands takes it away.
    edge: bool,
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
}

impl Socket {
    fn take_in(&mut self) {
        let mut outside = lock(&self.outside);
        outside.edge = false;
        for command in outside.commands.drain(..) {
            match command {
                Direction::Receive => self.messages += 1,
                Direction::Send => self.room += 1,
            }
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

    fn changes_untold(&self) -> bool {
        false
    }

    fn wake_later(&mut self, _: &Waker) {}
}

/// The other end: each command makes an edge, which the event loop sees, or finds gone.
fn other_end(outside: Arc<Mutex<Outside>>, commands: &[Direction]) {
    for &command in commands {
        let mut now = lock(&outside);
        now.commands.push(command);
        now.edge = true;
        drop(now);
        // The event loop comes to look.
        let mut now = lock(&outside);
        if !std::mem::replace(&mut now.edge, false) {
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
    fn new(room: u8) -> (Arc<Mutex<Shared>>, Arc<Mutex<Outside>>) {
        let outside = Arc::new(Mutex::new(Outside::default()));
        let shared = Shared {
            waits: Waits::new(),
            socket: Socket {
                outside: Arc::clone(&outside),
                messages: 0,
                room,
            },
        };
        (Arc::new(Mutex::new(shared)), outside)
    }

    fn poll(&mut self, direction: Direction, context: &mut Context<'_>) -> Poll<()> {
        let Shared { waits, socket } = self;
        let attempt = |socket: &mut Socket| {
            let done = match direction {
                Direction::Receive => socket.receive(),
                Direction::Send => socket.send(),
            };
            done.map_or(Poll::Pending, |()| Poll::Ready(Ok::<(), Infallible>(())))
        };
        waits
            .poll(socket, direction, context, attempt)
            .map(|Ok(())| ())
    }
}

async fn times(shared: Arc<Mutex<Shared>>, direction: Direction, times: u8) {
    for _ in 0..times {
        poll_fn(|context| lock(&shared).poll(direction, context)).await;
    }
}

/// loom reports whoever sleeps for ever as a deadlock.
fn model(preemptions: usize, check: impl Fn() + Sync + std::marker::Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(check);
}

use Direction::{Receive, Send};

#[test]
fn a_receive_alone_sleeps_through_no_message() {
    model(3, || {
        let (shared, outside) = Shared::new(0);
        let end = thread::spawn(|| other_end(outside, &[Receive, Receive]));
        block_on(times(shared, Receive, 2));
        end.join().unwrap();
    });
}

#[test]
fn a_send_alone_sleeps_through_no_room() {
    model(3, || {
        let (shared, outside) = Shared::new(1);
        let end = thread::spawn(|| other_end(outside, &[Send, Send]));
        block_on(times(shared, Send, 3));
        end.join().unwrap();
    });
}

#[test]
fn a_reader_is_woken_in_spite_of_a_writer_that_never_waits() {
    model(2, || {
        let (shared, outside) = Shared::new(2);
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
        model(2, || {
            let (shared, outside) = Shared::new(0);
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
    model(2, || {
        let (shared, outside) = Shared::new(0);
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
    model(2, || {
        let (shared, outside) = Shared::new(0);
        let end = thread::spawn(|| other_end(outside, &[Receive]));
        let user = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let mut shared = lock(&shared);
                let Ok(_) = shared.socket.ready();
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
    model(2, || {
        let (shared, outside) = Shared::new(0);
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
