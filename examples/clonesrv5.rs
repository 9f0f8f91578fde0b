//! Clone server, model five: clonesrv4 on a reactor, with values that end: those with a property
//! `ttl` are deleted after so many seconds. With the client clonecli5.

use std::time::Duration;

use zguide::Interrupt;
use zguide::kvmsg::{self, KvMap, KvMsg};
use zmq::{Context, Pub, Pull, Reactor, Router, Socket};

/// What the handlers share.
struct CloneServer<'a> {
    kvmap: KvMap,
    sequence: i64,
    publisher: &'a Socket<Pub>,
}

type Loop<'a> = Reactor<'a, CloneServer<'a>>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(serve(&context))?;
    Ok(())
}

fn serve(context: &Context) -> zmq::Result<()> {
    let snapshot = context.socket(zmq::ROUTER)?;
    // A ROUTER drops what is above its limit, 1000 messages by default. A snapshot may be longer.
    snapshot.set_sndhwm(0)?;
    snapshot.bind("tcp://*:5556")?;
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind("tcp://*:5557")?;
    let collector = context.socket(zmq::PULL)?;
    collector.bind("tcp://*:5558")?;

    let mut server = CloneServer {
        kvmap: KvMap::new(),
        sequence: 0,
        publisher: &publisher,
    };
    let mut reactor = Reactor::new();
    reactor.add_reader(&snapshot, snapshots);
    reactor.add_reader(&collector, collect);
    reactor.add_timer(Duration::from_secs(1), |_, _, server| flush_ttl(server))?;
    reactor.run(&mut server)
}

/// Answers a request for a snapshot: the keys that begin with the subtree.
fn snapshots(
    _: &mut Loop<'_>,
    snapshot: &Socket<Router>,
    server: &mut CloneServer<'_>,
) -> zmq::Result<()> {
    match &snapshot.recv_multipart()?[..] {
        [identity, request, subtree] if request == "ICANHAZ?" => {
            let kvmsgs = server.kvmap.values();
            for kvmsg in kvmsgs.filter(|kvmsg| kvmsg.key.starts_with(subtree)) {
                kvmsg.send_to(snapshot, identity)?;
            }
            // The end of it, with the number of the last update it has.
            println!("I: sending shapshot={}", server.sequence);
            KvMsg::new(server.sequence, "KTHXBAI", "").send_to(snapshot, identity)?;
        }
        _ => println!("E: bad request, dropped"),
    }
    Ok(())
}

/// Numbers, publishes and stores an update of a client.
fn collect(
    _: &mut Loop<'_>,
    collector: &Socket<Pull>,
    server: &mut CloneServer<'_>,
) -> zmq::Result<()> {
    match KvMsg::recv(collector)? {
        Ok(mut kvmsg) => {
            server.sequence += 1;
            kvmsg.sequence = server.sequence;
            kvmsg.send(server.publisher)?;
            kvmsg.start_ttl();
            kvmsg.store(&mut server.kvmap);
            println!("I: publishing update={}", server.sequence);
        }
        Err(malformed) => println!("E: {malformed}"),
    }
    Ok(())
}

/// Deletes the values that have ended, and publishes that: an update without a body. A value
/// without a `ttl` stays.
fn flush_ttl(server: &mut CloneServer<'_>) -> zmq::Result<()> {
    let now = kvmsg::clock();
    let ended = |kvmsg: &&KvMsg| kvmsg.ttl().is_some_and(|ttl| now >= ttl);
    let ended: Vec<KvMsg> = server.kvmap.values().filter(ended).cloned().collect();
    for mut kvmsg in ended {
        server.sequence += 1;
        kvmsg.sequence = server.sequence;
        kvmsg.body.clear();
        kvmsg.send(server.publisher)?;
        kvmsg.store(&mut server.kvmap);
        println!("I: publishing delete={}", server.sequence);
    }
    Ok(())
}
