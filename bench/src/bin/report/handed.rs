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
/// Memory of the buffers that lie ready.
const READY: usize = 8 << 20;
/// Room to spare in a vector, as C's buffers have it.
const SPARE: usize = 1000;

/// The time that so many messages with these bytes take.
type Way = fn(&'static [u8], usize) -> Outcome<Duration>;

/// Ways to send, then to receive.
const WAYS: [(&str, Way); 13] = [
    (
        "C: `zmq_send` of a heap buffer, then `free`",
        |data, count| {
            let made = Heap::made(data, count)?;
            sent(made, |socket: &Twin, buffer| buffer.copy(socket))
        },
    ),
    (
        "C: `zmq_msg_init_data` of it, with `free`",
        |data, count| {
            let made = Heap::made(data, count)?;
            sent(made, |socket: &Twin, buffer| buffer.hand_over(socket))
        },
    ),
    ("zmq: `send(&vec)`, then its drop", |data, count| {
        sent(vecs(data, count), |socket: &Ours, vec| {
            Ok(pair(socket)?.send(&vec)?)
        })
    }),
    ("zmq: `send(vec)`, with room to spare", |data, count| {
        sent(vecs(data, count), |socket: &Ours, vec| {
            Ok(pair(socket)?.send(vec)?)
        })
    }),
    ("zmq: `send(boxed_slice)`", |data, count| {
        sent(
            vec![Box::<[u8]>::from(data); count],
            |socket: &Ours, boxed| Ok(pair(socket)?.send(boxed)?),
        )
    }),
    ("zmq: `send(bytes)`", |data, count| {
        let bytes = vecs(data, count).into_iter().map(Bytes::from).collect();
        sent(bytes, |socket: &Ours, bytes: Bytes| {
            Ok(pair(socket)?.send(bytes)?)
        })
    }),
    ("C: `zmq_msg_init_data` of constant bytes", |data, count| {
        sent(vec![data; count], |socket: &Twin, data| {
            socket.send_constant(data)
        })
    }),
    ("zmq: `send(Message::from_static(bytes))`", |data, count| {
        sent(vec![data; count], |socket: &Ours, data| {
            Ok(pair(socket)?.send(Message::from_static(data))?)
        })
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
];

/// A row for each way, a column for each size.
pub fn table(run: &Run) -> Outcome<Part> {
    let batches = if run.quick { 2 } else { 10 };
    let mut figures = [const { [const { Vec::new() }; SIZES.len()] }; WAYS.len()];
    for (column, size) in SIZES.into_iter().enumerate() {
        // It stays to the end of the program, as constants do.
        let data: &'static [u8] = vec![b'.'; size].leak();
        let count = (READY / size).min(500);
        for round in 0..run.rounds {
            run.say(format_args!(
                "round {} of {}: {}",
                round + 1,
                run.rounds,
                bytes(size)
            ));
            let times = in_turn(round, WAYS.len(), |way| {
                let mut time = Duration::ZERO;
                for _ in 0..batches {
                    time += WAYS[way].1(data, count)?;
                }
                Ok(time.as_nanos() as f64 / (batches * count) as f64)
            })?;
            for (figures, time) in figures.iter_mut().zip(times) {
                figures[column].push(time);
            }
        }
    }
    let mut text = String::from(
        "Nanoseconds of a message over inproc, on one thread. The buffers are made before the clock \
         starts. Sending counts what becomes of them: the message is received, and its bytes are let \
         go of. Receiving counts that alone, of messages that are there.\n\n| |",
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
    let [copy, c, _, vec, _, bytes, _, _, received, _, _, _, taken] =
        figures.each_ref().map(|figures| median(&figures[LARGEST]));
    let findings = vec![
        format!(
            "1 MiB over inproc, in nanoseconds: a `Vec` that is handed over {vec:.0}, `Bytes` {bytes:.0}; \
             C's `zmq_msg_init_data` {c:.0}, its `zmq_send` {copy:.0}."
        ),
        format!(
            "1 MiB received as `Bytes` {taken:.0} nanoseconds; with C's `zmq_recv` into a buffer \
             {received:.0}."
        ),
    ];
    Ok(Part { text, findings })
}

fn vecs(data: &[u8], count: usize) -> Vec<Vec<u8>> {
    let made = |_| {
        let mut vec = Vec::with_capacity(data.len() + SPARE);
        vec.extend_from_slice(data);
        vec
    };
    (0..count).map(made).collect()
}

fn pair(socket: &Ours) -> Outcome<&zmq::Socket<zmq::Pair>> {
    match socket {
        Ours::Pair(socket) => Ok(socket),
        _ => Err("not a PAIR".into()),
    }
}

/// Sends each buffer and receives it.
fn sent<P: Peer, B>(buffers: Vec<B>, send: impl Fn(&P, B) -> Outcome) -> Outcome<Duration> {
    let context = zmq::Context::new()?;
    let kinds = [SocketKind::Pair, SocketKind::Pair];
    let [receiver, sender]: [P; 2] = connected(&context, "inproc://sent", kinds, 0)?;
    let start = Instant::now();
    for buffer in buffers {
        send(&sender, buffer)?;
        black_box(receiver.receive(Form::Fresh, &mut [], 1)?);
    }
    Ok(start.elapsed())
}

/// Receives so many messages.
fn received<P: Peer>(
    data: &[u8],
    count: usize,
    receive: impl Fn(&P, &mut [u8]) -> Outcome<u64>,
) -> Outcome<Duration> {
    let context = zmq::Context::new()?;
    let kinds = [SocketKind::Pair, SocketKind::Pair];
    let [receiver, sender]: [P; 2] = connected(&context, "inproc://received", kinds, 0)?;
    let mut buffer = data.to_vec();
    sender.send(Form::Buffer, data, count)?;
    let start = Instant::now();
    for _ in 0..count {
        black_box(receive(&receiver, &mut buffer)?);
    }
    Ok(start.elapsed())
}
