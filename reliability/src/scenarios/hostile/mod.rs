//! Peers that send anything.

mod bytes;
mod target;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use socket2::{Domain, Protocol, Type};
use zmq::SocketKind;

use bytes::{GREETING, nasty};
pub(super) use target::target;

use crate::parameters::parameter;
use crate::peer::Peer;
use crate::{Figures, LONG, Parameter, Result, Scenario, Values};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "hostile-bytes",
    promise: "A bound socket of any type survives connections that send random bytes, also behind a \
              valid greeting or handshake, and serves a good peer meanwhile.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("connections", "100000", "150"),
    parameter("seed", "1", "1"),
    parameter("types", ALL, ALL),
];

const ALL: &str = "REP,ROUTER,REQ,DEALER,PUB,XPUB,SUB,XSUB,PUSH,PULL,PAIR,STREAM";

/// So many connections at a time.
const THREADS: u64 = 4;

fn run(values: &Values, figures: &mut Figures) -> Result {
    let connections: u64 = values.get("connections")?;
    let seed: u64 = values.get("seed")?;
    let (mut served, mut lost, mut grown, mut pair) = (0, 0, 0, 0);
    let kept = AtomicU64::new(0);
    let types = values.list("types")?;
    for name in &types {
        let kind = kind_of(name)?;
        let number = kind.to_raw().to_string();
        let mut target = Peer::start("target", &[&number])?;
        let address: SocketAddr = target.expect_line()?.parse()?;
        let done = AtomicU64::new(0);
        let counts = [&done, &kept];
        thread::scope(|scope| -> Result {
            let attackers: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let rng = Rng::with_seed(seed << 16 ^ thread << 8 ^ kind.to_raw() as u64);
                    scope.spawn(move || attack(kind, address, connections, counts, rng))
                })
                .collect();
            for attacker in attackers {
                attacker.join().map_err(|_| "an attacker panicked")??;
            }
            Ok(())
        })
        .map_err(|error| format!("{kind}: {error}, and {}", target.fate()))?;
        target.tell("enough")?;
        let lines = target
            .good_end()
            .map_err(|error| format!("{kind}: {error}"))?;
        let [good, repeated, memory] = &lines[..] else {
            return Err(format!("{kind}: {lines:?}").into());
        };
        served += good.parse::<u64>()?;
        lost += repeated.parse::<u64>()?;
        let memory: u64 = memory.parse()?;
        match kind {
            SocketKind::Pair => pair = memory,
            _ => grown = grown.max(memory),
        }
    }
    figures.note("connections to each type", connections);
    figures.note("types", types.len());
    figures.note("exchanges with the good peers meanwhile", served);
    figures.note("of REP's replies to them lost", lost);
    figures.note("most memory gained", format!("{grown} KiB"));
    figures.note("connections that PAIR kept open", kept.into_inner());
    figures.note("with its memory", format!("{pair} KiB"));
    Ok(())
}

fn kind_of(name: &str) -> Result<SocketKind> {
    let mut kinds = (0..).map_while(SocketKind::from_raw);
    let kind = kinds.find(|kind| kind.to_string() == name);
    kind.ok_or_else(|| format!("no socket type {name}").into())
}

/// Makes connections, one after the other, until all threads together have made so many.
fn attack(
    kind: SocketKind,
    address: SocketAddr,
    connections: u64,
    [done, kept]: [&AtomicU64; 2],
    mut rng: Rng,
) -> Result {
    let is_pair = kind == SocketKind::Pair;
    let speaks_zmtp = kind != SocketKind::Stream;
    while done.fetch_add(1, Ordering::Relaxed) < connections {
        let (handshake, is_good, bytes) = nasty(&mut rng);
        let mut stream = connect(address, &mut rng)?;
        stream.set_read_timeout(Some(LONG))?;
        // The target may close it at any byte.
        if stream.write_all(&handshake).is_err() {
            continue;
        }
        // Messages are such only after the target's part of the handshake, which it answers a good
        // one with, or closes.
        if is_good && speaks_zmtp {
            let _ = stream.read_exact(&mut [0; GREETING + 2]);
        }
        if stream.write_all(&bytes).is_err() {
            continue;
        }
        if rng.u8(..) < 16 {
            // Without a farewell: a reset.
            socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
            continue;
        }
        // It has been read to its end when the target closes, too.
        let _ = stream.shutdown(std::net::Shutdown::Write);
        if is_pair {
            stream.set_read_timeout(Some(Duration::from_millis(100)))?;
        }
        let mut answer = [0; 4096];
        loop {
            match stream.read(&mut answer) {
                Ok(0) => break,
                Ok(_) => {}
                // A PAIR that has its peer leaves the others be.
                Err(error) if is_pair && error.kind() == std::io::ErrorKind::WouldBlock => {
                    kept.fetch_add(1, Ordering::Relaxed);
                    break;
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    return Err(format!("not closed after {handshake:?} {bytes:?}").into());
                }
                Err(_) => break, // a reset
            }
        }
    }
    Ok(())
}

/// From one of many loopback addresses, so that there are ports enough.
fn connect(address: SocketAddr, rng: &mut Rng) -> Result<TcpStream> {
    let deadline = Instant::now() + LONG;
    loop {
        let from = Ipv4Addr::new(127, rng.u8(1..), rng.u8(..), rng.u8(1..255));
        let socket = socket2::Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        socket.bind(&SocketAddr::from((from, 0)).into())?;
        match socket.connect_timeout(&address.into(), LONG) {
            Ok(()) => return Ok(socket.into()),
            // A target that has died refuses for good.
            Err(error) if Instant::now() > deadline => return Err(error.into()),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                return Err(error.into());
            }
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}
