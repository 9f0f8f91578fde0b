//! Time per message of each form, beside its C twin.
//!
//! `cargo bench -p zmq-bench`, or a part of it: `cargo bench -p zmq-bench -- 'stream/inproc/30 B'`
//!
//! Two threads on two cores run free or wake each other for every message, as the scheduler likes:
//! compare small messages under `taskset -c 0`, and trust the instruction counts (`--bin
//! instructions`) first. Large ones depend on what the allocator has learnt from those before:
//! repeat a surprising pair alone.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use zmq::SocketKind;
use zmq_bench::{Form, Ours, Outcome, Peer, Twin, connected, threads};

const TRANSPORTS: [(&str, &str); 2] = [("inproc", "inproc://bench"), ("tcp", "tcp://127.0.0.1:*")];
const SIZES: [(&str, usize); 5] = [
    ("1 B", 1),
    ("30 B", 30),
    ("1 KiB", 1 << 10),
    ("64 KiB", 64 << 10),
    ("1 MiB", 1 << 20),
];
const STREAMED: [Form; 6] = [
    Form::Buffer,
    Form::Reused,
    Form::Fresh,
    Form::Parts,
    Form::BufferParts,
    Form::HandOver,
];
const TRIPPED: [Form; 3] = [Form::Buffer, Form::Reused, Form::Fresh];

fn stream(criterion: &mut Criterion) {
    each(
        criterion,
        "stream",
        &STREAMED,
        [SocketKind::Pull, SocketKind::Push],
        threads::stream,
        threads::stream,
    );
}

fn trip(criterion: &mut Criterion) {
    each(
        criterion,
        "trip",
        &TRIPPED,
        [SocketKind::Rep, SocketKind::Req],
        threads::trip,
        threads::trip,
    );
}

/// How long so many messages of a form and size take from the second peer to the first.
type Time<P> = fn(&mut [P; 2], Form, usize, usize) -> Outcome<Duration>;

fn each(
    criterion: &mut Criterion,
    what: &str,
    forms: &[Form],
    kinds: [SocketKind; 2],
    twin: Time<Twin>,
    ours: Time<Ours>,
) {
    for (transport, endpoint) in TRANSPORTS {
        for (label, size) in SIZES {
            let mut group = criterion.benchmark_group(format!("{what}/{transport}/{label}"));
            group.throughput(Throughput::Bytes(size as u64));
            for &form in forms {
                one(&mut group, "C", form, size, endpoint, kinds, twin);
                one(&mut group, "zmq", form, size, endpoint, kinds, ours);
            }
            group.finish();
        }
    }
}

fn one<P: Peer>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    side: &str,
    form: Form,
    size: usize,
    endpoint: &str,
    kinds: [SocketKind; 2],
    time: Time<P>,
) {
    // Large messages must not fill the memory.
    let mark = ((16 << 20) / size).clamp(16, 1000) as u32;
    group.bench_function(format!("{}/{side}", form.name()), |bencher| {
        let context = zmq::Context::new().expect("a context");
        let mut peers = connected(&context, endpoint, kinds, mark).expect("two sockets");
        bencher.iter_custom(|count| {
            time(&mut peers, form, size, count as usize).expect("messages from peer to peer")
        });
    });
}

criterion_group! {
    name = messages;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800));
    targets = stream, trip
}
criterion_main!(messages);
