//! Random programs whose values are dropped in random orders, on random threads: nothing hangs, and
//! nothing aborts.

use std::any::Any as AnyValue;
use std::process;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::{LONG, NO_TIME};
use crate::in_children;
use zmq::{Any, Context, Message, Monitor, MonitorEvents, Poller, Socket, SocketKind};

const KINDS: [SocketKind; 12] = [
    SocketKind::Pair,
    SocketKind::Pub,
    SocketKind::Sub,
    SocketKind::Req,
    SocketKind::Rep,
    SocketKind::Dealer,
    SocketKind::Router,
    SocketKind::Pull,
    SocketKind::Push,
    SocketKind::XPub,
    SocketKind::XSub,
    SocketKind::Stream,
];

/// Numbers choose among what there is, and no step fails when there is nothing.
#[derive(Debug, Clone)]
enum Step {
    Context,
    CloneContext(usize),
    Shutdown(usize),
    Socket(usize, SocketKind),
    Bind(usize, bool),
    Connect(usize, usize),
    Disconnect(usize, usize),
    Send(usize, usize),
    /// Sends what was received, or holds a value.
    Pass(usize, usize),
    Receive(usize),
    /// Reads the first frame, and then drops or forgets the stream.
    Stream(usize, bool),
    Request(usize),
    Monitor(usize),
    Event(usize),
    Poll,
    Share(usize),
    /// A message whose owner is a context, or a socket.
    Own(bool),
    Drop(What, usize, Where),
    /// Goes on, on another thread.
    Move,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Context,
    Socket,
    Message,
    Monitor,
}

#[derive(Debug, Clone, Copy)]
enum Where {
    Here,
    Joined,
    Meanwhile,
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0..64usize;
    let place = proptest::sample::select(vec![Where::Here, Where::Joined, Where::Meanwhile]);
    let what = proptest::sample::select(vec![
        What::Context,
        What::Socket,
        What::Message,
        What::Monitor,
    ]);
    let kind = proptest::sample::select(KINDS.to_vec());
    prop_oneof![
        1 => Just(Step::Context),
        1 => which().prop_map(Step::CloneContext),
        1 => which().prop_map(Step::Shutdown),
        8 => (which(), kind).prop_map(|(context, kind)| Step::Socket(context, kind)),
        6 => (which(), any::<bool>()).prop_map(|(socket, tcp)| Step::Bind(socket, tcp)),
        8 => (which(), which()).prop_map(|(socket, to)| Step::Connect(socket, to)),
        2 => (which(), which()).prop_map(|(socket, to)| Step::Disconnect(socket, to)),
        8 => (which(), 1..5usize).prop_map(|(socket, parts)| Step::Send(socket, parts)),
        3 => (which(), which()).prop_map(|(socket, message)| Step::Pass(socket, message)),
        6 => which().prop_map(Step::Receive),
        4 => (which(), any::<bool>()).prop_map(|(socket, forget)| Step::Stream(socket, forget)),
        2 => which().prop_map(Step::Request),
        3 => which().prop_map(Step::Monitor),
        2 => which().prop_map(Step::Event),
        3 => Just(Step::Poll),
        2 => which().prop_map(Step::Share),
        2 => any::<bool>().prop_map(Step::Own),
        8 => (what, which(), place).prop_map(|(what, which, place)| Step::Drop(what, which, place)),
        1 => Just(Step::Move),
    ]
}

/// What a program holds.
#[derive(Default)]
struct Values {
    contexts: Vec<Context>,
    sockets: Vec<Socket<Any>>,
    messages: Vec<Message>,
    monitors: Vec<Monitor>,
    threads: Vec<JoinHandle<()>>,
    names: usize,
    /// Held by every value that a message owns.
    alive: Option<mpsc::Sender<()>>,
}

/// Any value, as the owner of a message's bytes.
struct Owned<T> {
    bytes: [u8; 64],
    _value: T,
    _alive: mpsc::Sender<()>,
}

impl<T> AsRef<[u8]> for Owned<T> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn chosen<T>(values: &[T], which: usize) -> Option<&T> {
    values.get(which.checked_rem(values.len())?)
}

fn taken<T>(values: &mut Vec<T>, which: usize) -> Option<T> {
    let index = which.checked_rem(values.len())?;
    Some(values.swap_remove(index))
}

impl Values {
    /// Every call may fail: only its end counts.
    fn take(&mut self, step: &Step) -> Option<()> {
        match *step {
            Step::Context => {
                let context = Context::new().ok()?;
                // What nobody receives is nothing to wait for.
                context.set_linger(NO_TIME).ok()?;
                self.contexts.push(context);
            }
            Step::CloneContext(which) => {
                let context = chosen(&self.contexts, which)?.clone();
                self.contexts.push(context);
            }
            Step::Shutdown(which) => chosen(&self.contexts, which)?.shutdown().ok()?,
            Step::Socket(which, kind) => {
                let context = match chosen(&self.contexts, which) {
                    Some(context) => context.clone(),
                    None => chosen(&self.sockets, which)?.context().clone(),
                };
                let socket = context.socket_of(kind).ok()?;
                if matches!(kind, SocketKind::Sub | SocketKind::XSub) {
                    socket.subscribe("").ok()?;
                }
                self.sockets.push(socket);
            }
            Step::Bind(which, tcp) => {
                let socket = chosen(&self.sockets, which)?;
                self.names += 1;
                let inproc = format!("inproc://{}", self.names);
                let endpoint = if tcp { "tcp://127.0.0.1:*" } else { &inproc };
                socket.bind(endpoint).ok()?;
            }
            Step::Connect(which, to) => {
                let endpoint = self.endpoint(to)?;
                chosen(&self.sockets, which)?.connect(&endpoint).ok()?;
            }
            Step::Disconnect(which, to) => {
                let endpoint = self.endpoint(to)?;
                let socket = chosen(&self.sockets, which)?;
                if socket.disconnect(&endpoint).is_err() {
                    socket.unbind(&endpoint).ok()?;
                }
            }
            Step::Send(which, parts) => {
                let message = vec![vec![7; 10 * parts * parts * parts]; parts];
                chosen(&self.sockets, which)?
                    .try_send_multipart(message)
                    .ok()?;
            }
            Step::Pass(which, message) => {
                let message = taken(&mut self.messages, message)?;
                if let Err(refused) = chosen(&self.sockets, which)?.try_send(message) {
                    self.messages.push(refused.message);
                }
            }
            Step::Receive(which) => {
                let message = chosen(&self.sockets, which)?.try_recv_multipart().ok()??;
                self.messages.extend(message);
            }
            Step::Stream(which, forget) => {
                let index = which.checked_rem(self.sockets.len())?;
                let mut frames = self.sockets[index].try_recv_frames().ok()??;
                self.messages.extend(frames.next()?);
                if forget {
                    std::mem::forget(frames);
                }
            }
            Step::Request(which) => {
                // A REQ's guard and a REP's, of which nothing is heard again.
                let socket = taken(&mut self.sockets, which)?;
                let socket = match socket.downcast::<zmq::Req>() {
                    Ok(mut req) => {
                        let _ = req.set_sndtimeo(NO_TIME);
                        drop(req.request("question"));
                        req.into_any()
                    }
                    Err(socket) => match socket.downcast::<zmq::Rep>() {
                        Ok(mut rep) => {
                            let _ = rep.try_next_request().map(drop);
                            rep.into_any()
                        }
                        Err(socket) => socket,
                    },
                };
                self.sockets.push(socket);
            }
            Step::Monitor(which) => {
                let monitor = chosen(&self.sockets, which)?
                    .monitor(MonitorEvents::ALL)
                    .ok()?;
                self.monitors.push(monitor);
            }
            Step::Event(which) => drop(chosen(&self.monitors, which)?.try_recv().ok()?),
            Step::Poll => self.poll()?,
            Step::Share(which) => {
                let index = which.checked_rem(self.messages.len())?;
                let copy = self.messages[index].share();
                self.messages.push(copy);
            }
            Step::Own(socket) => {
                // New ones: a message that owns its own context waits for ever where it is sent to
                // an inproc endpoint that nobody binds.
                let context = Context::new().ok()?;
                if socket {
                    let value = context.socket(zmq::DEALER).ok()?;
                    self.own(value)?;
                } else {
                    self.own(context)?;
                }
            }
            Step::Drop(what, which, place) => {
                let value = self.value(what, which)?;
                self.drop_at(value, place);
            }
            Step::Move => {
                let values = std::mem::take(self);
                *self = thread::spawn(move || {
                    values.poll();
                    values
                })
                .join()
                .unwrap();
            }
        }
        Some(())
    }

    fn own<T: Send + 'static>(&mut self, value: T) -> Option<()> {
        let owner = Owned {
            bytes: [1; 64],
            _value: value,
            _alive: self.alive.clone()?,
        };
        self.messages.push(Message::from_owner(owner));
        Some(())
    }

    fn endpoint(&self, of: usize) -> Option<String> {
        let endpoint = chosen(&self.sockets, of)?.last_endpoint().ok()?;
        Some(if endpoint.is_empty() {
            "inproc://not-yet-bound".into()
        } else {
            endpoint
        })
    }

    fn poll(&self) -> Option<()> {
        let mut poller = Poller::new();
        for (key, socket) in self.sockets.iter().enumerate() {
            poller.add(key, socket.poll_in_out()).ok()?;
        }
        for monitor in &self.monitors {
            poller
                .add(usize::MAX - poller.len(), monitor.poll_in())
                .ok()?;
        }
        poller.wait(NO_TIME).map(drop).ok()
    }

    fn value(&mut self, what: What, which: usize) -> Option<Box<dyn AnyValue + Send>> {
        Some(match what {
            What::Context => Box::new(taken(&mut self.contexts, which)?),
            What::Socket => Box::new(taken(&mut self.sockets, which)?),
            What::Message => Box::new(taken(&mut self.messages, which)?),
            What::Monitor => Box::new(taken(&mut self.monitors, which)?),
        })
    }

    fn drop_at(&mut self, value: Box<dyn AnyValue + Send>, place: Where) {
        match place {
            Where::Here => drop(value),
            Where::Joined => thread::spawn(move || drop(value)).join().unwrap(),
            Where::Meanwhile => self.threads.push(thread::spawn(move || drop(value))),
        }
    }
}

/// Runs the steps, drops what is left in the order that `last` says, and waits until all is gone.
fn run(steps: &[Step], last: &[(What, usize, Where)]) {
    let (alive, gone) = mpsc::channel();
    let mut values = Values {
        alive: Some(alive),
        ..Values::default()
    };
    values.take(&Step::Context);
    for step in steps {
        values.take(step);
    }
    for (what, which, place) in last {
        if let Some(value) = values.value(*what, *which) {
            values.drop_at(value, *place);
        }
    }
    let threads = std::mem::take(&mut values.threads);
    drop(values);
    for thread in threads {
        thread.join().unwrap();
    }
    // What messages own is dropped elsewhere, and later.
    gone.recv().unwrap_err();
}

/// The same, in a process that ends when it takes too long.
fn run_watched(steps: Vec<Step>, last: Vec<(What, usize, Where)>) {
    // It is shown when the process does not end well.
    println!("{steps:?}\nand then {last:?}");
    let (done, ended) = mpsc::channel::<()>();
    let program = thread::spawn(move || {
        run(&steps, &last);
        drop(done);
    });
    if ended.recv_timeout(LONG) == Err(mpsc::RecvTimeoutError::Timeout) {
        println!("it hangs");
        process::abort();
    }
    program.join().unwrap();
}

fn programs() -> impl Strategy<Value = (Vec<Step>, Vec<(What, usize, Where)>)> {
    let what = proptest::sample::select(vec![
        What::Context,
        What::Socket,
        What::Message,
        What::Monitor,
    ]);
    let place = proptest::sample::select(vec![Where::Here, Where::Joined, Where::Meanwhile]);
    (vec(step(), 10..80), vec((what, 0..64usize, place), 0..40))
}

#[test]
fn random_programs_end_whatever_is_dropped_where() {
    in_children(
        "drops::random_programs_end_whatever_is_dropped_where",
        64,
        &programs(),
        |(steps, last)| run_watched(steps, last),
    );
}
