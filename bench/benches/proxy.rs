//! Time per message through `zmq::proxy`, beside libzmq's `zmq_proxy`.
//!
//! `cargo bench -p zmq-bench --bench proxy`, or a part of it: `… --bench proxy -- queue/tcp`
//!
//! The peers are the same on both sides; only the proxy between them is not. Both run by turns, many
//! short rounds each, and the medians are compared: what else the machine does meets both alike. Three
//! or four threads share the cores, so compare under `taskset -c 0`, too.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, Multipart, Socket, SocketKind, SocketType};
use zmq_bench::{Outcome, Peer, Twin};

const ROUNDS: usize = 20;
const MARK: u32 = 1000;

#[derive(Debug, Clone, Copy)]
struct Load {
    endpoint: &'static str,
    size: usize,
    frames: usize,
    count: usize,
}

fn main() -> Outcome {
    let filter = env::args().skip(1).find(|arg| !arg.starts_with('-'));
    println!(
        "{:<34}{:>10}{:>10}{:>8}",
        "ns per message", "C", "zmq", "ratio"
    );
    type Run = fn(Load, bool) -> Outcome<Duration>;
    let patterns: [(&str, Run); 2] = [("stream", stream), ("queue", queue)];
    for (pattern, run) in patterns {
        for (transport, endpoint) in [("inproc", "inproc://"), ("tcp", "tcp://127.0.0.1:*")] {
            for size in [30, 1024] {
                for frames in [1, 3] {
                    let name = format!("{pattern}/{transport}/{size} B x {frames}");
                    if filter
                        .as_ref()
                        .is_some_and(|part| !name.contains(part.as_str()))
                    {
                        continue;
                    }
                    let count = if pattern == "stream" { 50_000 } else { 20_000 };
                    let load = Load {
                        endpoint,
                        size,
                        frames,
                        count,
                    };
                    let mut times = [Vec::new(), Vec::new()];
                    for round in 0..2 * ROUNDS {
                        // C, zmq, zmq, C: neither profits from its place.
                        let ours = [0, 1, 1, 0][round % 4];
                        times[ours].push(run(load, ours == 1)?);
                    }
                    let [c, ours] = times.map(|times| per_message(times, count));
                    println!("{name:<34}{c:>10.0}{ours:>10.0}{:>8.3}", ours / c);
                }
            }
        }
    }
    Ok(())
}

/// Nanoseconds, of the median.
fn per_message(mut times: Vec<Duration>, count: usize) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_nanos() as f64 / count as f64
}

/// PUSH to PULL, PUSH to PULL.
fn stream(load: Load, ours: bool) -> Outcome<Duration> {
    between(
        load,
        ours,
        [SocketKind::Pull, SocketKind::Push],
        |context, ends| {
            let [front, back] = ends;
            let source = peer(context, zmq::PUSH, front)?;
            let sink = peer(context, zmq::PULL, back)?;
            send(&source, load, 1)?;
            receive(&sink, 1)?; // connected
            let begin = Instant::now();
            thread::scope(|scope| -> Outcome {
                let sending = scope.spawn(move || send(&source, load, load.count));
                receive(&sink, load.count)?;
                sending.join().map_err(|_| "the source panicked")?
            })?;
            Ok(begin.elapsed())
        },
    )
}

/// DEALER to ROUTER, DEALER to DEALER, and back.
fn queue(load: Load, ours: bool) -> Outcome<Duration> {
    const AHEAD: usize = 500;
    between(
        load,
        ours,
        [SocketKind::Router, SocketKind::Dealer],
        |context, ends| {
            let [front, back] = ends;
            let client = peer(context, zmq::DEALER, front)?;
            let worker = peer(context, zmq::DEALER, back)?;
            thread::scope(|scope| {
                let working = scope.spawn(move || -> Outcome {
                    let mut message = Multipart::new();
                    for _ in 0..=load.count {
                        worker.recv_multipart_into(&mut message)?;
                        worker.send_multipart(std::mem::take(&mut message))?;
                    }
                    Ok(())
                });
                send(&client, load, 1)?;
                receive(&client, 1)?;
                let begin = Instant::now();
                let mut sent = 0;
                for received in 0..load.count {
                    let upto = load.count.min(received + AHEAD);
                    send(&client, load, upto - sent)?;
                    sent = upto;
                    receive(&client, 1)?;
                }
                let time = begin.elapsed();
                working.join().map_err(|_| "the worker panicked")??;
                Ok(time)
            })
        },
    )
}

/// Runs `work` with a proxy, whose two endpoints it is given.
fn between(
    load: Load,
    ours: bool,
    kinds: [SocketKind; 2],
    work: impl FnOnce(&Context, [String; 2]) -> Outcome<Duration>,
) -> Outcome<Duration> {
    let context = Context::new()?;
    let bind = |side: &str| match load.endpoint {
        "inproc://" => format!("inproc://{side}"),
        endpoint => endpoint.to_owned(),
    };
    thread::scope(|scope| {
        // Everything of this side stops with it.
        let guard = context.shutdown_on_drop();
        let ends = if ours {
            let sides = kinds.map(|kind| context.socket_of(kind));
            let [front, back] = sides;
            let (front, back) = (front?, back?);
            for (socket, name) in [(&front, "front"), (&back, "back")] {
                socket.set_sndhwm(MARK)?;
                socket.set_rcvhwm(MARK)?;
                socket.bind(&bind(name))?;
            }
            let ends = [front.last_endpoint()?, back.last_endpoint()?];
            scope.spawn(move || zmq::proxy(&front, &back));
            ends
        } else {
            let [front, back] = kinds.map(|kind| Twin::open(&context, kind, MARK));
            let (front, back) = (front?, back?);
            let ends = [front.bind(&bind("front"))?, back.bind(&bind("back"))?];
            scope.spawn(move || zmq_bench::proxy(&front, &back));
            ends
        };
        let time = work(&context, ends);
        drop(guard);
        time
    })
}

fn peer<T: SocketType>(context: &Context, kind: T, endpoint: String) -> Outcome<Socket<T>> {
    let socket = context.socket(kind)?;
    socket.set_sndhwm(MARK)?;
    socket.set_rcvhwm(MARK)?;
    socket.connect(&endpoint)?;
    Ok(socket)
}

fn send<T: zmq::CanSend>(socket: &Socket<T>, load: Load, count: usize) -> Outcome {
    let data = vec![b'.'; load.size];
    for _ in 0..count {
        match load.frames {
            1 => socket.send_multipart([&data[..]])?,
            _ => socket.send_multipart([&data[..]; 3])?,
        }
    }
    Ok(())
}

fn receive<T: zmq::CanReceive>(socket: &Socket<T>, count: usize) -> Outcome {
    let mut message = Multipart::new();
    for _ in 0..count {
        socket.recv_multipart_into(&mut message)?;
    }
    Ok(())
}
