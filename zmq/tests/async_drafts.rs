//! The types that threads share, in tasks.
//!
//! `ZMQ_TEST_LONG=1` makes the rounds of the stress tests 50 times as many.
#![cfg(all(unix, feature = "draft", any(feature = "tokio", feature = "async-io")))]

mod common;
#[path = "common/tasks.rs"]
mod tasks;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use common::{LONG, connected, context_and, lacks_drafts, many, peer_of, prepared};
use futures_util::future::join_all;
use zmq::{Context, ErrorKind, Message, SocketKind};

/// Counts how often a future is polled.
async fn counted<V>(future: impl Future<Output = V>, polls: &AtomicUsize) -> V {
    let mut future = pin!(future);
    poll_fn(|context| {
        polls.fetch_add(1, Ordering::Relaxed);
        future.as_mut().poll(context)
    })
    .await
}

/// Polls a future once, and gives it up.
async fn once<V>(future: impl Future<Output = V>) -> Option<V> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

on_every_runtime! {
    async fn a_client_talks_to_a_server() {
        if lacks_drafts() { return; }
        let (_context, server, client) = connected(zmq::SERVER, zmq::CLIENT);
        let (mut server, mut client) = (Socket::new(server).unwrap(), Socket::new(client).unwrap());
        let asking = spawn(async move {
            client.send("one").await.unwrap();
            client.recv().await.unwrap()
        });
        let request = server.recv().await.unwrap();
        assert_eq!(request, "one");
        let id = request.routing_id().unwrap();
        server.send_to_peer(id, "answer").await.unwrap();
        assert_eq!(asking.await, "answer");
    }

    async fn peers_number_each_other() {
        if lacks_drafts() { return; }
        let (context, a) = context_and(zmq::PEER);
        a.bind("tcp://127.0.0.1:*").unwrap();
        let endpoint = a.last_endpoint().unwrap();
        let mut a = Socket::new(a).unwrap();
        let mut b = Socket::new(context.socket(zmq::PEER).unwrap()).unwrap();
        let to_a = b.with(|b| b.connect_peer(&endpoint)).unwrap();
        b.send_to_peer(to_a, "Hello").await.unwrap();
        let hello = a.recv().await.unwrap();
        a.send_to_peer(hello.routing_id().unwrap(), hello).await.unwrap();
        let back = b.recv().await.unwrap();
        assert_eq!((back.routing_id(), &back[..]), (Some(to_a), &b"Hello"[..]));
    }

    async fn a_dish_hears_the_groups_that_it_joins() {
        if lacks_drafts() { return; }
        let (_context, radio, dish) = connected(zmq::RADIO, zmq::DISH);
        let (mut radio, mut dish) = (Socket::new(radio).unwrap(), Socket::new(dish).unwrap());
        dish.with(|dish| dish.join("weather")).unwrap();
        // It waits before the first is sent that it hears.
        let heard = spawn(async move {
            let message = dish.recv().await.unwrap();
            (message.group().map(str::to_owned), message, dish)
        });
        let heard = async {
            let sending = async {
                loop {
                    radio.send_to_group("news", "nobody's").await.unwrap();
                    radio.send_to_group("weather", "rain").await.unwrap();
                    sleep(Duration::from_millis(1)).await;
                }
            };
            match futures_util::future::select(pin!(heard), pin!(sending)).await {
                futures_util::future::Either::Left((heard, _)) => heard,
                futures_util::future::Either::Right((never, _)) => never,
            }
        };
        let (group, message, mut dish) = heard.await;
        assert_eq!((group.as_deref(), message), (Some("weather"), "rain".into()));
        let refused = radio.send_to_group("a name too long", "rain").await.unwrap_err();
        assert_eq!((refused.kind(), refused.message), (ErrorKind::InvalidInput, "rain".into()));
        radio.try_send_to_group("weather", "sun").unwrap();
        while dish.recv().await.unwrap() != "sun" {}
    }

    async fn work_is_scattered_and_gathered() {
        if lacks_drafts() { return; }
        let rounds = many(2_000);
        let (_context, gather, scatter) = connected(zmq::GATHER, zmq::SCATTER);
        let (mut gather, mut scatter) = (Socket::new(gather).unwrap(), Socket::new(scatter).unwrap());
        let sending = spawn(async move {
            for number in 0..rounds {
                scatter.send(&number.to_ne_bytes()).await.unwrap();
            }
            scatter
        });
        for number in 0..rounds {
            assert_eq!(gather.recv().await.unwrap()[..], number.to_ne_bytes());
        }
        sending.await;
    }

    async fn no_ping_and_no_pong_is_slept_through() {
        if lacks_drafts() { return; }
        let rounds = many(5_000);
        let (_context, a, b) = connected(zmq::CHANNEL, zmq::CHANNEL);
        let (mut a, mut b) = (Socket::new(a).unwrap(), Socket::new(b).unwrap());
        let pong = spawn(async move {
            let mut message = Message::new();
            for _ in 0..rounds {
                b.recv_message_into(&mut message).await.unwrap();
                b.send(&message[..]).await.unwrap();
            }
            b
        });
        let mut message = Message::new();
        for round in 0..rounds {
            a.send(&round.to_ne_bytes()).await.unwrap();
            a.recv_message_into(&mut message).await.unwrap();
            assert_eq!(&message[..], &round.to_ne_bytes());
        }
        pong.await;
    }

    async fn both_directions_of_split_sockets_run_at_full_speed() {
        if lacks_drafts() { return; }
        let count = many(10_000);
        // Little room, so that the writers sleep as well as the readers.
        let (_context, a, b) = prepared("tcp://127.0.0.1:*", zmq::CHANNEL, zmq::CHANNEL, |a, b| {
            for socket in [a, b] {
                socket.set_sndhwm(10).unwrap();
                socket.set_rcvhwm(10).unwrap();
            }
        });
        let mut tasks = Vec::new();
        for socket in [a, b] {
            let (mut sender, mut receiver) = Socket::new(socket).unwrap().split();
            let send = spawn(async move {
                for number in 0..count {
                    sender.send(&number.to_ne_bytes()).await.unwrap();
                }
                sender
            });
            let receive = spawn(async move {
                for number in 0..count {
                    assert_eq!(&receiver.recv().await.unwrap()[..], &number.to_ne_bytes());
                }
                receiver
            });
            tasks.push((send, receive));
        }
        for (send, receive) in tasks {
            let (sender, receiver) = (send.await, receive.await);
            receiver.reunite(sender).unwrap();
        }
    }

    async fn many_senders_share_a_server_and_mix_nothing() {
        if lacks_drafts() { return; }
        const SENDERS: usize = 8;
        const COUNT: usize = 200;
        let (_context, server, client) =
            prepared("tcp://127.0.0.1:*", zmq::SERVER, zmq::CLIENT, |server, client| {
                server.set_sndhwm(2).unwrap();
                client.set_rcvhwm(2).unwrap();
            });
        let mut client = Socket::new(client).unwrap();
        client.send("here").await.unwrap();
        let (sender, mut receiver) = Socket::new(server).unwrap().split();
        let id = receiver.recv().await.unwrap().routing_id().unwrap();
        let sender = sender.into_sender();
        sender.try_send_to_peer(id, "there is room").unwrap();
        assert_eq!(client.recv().await.unwrap(), "there is room");
        let tasks: Vec<_> = (0..SENDERS)
            .map(|name| {
                let sender = sender.clone();
                spawn(async move {
                    for number in 0..COUNT {
                        sender.send_to_peer(id, format!("{name} {number}")).await.unwrap();
                    }
                })
            })
            .collect();
        let mut next = [0; SENDERS];
        for _ in 0..SENDERS * COUNT {
            let message = client.recv().await.unwrap();
            let text = std::str::from_utf8(&message).unwrap();
            let (name, number) = text.split_once(' ').unwrap();
            let next = &mut next[name.parse::<usize>().unwrap()];
            assert_eq!(number.parse(), Ok(*next));
            *next += 1;
        }
        join_all(tasks).await;
    }

    async fn a_server_waits_for_the_room_of_a_peer_and_hears_the_others() {
        if lacks_drafts() { return; }
        let (_context, server, full) =
            prepared("tcp://127.0.0.1:*", zmq::SERVER, zmq::CLIENT, |server, full| {
                server.set_sndhwm(1).unwrap();
                server.set_sndbuf(Some(1)).unwrap();
                full.set_rcvhwm(1).unwrap();
                full.set_rcvbuf(Some(1)).unwrap();
            });
        let roomy = peer_of(&server, zmq::CLIENT);
        let (mut sender, mut receiver) = Socket::new(server).unwrap().split();
        let mut full = Socket::new(full).unwrap();
        full.send("here").await.unwrap();
        let id = receiver.recv().await.unwrap().routing_id().unwrap();
        let long = || Message::from(vec![7; 100_000]);
        // Until nothing has made way for a while.
        let mut filled = 0;
        while timeout(Duration::from_millis(100), sender.send_to_peer(id, long())).await.is_some() {
            filled += 1;
        }
        let refused = sender.try_send_to_peer(id, "given back").unwrap_err();
        assert_eq!((refused.kind(), refused.message), (ErrorKind::WouldBlock, "given back".into()));
        let writer = spawn(async move {
            sender.send_to_peer(id, "last").await.unwrap();
            sender
        });
        // What is written to one does not keep the others from being read.
        roomy.send("from the other").unwrap();
        assert_eq!(receiver.recv().await.unwrap(), "from the other");
        for _ in 0..filled {
            assert_eq!(full.recv().await.unwrap(), long());
        }
        // What was given up was not sent.
        assert_eq!(full.recv().await.unwrap(), "last");
        let sender = writer.await;
        receiver.reunite(sender).unwrap();
    }

    async fn a_server_says_of_a_peer_that_has_gone_that_it_cannot_be_reached() {
        if lacks_drafts() { return; }
        let (_context, server, client) = connected(zmq::SERVER, zmq::CLIENT);
        client.send("here").unwrap();
        let mut server = Socket::new(server).unwrap();
        let id = server.recv().await.unwrap().routing_id().unwrap();
        let monitor = server.with(|server| server.monitor(zmq::MonitorEvents::DISCONNECTED)).unwrap();
        let mut monitor = Monitor::new(monitor).unwrap();
        drop(client);
        monitor.recv().await.unwrap();
        let refused = loop {
            match server.send_to_peer(id, "anybody?").await {
                // The connection has gone, and what is left of it goes now.
                Ok(()) => assert!(server.try_recv().unwrap().is_none()),
                Err(refused) => break refused,
            }
        };
        assert_eq!(refused.kind(), ErrorKind::HostUnreachable);
        assert_eq!(refused.message, "anybody?");
    }

    async fn no_message_is_lost_with_a_receive_that_is_given_up() {
        if lacks_drafts() { return; }
        let cancels = many(1_000);
        let (_context, gather, scatter) = connected(zmq::GATHER, zmq::SCATTER);
        let (mut gather, mut scatter) = (Socket::new(gather).unwrap(), Socket::new(scatter).unwrap());
        let mut random = fastrand::Rng::with_seed(7);
        let (mut sent, mut next, mut cancelled) = (0_u64, 0_u64, 0);
        while cancelled < cancels {
            if random.bool() {
                scatter.send(&sent.to_ne_bytes()).await.unwrap();
                sent += 1;
            }
            let received = match random.u8(..3) {
                0 => once(gather.recv()).await,
                1 => timeout(Duration::from_micros(random.u64(..200)), gather.recv()).await,
                _ => gather.try_recv().transpose(),
            };
            match received {
                None => cancelled += 1,
                Some(message) => {
                    assert_eq!(message.unwrap()[..], next.to_ne_bytes());
                    next += 1;
                }
            }
        }
        while next < sent {
            assert_eq!(gather.recv().await.unwrap()[..], next.to_ne_bytes());
            next += 1;
        }
    }

    async fn a_send_that_is_given_up_has_sent_nothing() {
        if lacks_drafts() { return; }
        let (context, scatter) = context_and(zmq::SCATTER);
        scatter.bind("tcp://127.0.0.1:*").unwrap();
        let endpoint = scatter.last_endpoint().unwrap();
        let mut scatter = Socket::new(scatter).unwrap();
        // Nobody is there.
        assert!(once(scatter.send("given up")).await.is_none());
        assert!(timeout(Duration::from_millis(5), scatter.send("given up")).await.is_none());
        let mut kept = Some(Message::from("kept"));
        assert!(once(scatter.send_from(&mut kept)).await.is_none());
        let gather = context.socket(zmq::GATHER).unwrap();
        gather.connect(&endpoint).unwrap();
        let mut gather = Socket::new(gather).unwrap();
        scatter.send_from(&mut kept).await.unwrap();
        assert_eq!(kept, None);
        assert_eq!(gather.recv().await.unwrap(), "kept");
        assert!(gather.try_recv().unwrap().is_none());
    }

    async fn a_socket_that_waits_is_not_polled() {
        if lacks_drafts() { return; }
        let (_context, a, b) = connected(zmq::CHANNEL, zmq::CHANNEL);
        let (mut sender, mut receiver) = Socket::new(a).unwrap().split();
        let polls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&polls);
        let reader = spawn(async move { counted(receiver.recv(), &counter).await.unwrap() });
        sender.send("settled").await.unwrap();
        let mut other = Socket::new(b).unwrap();
        other.recv().await.unwrap();
        sleep(Duration::from_millis(50)).await;
        let before = polls.load(Ordering::Relaxed);
        sleep(Duration::from_millis(300)).await;
        let idle = polls.load(Ordering::Relaxed);
        assert!(idle <= before + 3, "{before}, then {idle}");
        other.send("end").await.unwrap();
        assert_eq!(reader.await, "end");
    }

    async fn using_the_plain_socket_takes_no_wake_away() {
        if lacks_drafts() { return; }
        let (_context, a, b) = connected(zmq::CHANNEL, zmq::CHANNEL);
        let mut a = Socket::new(a).unwrap();
        for round in 0..100_u32 {
            let mut step = 0;
            let message = poll_fn(|context| {
                let polled = a.poll_recv(context);
                if polled.is_pending() && step == 0 {
                    step = 1;
                    b.send(&round.to_ne_bytes()).unwrap();
                    if round % 2 == 0 {
                        // Takes in the command that would have been an edge.
                        a.with(|a| while !a.events().unwrap().is_readable() {});
                    } else {
                        a.with(|a| a.events()).unwrap();
                    }
                }
                polled
            })
            .await;
            assert_eq!(message.unwrap()[..], round.to_ne_bytes());
        }
    }

    async fn the_end_of_the_context_ends_every_wait() {
        if lacks_drafts() { return; }
        let (context, channel) = context_and(zmq::CHANNEL);
        let (mut sender, mut receiver) = Socket::new(channel).unwrap().split();
        let mut gather = Socket::new(context.socket(zmq::GATHER).unwrap()).unwrap();
        let writer = spawn(async move { sender.send(Message::from("kept")).await.unwrap_err() });
        let reader = spawn(async move { receiver.recv().await.unwrap_err().kind() });
        let waits = spawn(async move { gather.readable().await.unwrap_err().kind() });
        sleep(Duration::from_millis(20)).await;
        context.shutdown().unwrap();
        let refused = writer.await;
        assert_eq!((refused.kind(), refused.message), (ErrorKind::Terminated, "kept".into()));
        assert_eq!(reader.await, ErrorKind::Terminated);
        assert_eq!(waits.await, ErrorKind::Terminated);
        terminate(context).await.unwrap();
    }

    async fn a_socket_of_a_context_that_has_ended_says_so() {
        if lacks_drafts() { return; }
        let (context, gather) = context_and(zmq::GATHER);
        context.shutdown().unwrap();
        match Socket::new(gather) {
            Ok(mut gather) => {
                assert_eq!(gather.recv().await.unwrap_err().kind(), ErrorKind::Terminated);
            }
            Err(refused) => assert_eq!(refused.error.kind(), ErrorKind::Terminated),
        }
    }

    async fn dropping_the_last_socket_of_a_context_blocks_nobody() {
        if lacks_drafts() { return; }
        let context = Context::new().unwrap();
        let scatter = context.socket(zmq::SCATTER).unwrap();
        // Nobody is there, and it lingers for longer than the test may take.
        scatter.set_linger(Some(4 * LONG)).unwrap();
        scatter.connect("tcp://127.0.0.1:9").unwrap();
        let mut scatter = Socket::new(scatter).unwrap();
        scatter.send("for nobody").await.unwrap();
        drop(context);
        let start = Instant::now();
        drop(scatter);
        assert!(start.elapsed() < LONG);
    }

    async fn sockets_end_while_commands_come() {
        if lacks_drafts() { return; }
        let (_context, gather) = context_and(zmq::GATHER);
        gather.bind("tcp://127.0.0.1:*").unwrap();
        let scatter = peer_of(&gather, zmq::SCATTER);
        scatter.set_linger(Some(Duration::ZERO)).unwrap();
        let sending = std::thread::spawn(move || while scatter.send("more").is_ok() {});
        let mut gather = gather;
        for _ in 0..many(300) {
            let mut socket = Socket::new(gather).unwrap();
            socket.recv().await.unwrap();
            gather = socket.into_inner();
        }
        let mut socket = Socket::new(gather).unwrap();
        socket.recv().await.unwrap();
        let context = socket.context().clone();
        drop(socket);
        context.shutdown().unwrap();
        sending.join().unwrap();
    }

    async fn a_type_known_at_run_time_only_is_waited_for() {
        if lacks_drafts() { return; }
        let (_context, server, client) = connected(zmq::SERVER, zmq::CLIENT);
        let mut server = Socket::new(server.into_any()).unwrap();
        let mut client = Socket::new(client.into_any()).unwrap();
        client.send("Hello").await.unwrap();
        let id = server.recv().await.unwrap().routing_id().unwrap();
        server.send_to_peer(id, "World").await.unwrap();
        assert_eq!(client.recv().await.unwrap(), "World");
        let refused = client.send_to_peer(id, "to whom?").await.unwrap_err();
        assert_eq!((refused.kind(), refused.message), (ErrorKind::NotSupported, "to whom?".into()));
        let refused = client.send_to_group("group", "to whom?").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NotSupported);
        assert_eq!(server.into_inner().kind(), SocketKind::Server);
    }
}

/// Each in a process of its own, which is aborted where libzmq has no eventfd and nobody reads its
/// signals.
#[cfg(feature = "async-io")]
mod signals {
    use super::*;
    use zmq::async_io::Socket;

    /// More than a pair of sockets takes.
    const SIGNALS: usize = 400;

    fn in_child(name: &str, test: impl Future<Output = ()>) {
        common::in_child(&format!("signals::{name}"), || {
            if !lacks_drafts() {
                async_io::block_on(test);
            }
        });
    }

    #[test]
    fn calls_that_never_wait_do_not_fill_the_descriptor() {
        in_child("calls_that_never_wait_do_not_fill_the_descriptor", async {
            // Each message that leaves makes room, which is a command.
            let (_context, gather, scatter) = prepared(
                "tcp://127.0.0.1:*",
                zmq::GATHER,
                zmq::SCATTER,
                |_, scatter| scatter.set_sndhwm(2).unwrap(),
            );
            scatter.send("connected").unwrap();
            gather.recv().unwrap();
            let mut scatter = Socket::new(scatter).unwrap();
            for _ in 0..SIGNALS {
                scatter.send("there is room").await.unwrap();
                gather.recv().unwrap();
                // A send looks for commands when a millisecond or so has gone since the last one.
                std::thread::sleep(Duration::from_millis(2));
            }
        });
    }

    #[test]
    fn what_is_done_with_the_plain_socket_does_not_fill_the_descriptor() {
        in_child(
            "what_is_done_with_the_plain_socket_does_not_fill_the_descriptor",
            async {
                let (_context, gather, scatter) = connected(zmq::GATHER, zmq::SCATTER);
                let mut gather = Socket::new(gather).unwrap();
                assert!(once(gather.recv()).await.is_none());
                gather.with(|gather| {
                    for _ in 0..SIGNALS {
                        scatter.send("each wakes the receive").unwrap();
                        gather.recv().unwrap();
                    }
                });
                for _ in 0..SIGNALS {
                    scatter.send("each is found").unwrap();
                    while gather.try_recv().unwrap().is_none() {}
                }
                let mut sent = false;
                let message = poll_fn(|context| {
                    let polled = gather.poll_recv(context);
                    if polled.is_pending() && !std::mem::replace(&mut sent, true) {
                        scatter.send("and wakes as before").unwrap();
                    }
                    polled
                });
                assert_eq!(message.await.unwrap(), "and wakes as before");
            },
        );
    }
}

/// Of this process, which is the test's own.
#[cfg(all(target_os = "linux", feature = "async-io"))]
mod descriptors {
    use super::common::in_child;
    use super::*;
    use zmq::async_io::Socket;

    fn open() -> usize {
        std::fs::read_dir("/proc/self/fd").unwrap().count()
    }

    #[test]
    fn a_socket_that_comes_back_leaves_none_behind() {
        in_child(
            "descriptors::a_socket_that_comes_back_leaves_none_behind",
            || {
                if lacks_drafts() {
                    return;
                }
                let (_context, gather) = context_and(zmq::GATHER);
                let mut gather = Socket::new(gather).unwrap().into_inner();
                let before = open();
                for _ in 0..10 {
                    gather = Socket::new(gather).unwrap().into_inner();
                }
                assert_eq!(open(), before);
            },
        );
    }

    #[test]
    fn a_socket_comes_back_where_there_are_none() {
        in_child(
            "descriptors::a_socket_comes_back_where_there_are_none",
            || {
                if lacks_drafts() {
                    return;
                }
                let (_context, gather, scatter) = connected(zmq::GATHER, zmq::SCATTER);
                scatter.send("connected").unwrap();
                gather.recv().unwrap();
                // The event loop takes some.
                let gather = Socket::new(gather).unwrap().into_inner();
                common::limit_descriptors(3);
                let refused = Socket::new(gather).unwrap_err();
                assert_eq!(refused.error.kind(), ErrorKind::TooManyOpen);
                assert_eq!(refused.error.call(), "zmq_poller_add");
                common::limit_descriptors(100);
                let mut gather = Socket::new(refused.into_value()).unwrap();
                scatter.send("here").unwrap();
                let message = async_io::block_on(gather.recv()).unwrap();
                assert_eq!(message, "here");
            },
        );
    }
}
