//! Large buffers that change hands without a copy, and those that are copied.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use zmq::{Message, SocketKind};
use zmq_bench::{Form, Heap, Ours, Outcome, Peer, Twin, connected};

use crate::figures::{bytes, in_turn, median, spread};
use crate::run::{Part, Run};

const SIZES: [usize; 3] = [4 << 10, 64 << 10, 1 << 20];
const LARGEST: usize = SIZES.len() - 1;
/// Bytes that a way is tried with, at most, in a round.
const ALL: usize = 100 << 20;
/// Room to spare in a vector, as C's buffers have it.
const SPARE: usize = 1000;

/// The times of so many messages with these bytes.
type Way = fn(&'static [u8], usize) -> Outcome<Vec<Duration>>;

/// Ways to send, then to receive.
const WAYS: [(&str, Way); 14] = [
    (
        "C: `zmq_send` of a heap buffer, then `free`",
        |data, count| {
            let made = || Heap::made(data);
            sent(count, made, |socket: &Twin, buffer| buffer.copy(socket))
        },
    ),
    (
        "C: `zmq_msg_init_data` of it, with `free`",
        |data, count| {
            let made = || Heap::made(data);
            sent(count, made, |socket: &Twin, buffer| {
                buffer.hand_over(socket)
            })
        },
    ),
    ("zmq: `send(&vec)`, then its drop", |data, count| {
        sent(
            count,
            || vec(data),
            |socket: &Ours, vec| Ok(pair(socket)?.send(&vec)?),
        )
    }),
    ("zmq: `send(vec)`, with room to spare", |data, count| {
        sent(
            count,
            || vec(data),
            |socket: &Ours, vec| Ok(pair(socket)?.send(vec)?),
        )
    }),
    ("zmq: `send(boxed_slice)`", |data, count| {
        let made = || Ok(Box::<[u8]>::from(data));
        sent(count, made, |socket: &Ours, boxed| {
            Ok(pair(socket)?.send(boxed)?)
        })
    }),
    ("zmq: `send(bytes)`", |data, count| {
        let made = || vec(data).map(Bytes::from);
        sent(count, made, |socket: &Ours, bytes| {
            Ok(pair(socket)?.send(bytes)?)
        })
    }),
    ("C: `zmq_msg_init_data` of constant bytes", |data, count| {
        sent(
            count,
            || Ok(data),
            |socket: &Twin, data| socket.send_constant(data),
        )
    }),
    ("zmq: `send(Message::from_static(bytes))`", |data, count| {
        sent(
            count,
            || Ok(data),
            |socket: &Ours, data| Ok(pair(socket)?.send(Message::from_static(data))?),
        )
    }),
    ("C: `zmq_recv` into a buffer", |data, count| {
        received(data, count, |socket: &Twin, buffer| {
            socket.receive(Form::Buffer, buffer, 1)
        })
    }),
    ("C: `zmq_msg_recv`", |data, count| {
        received(data, count, |socket: &Twin, buffer| {
            socket.receive(Form::Fresh, buffer, 1)
        })
    }),
    ("zmq: `recv_into(buffer)`", |data, count| {
        received(data, count, |socket: &Ours, buffer| {
            socket.receive(Form::Buffer, buffer, 1)
        })
    }),
    ("zmq: `recv()`", |data, count| {
        received(data, count, |socket: &Ours, buffer| {
            socket.receive(Form::Fresh, buffer, 1)
        })
    }),
    ("zmq: `Bytes::from(recv())`", |data, count| {
        received(data, count, |socket: &Ours, _| {
            let bytes = Bytes::from(pair(socket)?.recv()?);
            Ok(bytes.len() as u64 + u64::from(bytes[0]))
        })
    }),
    ("the clock alone", |_, count| {
        Ok((0..count).map(|_| Instant::now().elapsed()).collect())
    }),
];

/// A row for each way, a column for each size.
pub fn table(run: &Run) -> Outcome<Part> {
    let mut figures = [const { [const { Vec::new() }; SIZES.len()] }; WAYS.len()];
    for (column, size) in SIZES.into_iter().enumerate() {
        // It stays to the end of the program, as constants do.
        let data: &'static [u8] = vec![b'.'; size].leak();
        let count = (ALL / size).min(2000) / if run.quick { 5 } else { 1 };
        for round in 0..run.rounds {
            run.say(format_args!(
                "round {} of {}: {}",
                round + 1,
                run.rounds,
                bytes(size)
            ));
            let times = in_turn(round, WAYS.len(), |way| {
                let times = WAYS[way].1(data, count)?;
                // Not their mean: where a thread loses its CPU, that is no cost of a message.
                let times: Vec<_> = times.iter().map(|time| time.as_nanos() as f64).collect();
                Ok(median(&times).ok_or("no messages")?)
            })?;
            for (figures, time) in figures.iter_mut().zip(times) {
                figures[column].push(time);
            }
        }
    }
    let mut text = String::from(
        "Nanoseconds of a message over inproc, on one thread; a round's figure is the median of its \
         messages. What is sent is made before the clock starts, received, and let go of. Receiving \
         counts alone, of a message that is there, and what becomes of it. `Bytes` that were sent are \
         dropped later, on a thread of their own. Reading the clock is in every figure.\n\n| |",
    );
    for size in SIZES {
        write!(text, " {} |", bytes(size))?;
    }
    writeln!(text, "\n|---|{}", "---|".repeat(SIZES.len()))?;
    for ((name, _), figures) in WAYS.iter().zip(&figures) {
        write!(text, "| {name} |")?;
        for figures in figures {
            write!(text, " {} |", spread(figures, 0))?;
        }
        text.push('\n');
    }
    let [copy, c, _, vec, _, bytes, _, _, received, _, _, _, taken, _] = figures
        .each_ref()
        .map(|figures| spread(&figures[LARGEST], 0));
    let findings = vec![
        format!(
            "1 MiB over inproc, in nanoseconds: a `Vec` that is handed over {vec}, `Bytes` {bytes}; \
             C's `zmq_msg_init_data` {c}, its `zmq_send` {copy}."
        ),
        format!(
            "1 MiB received as `Bytes` {taken} nanoseconds; with C's `zmq_recv` into a buffer \
             {received}."
        ),
    ];
    Ok(Part {
        findings,
        ..Part::from(text)
    })
}

fn vec(data: &[u8]) -> Outcome<Vec<u8>> {
    let mut vec = Vec::with_capacity(data.len() + SPARE);
    vec.extend_from_slice(data);
    Ok(vec)
}

fn pair(socket: &Ours) -> Outcome<&zmq::Socket<zmq::Pair>> {
    match socket {
        Ours::Pair(socket) => Ok(socket),
        _ => Err("not a PAIR".into()),
    }
}

/// Sends a buffer that was made before, and receives it.
fn sent<P: Peer, B>(
    count: usize,
    make: impl Fn() -> Outcome<B>,
    send: impl Fn(&P, B) -> Outcome,
) -> Outcome<Vec<Duration>> {
    let context = zmq::Context::new()?;
    let kinds = [SocketKind::Pair, SocketKind::Pair];
    let [receiver, sender]: [P; 2] = connected(&context, "inproc://sent", kinds, 0)?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let buffer = make()?;
        let start = Instant::now();
        send(&sender, buffer)?;
        black_box(receiver.receive(Form::Fresh, &mut [], 1)?);
        times.push(start.elapsed());
    }
    Ok(times)
}

/// Receives a message that was sent before.
fn received<P: Peer>(
    data: &[u8],
    count: usize,
    receive: impl Fn(&P, &mut [u8]) -> Outcome<u64>,
) -> Outcome<Vec<Duration>> {
    let context = zmq::Context::new()?;
    let kinds = [SocketKind::Pair, SocketKind::Pair];
    let [receiver, sender]: [P; 2] = connected(&context, "inproc://received", kinds, 0)?;
    let mut buffer = data.to_vec();
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        sender.send(Form::Buffer, data, 1)?;
        let start = Instant::now();
        black_box(receive(&receiver, &mut buffer)?);
        times.push(start.elapsed());
    }
    Ok(times)
}
