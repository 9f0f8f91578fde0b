//! One side of a measurement: `rival SIDE [NAME=VALUE…] stream|trip tcp|ipc|inproc SIZE FRAMES COUNT`, where
//! `SIDE` is `C FORM`, `zmq FORM`, `tokio` or `async-io`, the names are those of [`Tuning::named`], and the
//! other arguments are those of `rivals/`.

#[path = "../../rivals/arguments.rs"]
mod arguments;

use std::hint::black_box;
use std::time::{Duration, Instant};
use std::{env, thread};

use zmq::async_io::AsyncIo;
use zmq::asynchronous::{Awaitable, Runtime, Socket};
use zmq::tokio::Tokio;
use zmq::{Multipart, Pull, Push, Rep, Req, SocketKind, SocketType};
use zmq_bench::{Form, Ours, Outcome, Peer, Tuning, Twin, tune};

use arguments::Arguments;

fn main() -> Outcome {
    let arguments = Arguments::read()?;
    let words: Vec<String> = env::args().skip(1).collect();
    let tuning = Tuning::named(words.iter().map(String::as_str))?;
    let form = |name: &str| Form::named(name).ok_or_else(|| format!("no form is called {name}"));
    let time = match &*words[0] {
        "C" => threads::<Twin>(&arguments, &tuning, form(&words[1])?)?,
        "zmq" => threads::<Ours>(&arguments, &tuning, form(&words[1])?)?,
        "tokio" => tokio(&arguments, &tuning)?,
        "async-io" => async_io(&arguments, &tuning)?,
        other => return Err(format!("no side is called {other}").into()),
    };
    println!("{}", time.as_nanos());
    Ok(())
}

fn threads<P: Peer>(arguments: &Arguments, tuning: &Tuning, form: Form) -> Outcome<Duration> {
    let count = usize::try_from(arguments.count)?;
    let data = vec![b'.'; arguments.size];
    let mut buffer = data.clone();
    let context = context(tuning)?;
    let kinds = if arguments.trip {
        [SocketKind::Rep, SocketKind::Req]
    } else {
        [SocketKind::Pull, SocketKind::Push]
    };
    let [bind, connect] = tuning.affinity;
    let here = P::open(&context, kinds[0], tuning.high_water_mark)?;
    here.tune(tuning, bind)?;
    let endpoint = here.bind(&arguments.endpoint()?)?;
    let mut others = Vec::new();
    for _ in 0..tuning.connections {
        let there = P::open(&context, kinds[1], tuning.high_water_mark)?;
        there.tune(tuning, connect)?;
        there.connect(&endpoint)?;
        others.push(there);
    }
    thread::scope(|scope| {
        let data = &data;
        if arguments.trip {
            let server = scope.spawn(move || -> Outcome<P> {
                let mut buffer = data.clone();
                for _ in 0..=count {
                    black_box(here.receive(form, &mut buffer, 1)?);
                    here.send(form, data, 1)?;
                }
                Ok(here)
            });
            let mut start = Instant::now();
            for trip in 0..=count {
                let there = &others[trip % others.len()];
                there.send(form, data, 1)?;
                black_box(there.receive(form, &mut buffer, 1)?);
                if trip == 0 {
                    start = Instant::now();
                }
            }
            let time = start.elapsed();
            server.join().map_err(|_| "the server panicked")??;
            return Ok(time);
        }
        // It stays open until all has come: over ipc, libzmq drops what was not read yet of somebody
        // who has closed.
        let sender = scope.spawn(move || -> Outcome<Vec<P>> {
            match &*others {
                [there] => there.send(form, data, count + 1)?,
                _ => {
                    for message in 0..=count {
                        others[message % others.len()].send(form, data, 1)?;
                    }
                }
            }
            Ok(others)
        });
        black_box(here.receive(form, &mut buffer, 1)?);
        let start = Instant::now();
        black_box(here.receive(form, &mut buffer, count)?);
        let time = start.elapsed();
        sender.join().map_err(|_| "the sender panicked")??;
        Ok(time)
    })
}

fn context(tuning: &Tuning) -> Outcome<zmq::Context> {
    let context = zmq::Context::new()?;
    if let Some(threads) = tuning.io_threads {
        context.set_io_threads(threads)?;
    }
    Ok(context)
}

// ---- tasks -----------------------------------------------------------------------------------

/// Two tasks on a runtime of two threads, as the other async crates have it.
fn tokio(arguments: &Arguments, tuning: &Tuning) -> Outcome<Duration> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (size, frames, count) = (arguments.size, arguments.frames, arguments.count);
    let endpoint = arguments.endpoint()?;
    let time = runtime.block_on(async {
        if arguments.trip {
            let (rep, req) = pair(tuning, &endpoint, zmq::REP, zmq::REQ)?;
            let (rep, req) = (awaited::<_, Tokio>(rep)?, awaited::<_, Tokio>(req)?);
            let server = tokio::spawn(answer(rep, size, frames, count));
            let client = tokio::spawn(ask(req, size, frames, count));
            let (time, _req) = client.await??;
            server.await??;
            return Outcome::Ok(time);
        }
        let (pull, push) = pair(tuning, &endpoint, zmq::PULL, zmq::PUSH)?;
        let (pull, push) = (awaited::<_, Tokio>(pull)?, awaited::<_, Tokio>(push)?);
        let sender = tokio::spawn(fill(push, size, frames, count));
        let time = tokio::spawn(drain(pull, frames, count)).await??;
        sender.await??;
        Ok(time)
    })?;
    Ok(time)
}

/// A thread for each of the two tasks: async-io brings no executor.
fn async_io(arguments: &Arguments, tuning: &Tuning) -> Outcome<Duration> {
    use async_io::block_on;
    let (size, frames, count) = (arguments.size, arguments.frames, arguments.count);
    let endpoint = arguments.endpoint()?;
    if arguments.trip {
        let (rep, req) = pair(tuning, &endpoint, zmq::REP, zmq::REQ)?;
        let (rep, req) = (awaited::<_, AsyncIo>(rep)?, awaited::<_, AsyncIo>(req)?);
        let server = thread::spawn(move || block_on(answer(rep, size, frames, count)));
        let (time, _req) = block_on(ask(req, size, frames, count))?;
        server.join().map_err(|_| "the server panicked")??;
        return Ok(time);
    }
    let (pull, push) = pair(tuning, &endpoint, zmq::PULL, zmq::PUSH)?;
    let (pull, push) = (awaited::<_, AsyncIo>(pull)?, awaited::<_, AsyncIo>(push)?);
    let sender = thread::spawn(move || block_on(fill(push, size, frames, count)));
    let time = block_on(drain(pull, frames, count))?;
    sender.join().map_err(|_| "the sender panicked")??;
    Ok(time)
}

/// Two sockets of a context of their own, connected to each other: the second to the first.
fn pair<A: SocketType, B: SocketType>(
    tuning: &Tuning,
    endpoint: &str,
    bound: A,
    connected: B,
) -> Outcome<(zmq::Socket<A>, zmq::Socket<B>)> {
    let context = context(tuning)?;
    let (bound, connected) = (context.socket(bound)?, context.socket(connected)?);
    bound.set_sndhwm(tuning.high_water_mark)?;
    bound.set_rcvhwm(tuning.high_water_mark)?;
    connected.set_sndhwm(tuning.high_water_mark)?;
    connected.set_rcvhwm(tuning.high_water_mark)?;
    tune(&bound, tuning, tuning.affinity[0])?;
    tune(&connected, tuning, tuning.affinity[1])?;
    bound.bind(endpoint)?;
    connected.connect(endpoint)?;
    Ok((bound, connected))
}

fn awaited<T: Awaitable, R: Runtime>(socket: zmq::Socket<T>) -> zmq::Result<Socket<T, R>> {
    Socket::new(socket).map_err(|refused| refused.error)
}

/// Sends `data` as every frame of a message: one, or three.
macro_rules! send {
    ($socket:expr, $data:expr, $frames:expr) => {
        if $frames == 1 {
            $socket.send(&$data).await?;
        } else {
            $socket.send_multipart([&$data, &$data, &$data]).await?;
        }
    };
}

/// Receives a message and looks at it.
macro_rules! receive {
    ($socket:expr, $message:expr, $frames:expr) => {
        if $frames == 1 {
            let message = $socket.recv().await?;
            black_box((message.len(), message.first()));
        } else {
            $socket.recv_multipart_into(&mut $message).await?;
            for part in &$message {
                black_box((part.len(), part.first()));
            }
        }
    };
}

async fn fill<R: Runtime>(
    mut push: Socket<Push, R>,
    size: usize,
    frames: usize,
    count: u64,
) -> Outcome<Socket<Push, R>> {
    let data = vec![b'.'; size];
    for _ in 0..=count {
        send!(push, data, frames);
    }
    Ok(push)
}

async fn drain<R: Runtime>(
    mut pull: Socket<Pull, R>,
    frames: usize,
    count: u64,
) -> Outcome<Duration> {
    let mut message = Multipart::new();
    receive!(pull, message, frames);
    let start = Instant::now();
    for _ in 0..count {
        receive!(pull, message, frames);
    }
    Ok(start.elapsed())
}

async fn answer<R: Runtime>(
    mut rep: Socket<Rep, R>,
    size: usize,
    frames: usize,
    count: u64,
) -> Outcome<Socket<Rep, R>> {
    let data = vec![b'.'; size];
    let mut message = Multipart::new();
    for _ in 0..=count {
        receive!(rep, message, frames);
        send!(rep, data, frames);
    }
    Ok(rep)
}

async fn ask<R: Runtime>(
    mut req: Socket<Req, R>,
    size: usize,
    frames: usize,
    count: u64,
) -> Outcome<(Duration, Socket<Req, R>)> {
    let data = vec![b'.'; size];
    let mut message = Multipart::new();
    let mut start = Instant::now();
    for trip in 0..=count {
        send!(req, data, frames);
        receive!(req, message, frames);
        if trip == 0 {
            start = Instant::now();
        }
    }
    Ok((start.elapsed(), req))
}
