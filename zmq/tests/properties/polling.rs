//! Polls of random sockets in random states: all ways of asking agree with each other, and with what
//! can then be done.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::NO_TIME;
use crate::in_children;
use zmq::{Any, Context, PollEvents, PollItem, Poller, Socket, SocketKind};

/// What was done to a socket before it is polled.
#[derive(Debug, Clone, Copy)]
enum State {
    /// No peer.
    Alone,
    /// A peer that has sent so many messages, of so many parts.
    Sent { messages: usize, parts: usize },
    /// One message, of which a forgotten stream has read the first part.
    HalfRead,
    /// One message, polled, and then the peer disconnected.
    Parked,
    /// What it sends has filled the pipe, if it sends.
    Full,
}

#[derive(Debug, Clone, Copy)]
struct Item {
    socket: usize,
    reads: bool,
    writes: bool,
    on: bool,
}

/// Pairs of types over which any number of messages can be sent.
const PAIRS: [(SocketKind, SocketKind); 7] = [
    (SocketKind::Pull, SocketKind::Push),
    (SocketKind::Push, SocketKind::Pull),
    (SocketKind::Pair, SocketKind::Pair),
    (SocketKind::Dealer, SocketKind::Dealer),
    (SocketKind::Router, SocketKind::Dealer),
    (SocketKind::Sub, SocketKind::Pub),
    (SocketKind::XSub, SocketKind::XPub),
];

fn state() -> impl Strategy<Value = State> {
    prop_oneof![
        Just(State::Alone),
        (0..3usize, 1..4usize).prop_map(|(messages, parts)| State::Sent { messages, parts }),
        Just(State::HalfRead),
        Just(State::Parked),
        Just(State::Full),
    ]
}

fn item() -> impl Strategy<Value = Item> {
    (
        0..6usize,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(socket, reads, writes, on, again)| Item {
            socket,
            reads,
            // One that waits for nothing cannot be made.
            writes: writes || !reads,
            on: on || again,
        })
}

/// A socket and its peer, so prepared, and how many messages it has if that is sure.
fn prepare(
    context: &Context,
    index: usize,
    (kind, peer_kind): (SocketKind, SocketKind),
    state: State,
) -> (Socket<Any>, Option<Socket<Any>>, Option<usize>) {
    let mut socket = context.socket_of(kind).unwrap();
    let peer = context.socket_of(peer_kind).unwrap();
    for end in [&socket, &peer] {
        end.set_sndhwm(3).unwrap();
        end.set_rcvhwm(3).unwrap();
    }
    if matches!(kind, SocketKind::Sub | SocketKind::XSub) {
        socket.subscribe("").unwrap();
    }
    let State::Alone = state else {
        let endpoint = format!("inproc://{index}");
        peer.bind(&endpoint).unwrap();
        socket.connect(&endpoint).unwrap();
        // A publisher sends to those whose subscription it has seen.
        peer.events().unwrap();
        let send = |parts: usize| {
            let sent = peer.try_send_multipart(vec!["part"; parts]);
            assert!(sent.is_ok() || kind == SocketKind::Push);
        };
        let mut messages = Some(0);
        match state {
            State::Alone => {}
            State::Sent { messages: 0, .. } => {}
            State::Sent {
                messages: count,
                parts,
            } => {
                (0..count).for_each(|_| send(parts));
                messages = Some(count);
            }
            State::HalfRead => {
                send(3);
                if let Ok(Some(mut frames)) = socket.try_recv_frames() {
                    frames.next().unwrap().unwrap();
                    std::mem::forget(frames);
                }
            }
            State::Parked => {
                send(2);
                socket.events().unwrap();
                socket.disconnect(&endpoint).unwrap();
                // What other types had is gone with the peer.
                let reads_ahead = [SocketKind::Router, SocketKind::Sub, SocketKind::XSub];
                messages = reads_ahead.contains(&kind).then_some(1);
            }
            State::Full => fill(&socket),
        }
        return (
            socket,
            Some(peer),
            messages.filter(|_| kind != SocketKind::Push),
        );
    };
    (socket, None, Some(0))
}

fn fill(socket: &Socket<Any>) {
    // A ROUTER and an XSUB are never full.
    for _ in 0..100 {
        if socket.try_send("fill").is_err() {
            break;
        }
    }
}

fn poll_item<'s>(sockets: &'s [Socket<Any>], item: &Item) -> PollItem<'s> {
    let socket = &sockets[item.socket];
    let polled = match (item.reads, item.writes) {
        (true, true) => socket.poll_in_out(),
        (true, false) => socket.poll_in(),
        _ => socket.poll_out(),
    };
    polled.when(item.on)
}

fn expected(item: &Item, ready: &[PollEvents]) -> PollEvents {
    let mut events = PollEvents::default();
    if item.on && item.reads && ready[item.socket].is_readable() {
        events = events | PollEvents::READABLE;
    }
    if item.on && item.writes && ready[item.socket].is_writable() {
        events = events | PollEvents::WRITABLE;
    }
    events
}

/// Whether what was reported can be done.
fn check(socket: &Socket<Any>, ready: PollEvents, messages: Option<usize>) {
    let kind = socket.kind();
    if kind != SocketKind::Push {
        let mut count = 0;
        while socket.try_recv_multipart().unwrap().is_some() {
            count += 1;
        }
        assert_eq!(ready.is_readable(), count > 0, "{kind}");
        assert_eq!(count, messages.unwrap_or(count), "{kind}");
    }
    if !matches!(kind, SocketKind::Pull | SocketKind::Sub) {
        // A ROUTER takes what it cannot deliver, of two parts.
        let sent = socket.try_send_multipart(["\u{1}id", "message"]);
        assert_eq!(ready.is_writable(), sent.is_ok(), "{kind}");
    } else {
        assert!(!ready.is_writable());
    }
}

type Made = ((SocketKind, SocketKind), State);

fn poll_all_ways(made: Vec<Made>, items: &[Item], fewer: usize) {
    let context = Context::new().unwrap();
    context.set_linger(NO_TIME).unwrap();
    let mut sockets = Vec::new();
    let mut peers = Vec::new();
    let mut messages = Vec::new();
    for (index, (pair, state)) in made.into_iter().enumerate() {
        let (socket, peer, sure) = prepare(&context, index, pair, state);
        sockets.push(socket);
        peers.push(peer);
        messages.push(sure);
    }

    let polled: Vec<PollItem<'_>> = items.iter().map(|item| poll_item(&sockets, item)).collect();
    let array: [PollItem<'_>; 6] = polled.clone().try_into().unwrap();
    let told = zmq::poll(array, NO_TIME).unwrap();

    assert_eq!(&zmq::poll(&polled, NO_TIME).unwrap()[..], &told);
    assert_eq!(
        &zmq::poll(&polled[..fewer], NO_TIME).unwrap()[..],
        &told[..fewer]
    );
    assert_eq!(&zmq::poll(polled.clone(), NO_TIME).unwrap()[..], &told);
    let mut poller = Poller::new();
    for (key, item) in polled.iter().enumerate() {
        poller.add(key, *item).unwrap();
    }
    // Twice: a poller keeps what it polls.
    for _ in 0..2 {
        let mut by_key = [PollEvents::default(); 6];
        for event in poller.wait(NO_TIME).unwrap() {
            assert!(!event.events.is_empty());
            by_key[event.key] = event.events;
        }
        assert_eq!(by_key, told);
    }
    drop(poller);

    let ready: Vec<PollEvents> = sockets
        .iter()
        .map(|socket| socket.events().unwrap())
        .collect();
    for (item, told) in items.iter().zip(told) {
        assert_eq!(told, expected(item, &ready), "{:?}", item);
    }
    for ((socket, ready), messages) in sockets.iter().zip(ready).zip(messages) {
        check(socket, ready, messages);
    }
}

#[test]
fn all_ways_of_polling_agree_with_what_can_be_done() {
    let made = (proptest::sample::select(PAIRS.to_vec()), state());
    in_children(
        "polling::all_ways_of_polling_agree_with_what_can_be_done",
        128,
        &(vec(made, 6), vec(item(), 6), 0..=6usize),
        |(made, items, fewer)| poll_all_ways(made, &items, fewer),
    );
}
