//! Time per message in tasks, beside the blocking calls and their C twin on two threads.
//!
//! `cargo bench -p zmq-bench --bench tasks`, or a part of it: `… -- 'tcp/30 B'`. Best under
//! `taskset -c 0`: on several cores the scheduler decides.
//!
//! A stream is received as fast as it comes by a loop of `recv().await`, which tries first: what is there
//! is drained without a look at the event loop, 64 messages at a time.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::{self, Runtime};
use zmq::async_io::AsyncIo;
use zmq::asynchronous;
use zmq::tokio::Tokio;
use zmq::{Pull, Push, Rep, Req, SocketKind};
use zmq_bench::tasks::{Receives, Sends};
use zmq_bench::{Form, Ours, Outcome, Peer, Twin, connected, threads};

const TRANSPORTS: [(&str, &str); 2] = [("inproc", "inproc://bench"), ("tcp", "tcp://127.0.0.1:*")];
const SIZES: [(&str, usize); 4] = [
    ("1 B", 1),
    ("30 B", 30),
    ("1 KiB", 1 << 10),
    ("64 KiB", 64 << 10),
];
const FORM: Form = Form::Buffer;
const MANY: usize = 100;

/// What the tasks run on.
#[derive(Clone, Copy)]
enum Executor {
    TokioOneThread,
    TokioTwoThreads,
    AsyncIo,
}

const EXECUTORS: [(&str, Executor); 3] = [
    ("tokio, one thread", Executor::TokioOneThread),
    ("tokio, two threads", Executor::TokioTwoThreads),
    ("async-io", Executor::AsyncIo),
];

impl Executor {
    fn tokio(self) -> Option<Runtime> {
        let mut builder = match self {
            Executor::TokioOneThread => runtime::Builder::new_current_thread(),
            Executor::TokioTwoThreads => {
                let mut builder = runtime::Builder::new_multi_thread();
                builder.worker_threads(2);
                builder
            }
            Executor::AsyncIo => return None,
        };
        Some(builder.enable_all().build().expect("a runtime"))
    }
}

fn stream(criterion: &mut Criterion) {
    each(criterion, "stream", |group, endpoint, size| {
        let kinds = [SocketKind::Pull, SocketKind::Push];
        on_threads::<Twin>(group, "C", endpoint, kinds, size, threads::stream);
        on_threads::<Ours>(group, "zmq", endpoint, kinds, size, threads::stream);
        for (name, executor) in EXECUTORS {
            group.bench_function(name, |bencher| {
                let context = zmq::Context::new().expect("a context");
                let pair = pair(&context, endpoint, size, zmq::PULL, zmq::PUSH);
                bencher.iter_custom(stream_in_tasks(executor, vec![pair], size));
            });
        }
    });
}

fn trip(criterion: &mut Criterion) {
    each(criterion, "trip", |group, endpoint, size| {
        let kinds = [SocketKind::Rep, SocketKind::Req];
        on_threads::<Twin>(group, "C", endpoint, kinds, size, threads::trip);
        on_threads::<Ours>(group, "zmq", endpoint, kinds, size, threads::trip);
        for (name, executor) in EXECUTORS {
            group.bench_function(name, |bencher| {
                let context = zmq::Context::new().expect("a context");
                let pair = pair(&context, endpoint, size, zmq::REP, zmq::REQ);
                bencher.iter_custom(trip_in_tasks(executor, pair, size));
            });
        }
    });
}

/// The messages of one stream, dealt out to a hundred pairs of sockets with two tasks each.
fn hundred(criterion: &mut Criterion) {
    let size = 30;
    let mut group = criterion.benchmark_group("stream/tcp/30 B, 100 pairs");
    for (name, executor) in EXECUTORS {
        // In threads of their own they would be something else.
        if !matches!(executor, Executor::AsyncIo) {
            group.bench_function(name, |bencher| {
                let context = zmq::Context::new().expect("a context");
                let pairs = (0..MANY)
                    .map(|_| pair(&context, "tcp://127.0.0.1:*", size, zmq::PULL, zmq::PUSH))
                    .collect();
                bencher.iter_custom(stream_in_tasks(executor, pairs, size));
            });
        }
    }
    group.finish();
}

fn each(
    criterion: &mut Criterion,
    what: &str,
    group_of: impl Fn(&mut BenchmarkGroup<'_, WallTime>, &str, usize),
) {
    for (transport, endpoint) in TRANSPORTS {
        for (label, size) in SIZES {
            let mut group = criterion.benchmark_group(format!("{what}/{transport}/{label}"));
            group.throughput(Throughput::Bytes(size as u64));
            group_of(&mut group, endpoint, size);
            group.finish();
        }
    }
}

// ---- on threads ------------------------------------------------------------------------------

type Time<P> = fn(&mut [P; 2], Form, usize, usize) -> Outcome<Duration>;

fn on_threads<P: Peer>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    endpoint: &str,
    kinds: [SocketKind; 2],
    size: usize,
    time: Time<P>,
) {
    group.bench_function(name, |bencher| {
        let context = zmq::Context::new().expect("a context");
        let mut peers = connected(&context, endpoint, kinds, mark(size)).expect("two sockets");
        bencher
            .iter_custom(|count| time(&mut peers, FORM, size, count as usize).expect("messages"));
    });
}

/// Large messages must not fill the memory.
fn mark(size: usize) -> u32 {
    ((16 << 20) / size).clamp(16, 1000) as u32
}

// ---- in tasks --------------------------------------------------------------------------------

type Pair<A, B> = (zmq::Socket<A>, zmq::Socket<B>);

fn pair<A: zmq::SocketType, B: zmq::SocketType>(
    context: &zmq::Context,
    endpoint: &str,
    size: usize,
    a: A,
    b: B,
) -> Pair<A, B> {
    let make = || -> Outcome<Pair<A, B>> {
        let (a, b) = (context.socket(a)?, context.socket(b)?);
        a.set_rcvhwm(mark(size))?;
        a.set_sndhwm(mark(size))?;
        b.set_rcvhwm(mark(size))?;
        b.set_sndhwm(mark(size))?;
        a.bind(endpoint)?;
        b.connect(&a.last_endpoint()?)?;
        Ok((a, b))
    };
    make().expect("two sockets")
}

fn stream_in_tasks(
    executor: Executor,
    pairs: Vec<Pair<Pull, Push>>,
    size: usize,
) -> impl FnMut(u64) -> Duration {
    let mut placed = executor.takes(pairs);
    move |count| match &mut placed {
        Placed::Tokio(runtime, here) => {
            let share = (count as usize).div_ceil(here.len());
            let pairs = std::mem::take(here);
            let (time, pairs) = runtime.block_on(async move {
                let begin = Instant::now();
                let tasks: Vec<_> = pairs
                    .into_iter()
                    .map(|(pull, push)| {
                        let sending = tokio::spawn(sent(push, size, share));
                        (tokio::spawn(received(pull, size, share)), sending)
                    })
                    .collect();
                let mut pairs = Vec::new();
                for (receiving, sending) in tasks {
                    let pull = receiving.await.expect("the receiver");
                    pairs.push((pull, sending.await.expect("the sender")));
                }
                (begin.elapsed(), pairs)
            });
            *here = pairs;
            time
        }
        Placed::AsyncIo(there) => {
            let (pull, push) = there.pop().expect("one pair");
            let begin = Instant::now();
            let sending =
                thread::spawn(move || async_io::block_on(sent(push, size, count as usize)));
            let pull = async_io::block_on(received(pull, size, count as usize));
            let time = begin.elapsed();
            there.push((pull, sending.join().expect("the sender")));
            time
        }
    }
}

type Tasked<A, B, R> = (asynchronous::Socket<A, R>, asynchronous::Socket<B, R>);

/// The sockets in an event loop.
enum Placed<A: asynchronous::Awaitable, B: asynchronous::Awaitable> {
    Tokio(Runtime, Vec<Tasked<A, B, Tokio>>),
    AsyncIo(Vec<Tasked<A, B, AsyncIo>>),
}

impl Executor {
    fn takes<A: asynchronous::Awaitable, B: asynchronous::Awaitable>(
        self,
        pairs: Vec<Pair<A, B>>,
    ) -> Placed<A, B> {
        let Some(runtime) = self.tokio() else {
            return Placed::AsyncIo(taken_in(pairs));
        };
        let entered = runtime.enter();
        let pairs = taken_in(pairs);
        drop(entered);
        Placed::Tokio(runtime, pairs)
    }
}

fn taken_in<A, B, R>(pairs: Vec<Pair<A, B>>) -> Vec<Tasked<A, B, R>>
where
    A: asynchronous::Awaitable,
    B: asynchronous::Awaitable,
    R: asynchronous::Runtime,
{
    let both = |(a, b)| {
        let a = asynchronous::Socket::new(a).expect("a place in the event loop");
        (
            a,
            asynchronous::Socket::new(b).expect("a place in the event loop"),
        )
    };
    pairs.into_iter().map(both).collect()
}

async fn sent<R: asynchronous::Runtime>(
    mut push: asynchronous::Socket<Push, R>,
    size: usize,
    count: usize,
) -> asynchronous::Socket<Push, R> {
    let data = vec![b'.'; size];
    let sent = push.send_all(FORM, &data, count).await;
    sent.expect("messages out");
    push
}

async fn received<R: asynchronous::Runtime>(
    mut pull: asynchronous::Socket<Pull, R>,
    size: usize,
    count: usize,
) -> asynchronous::Socket<Pull, R> {
    let mut buffer = vec![0; size];
    let received = pull.receive_all(FORM, &mut buffer, count).await;
    black_box(received.expect("messages in"));
    pull
}

fn trip_in_tasks(
    executor: Executor,
    pair: Pair<Rep, Req>,
    size: usize,
) -> impl FnMut(u64) -> Duration {
    let mut placed = executor.takes(vec![pair]);
    move |count| match &mut placed {
        Placed::Tokio(runtime, here) => {
            let (server, client) = here.pop().expect("one pair");
            let (time, pair) = runtime.block_on(async move {
                let begin = Instant::now();
                let serving = tokio::spawn(served(server, size, count));
                // A task of its own, too: what `block_on` runs is polled in another way.
                let client = tokio::spawn(asked(client, size, count))
                    .await
                    .expect("the client");
                (
                    begin.elapsed(),
                    (serving.await.expect("the server"), client),
                )
            });
            here.push(pair);
            time
        }
        Placed::AsyncIo(there) => {
            let (server, client) = there.pop().expect("one pair");
            let begin = Instant::now();
            let serving = thread::spawn(move || async_io::block_on(served(server, size, count)));
            let client = async_io::block_on(asked(client, size, count));
            let time = begin.elapsed();
            there.push((serving.join().expect("the server"), client));
            time
        }
    }
}

async fn served<R: asynchronous::Runtime>(
    mut server: asynchronous::Socket<Rep, R>,
    size: usize,
    count: u64,
) -> asynchronous::Socket<Rep, R> {
    let (data, mut buffer) = (vec![b'.'; size], vec![0; size]);
    for _ in 0..count {
        let received = server.receive_all(FORM, &mut buffer, 1).await;
        black_box(received.expect("a request"));
        let sent = server.send_all(FORM, &data, 1).await;
        sent.expect("its reply");
    }
    server
}

async fn asked<R: asynchronous::Runtime>(
    mut client: asynchronous::Socket<Req, R>,
    size: usize,
    count: u64,
) -> asynchronous::Socket<Req, R> {
    let (data, mut buffer) = (vec![b'.'; size], vec![0; size]);
    for _ in 0..count {
        let sent = client.send_all(FORM, &data, 1).await;
        sent.expect("a request");
        let received = client.receive_all(FORM, &mut buffer, 1).await;
        black_box(received.expect("its reply"));
    }
    client
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800));
    targets = stream, trip, hundred
}
criterion_main!(benches);
