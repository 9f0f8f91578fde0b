//! Nobody sleeps through an event, starves a neighbour, or spins.
//!
//! `ZMQ_TEST_LONG=1` makes the rounds of the stress tests 50 times as many.
#![cfg(all(unix, any(feature = "tokio", feature = "async-io")))]

mod common;
#[path = "common/tasks.rs"]
mod tasks;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use common::{connected, connected_over, in_child, many, patient, prepared, processor_time};
use futures_util::future::{FutureExt, join_all};
use zmq::{Context, ErrorKind, Message};

/// Counts how often a future is polled.
async fn counted<V>(future: impl Future<Output = V>, polls: &AtomicUsize) -> V {
    let mut future = pin!(future);
    poll_fn(|context| {
        polls.fetch_add(1, Ordering::Relaxed);
        future.as_mut().poll(context)
    })
    .await
}

/// Lets the other tasks run once.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

on_every_runtime! {
    async fn no_ping_and_no_pong_is_slept_through() {
        let rounds = many(20_000);
        let (_context, a, b) = connected(zmq::PAIR, zmq::PAIR);
        let (mut a, mut b) = (Socket::new(a).unwrap(), Socket::new(b).unwrap());
        let pong = spawn(async move {
            let mut message = Message::new();
            for _ in 0..rounds {
                b.recv_message_into(&mut message).await.unwrap();
                b.send(&message[..]).await.unwrap();
            }
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
        let count = many(20_000);
        let (_context, a, b) = connected(zmq::DEALER, zmq::DEALER);
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

    async fn a_reader_that_waits_is_woken_in_spite_of_the_writer() {
        // Every send may take in the command that tells of the reply.
        let rounds = many(5_000);
        let (_context, a, b) = connected(zmq::DEALER, zmq::DEALER);
        let (mut sender, mut receiver) = Socket::new(a).unwrap().split();
        let answered = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&answered);
        let reader = spawn(async move {
            for number in 1..=rounds {
                receiver.recv().await.unwrap();
                seen.store(number, Ordering::Release);
            }
        });
        let mut other = Socket::new(b).unwrap();
        let answers = spawn(async move {
            loop {
                if other.recv().await.unwrap() == "stop" {
                    return other;
                }
                other.send("answer").await.unwrap();
            }
        });
        for number in 1..=rounds {
            sender.send("question").await.unwrap();
            while answered.load(Ordering::Acquire) < number {
                yield_now().await;
            }
        }
        sender.send("stop").await.unwrap();
        reader.await;
        answers.await;
    }

    async fn a_reader_goes_on_while_the_writer_waits_for_room() {
        let (_context, a, b) = prepared("inproc://full", zmq::DEALER, zmq::DEALER, |a, b| {
            for socket in [a, b] {
                socket.set_sndhwm(2).unwrap();
                socket.set_rcvhwm(2).unwrap();
            }
        });
        let (mut sender, mut receiver) = Socket::new(a).unwrap().split();
        const COUNT: usize = 1000;
        let sent = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&sent);
        let writer = spawn(async move {
            for _ in 0..COUNT {
                sender.send("out").await.unwrap();
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        let mut other = Socket::new(b).unwrap();
        for _ in 0..COUNT {
            other.send("in").await.unwrap();
            assert_eq!(receiver.recv().await.unwrap(), "in");
        }
        assert!(sent.load(Ordering::Relaxed) <= 4, "the writer never waited");
        for _ in 0..COUNT {
            assert_eq!(other.recv().await.unwrap(), "out");
        }
        writer.await;
    }

    async fn a_writer_goes_on_while_the_reader_waits() {
        let (_context, a, b) = prepared("inproc://idle", zmq::DEALER, zmq::DEALER, |a, b| {
            for socket in [a, b] {
                socket.set_sndhwm(2).unwrap();
                socket.set_rcvhwm(2).unwrap();
            }
        });
        let (mut sender, mut receiver) = Socket::new(a).unwrap().split();
        let reader = spawn(async move { receiver.recv().await.unwrap() });
        let mut other = Socket::new(b).unwrap();
        const COUNT: u32 = 2000;
        let drain = spawn(async move {
            for _ in 0..COUNT {
                other.recv().await.unwrap();
            }
            other.send("at last").await.unwrap();
            other
        });
        for _ in 0..COUNT {
            sender.send("out").await.unwrap();
        }
        assert_eq!(reader.await, "at last");
        drain.await;
    }

    async fn many_sockets_on_one_executor_all_get_theirs() {
        const SOCKETS: usize = 40;
        const LAPS: usize = 50;
        let context = Context::new().unwrap();
        // A ring in which every socket passes on what it receives.
        let mut tasks = Vec::new();
        let mut ring: Vec<_> = (0..SOCKETS)
            .map(|_| {
                let pull = patient(context.socket(zmq::PULL).unwrap());
                pull.bind("tcp://127.0.0.1:*").unwrap();
                pull
            })
            .collect();
        let endpoints: Vec<_> = ring.iter().map(|pull| pull.last_endpoint().unwrap()).collect();
        for place in (1..SOCKETS).rev() {
            let mut pull = Socket::new(ring.pop().unwrap()).unwrap();
            let push = patient(context.socket(zmq::PUSH).unwrap());
            push.connect(&endpoints[(place + 1) % SOCKETS]).unwrap();
            let mut push = Socket::new(push).unwrap();
            tasks.push(spawn(async move {
                for _ in 0..LAPS {
                    let message = pull.recv().await.unwrap();
                    push.send(message).await.unwrap();
                }
                (pull, push)
            }));
        }
        let mut last = Socket::new(ring.pop().unwrap()).unwrap();
        let first = patient(context.socket(zmq::PUSH).unwrap());
        first.connect(&endpoints[1]).unwrap();
        let mut first = Socket::new(first).unwrap();
        for lap in 0..LAPS {
            first.send(&lap.to_ne_bytes()).await.unwrap();
            assert_eq!(&last.recv().await.unwrap()[..], &lap.to_ne_bytes());
        }
        join_all(tasks).await;
    }

    async fn several_sockets_in_one_task_all_wake_it() {
        let context = Context::new().unwrap();
        let (one, one_end) = context.pipe().unwrap();
        let (two, two_end) = context.pipe().unwrap();
        let (mut one, mut two) = (Socket::new(one).unwrap(), Socket::new(two).unwrap());
        const COUNT: usize = 2000;
        let sending = std::thread::spawn(move || {
            for round in 0..COUNT {
                let end = if round % 3 == 0 { &one_end } else { &two_end };
                end.send(&round.to_ne_bytes()).unwrap();
            }
            (one_end, two_end)
        });
        let mut last = [None; 2];
        for _ in 0..COUNT {
            let (place, message) = poll_fn(|context| {
                if let Poll::Ready(message) = one.poll_recv(context) {
                    return Poll::Ready((0, message));
                }
                two.poll_recv(context).map(|message| (1, message))
            })
            .await;
            let number = usize::from_ne_bytes(message.unwrap()[..].try_into().unwrap());
            assert!(last[place].is_none_or(|last| last < number));
            last[place] = Some(number);
        }
        sending.join().unwrap();
    }

    async fn using_the_plain_socket_takes_no_wake_away() {
        let (_context, a, b) = connected_over("inproc://beside", zmq::PAIR, zmq::PAIR);
        let mut a = Socket::new(a).unwrap();
        let mut step = 0;
        let message = poll_fn(|context| {
            let polled = a.poll_recv(context);
            if polled.is_pending() && step == 0 {
                step = 1;
                b.send("there").unwrap();
                // Takes in the command that would have been an edge.
                assert!(a.with(|a| a.events()).unwrap().is_readable());
            }
            polled
        })
        .await;
        assert_eq!(message.unwrap(), "there");
    }

    async fn a_socket_that_is_always_ready_does_not_starve_its_neighbour() {
        let (_context, pull, push) = connected_over("inproc://ready", zmq::PULL, zmq::PUSH);
        let (mut pull, mut push) = (Socket::new(pull).unwrap(), Socket::new(push).unwrap());
        let neighbour_ran = AtomicBool::new(false);
        let busy = async {
            // There is always room for the send, and always a message for the receive.
            for round in 0..1000 {
                push.send("more").await.unwrap();
                pull.recv().await.unwrap();
                if neighbour_ran.load(Ordering::Relaxed) {
                    return round;
                }
            }
            1000
        };
        // The busy one is polled first, and again only when it has made way.
        let neighbour = async { neighbour_ran.store(true, Ordering::Relaxed) };
        let (rounds, ()) = futures_util::future::join(busy, neighbour).await;
        assert!(rounds <= 64, "{rounds}");
    }

    async fn a_run_in_one_direction_makes_way_for_the_neighbour() {
        let (_context, pull, push) =
            prepared("inproc://runs", zmq::PULL, zmq::PUSH, |pull, push| {
                pull.set_rcvhwm(0).unwrap();
                push.set_sndhwm(0).unwrap();
            });
        let (mut pull, mut push) = (Socket::new(pull).unwrap(), Socket::new(push).unwrap());
        let neighbour_ran = AtomicBool::new(false);
        let sends = async {
            for round in 0..1000 {
                if neighbour_ran.load(Ordering::Relaxed) {
                    return round;
                }
                push.send("more").await.unwrap();
            }
            1000
        };
        let neighbour = async { neighbour_ran.store(true, Ordering::Relaxed) };
        let (rounds, ()) = futures_util::future::join(sends, neighbour).await;
        assert!(rounds <= 65, "{rounds} sends");

        for _ in 0..1000 {
            push.try_send("more").unwrap();
        }
        neighbour_ran.store(false, Ordering::Relaxed);
        let receives = async {
            for round in 0..1000 {
                if neighbour_ran.load(Ordering::Relaxed) {
                    return round;
                }
                pull.recv().await.unwrap();
            }
            1000
        };
        let neighbour = async { neighbour_ran.store(true, Ordering::Relaxed) };
        let (rounds, ()) = futures_util::future::join(receives, neighbour).await;
        assert!(rounds <= 65, "{rounds} receives");
    }

    async fn a_socket_that_waits_is_not_polled() {
        let (_context, a, b) = connected(zmq::DEALER, zmq::DEALER);
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
        let all = polls.load(Ordering::Relaxed);
        assert!(all <= idle + 3, "{idle}, then {all}");
    }

    async fn a_router_that_waits_for_one_peer_of_many_finds_its_room() {
        let (context, router, full) = prepared("inproc://one", zmq::ROUTER, zmq::DEALER, |router, full| {
            router.set_router_mandatory(true).unwrap();
            router.set_sndhwm(1).unwrap();
            full.set_rcvhwm(1).unwrap();
            full.set_routing_id("full").unwrap();
        });
        let roomy = patient(context.socket(zmq::DEALER).unwrap());
        roomy.connect("inproc://one").unwrap();
        let (mut sender, mut receiver) = Socket::new(router).unwrap().split();
        let mut full = Socket::new(full).unwrap();
        full.send("here").await.unwrap();
        receiver.recv_multipart().await.unwrap();
        let mut filled = 0;
        while sender.try_send_multipart(["full", "x"]).is_ok() {
            filled += 1;
        }
        let polls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&polls);
        // libzmq calls the socket writable all the time: the other peer has room.
        let writer = spawn(async move {
            counted(sender.send_multipart(["full", "last"]), &counter).await.unwrap();
            sender
        });
        let reader = spawn(async move { receiver.recv_multipart().await.unwrap() });
        let start = Instant::now();
        sleep(Duration::from_millis(100)).await;
        let spent = polls.load(Ordering::Relaxed);
        let time = start.elapsed();
        assert!(spent as u128 <= 10 + time.as_millis() / 2, "{spent} polls in {time:?}");
        for _ in 0..filled {
            assert_eq!(full.recv().await.unwrap(), "x");
        }
        assert_eq!(full.recv().await.unwrap(), "last");
        writer.await;
        roomy.send("end").unwrap();
        assert_eq!(reader.await[1], "end");
    }

    async fn senders_wait_in_line_and_lose_nothing() {
        let (_context, pull, push) = prepared("inproc://line", zmq::PAIR, zmq::PAIR, |pull, push| {
            pull.set_rcvhwm(1).unwrap();
            push.set_sndhwm(1).unwrap();
        });
        const SENDERS: usize = 10;
        const COUNT: usize = 100;
        let (sender, receiver) = Socket::new(push).unwrap().split();
        let sender = sender.into_sender();
        let tasks: Vec<_> = (0..SENDERS)
            .map(|name| {
                let sender = sender.clone();
                spawn(async move {
                    for number in 0..COUNT {
                        let frames = [name.to_ne_bytes().to_vec(), number.to_ne_bytes().to_vec()];
                        sender.send_multipart(frames).await.unwrap();
                    }
                })
            })
            .collect();
        let mut pull = Socket::new(pull).unwrap();
        let mut next = [0_usize; SENDERS];
        for _ in 0..SENDERS * COUNT {
            let [name, number] = pull.recv_array().await.unwrap();
            let name = usize::from_ne_bytes(name[..].try_into().unwrap());
            assert_eq!(&number[..], &next[name].to_ne_bytes());
            next[name] += 1;
        }
        join_all(tasks).await;
        assert_eq!(next, [COUNT; SENDERS]);
        drop(receiver);
    }

    async fn a_sender_that_is_given_up_leaves_the_line() {
        let (_context, pull, push) = prepared("inproc://left", zmq::PAIR, zmq::PAIR, |pull, push| {
            pull.set_rcvhwm(1).unwrap();
            push.set_sndhwm(1).unwrap();
        });
        let (sender, _receiver) = Socket::new(push).unwrap().split();
        let sender = sender.into_sender();
        let mut filled = 0;
        while timeout(Duration::from_millis(20), sender.send("full")).await.is_some() {
            filled += 1;
        }
        let mut first = Box::pin(sender.send("first"));
        let mut second = Box::pin(sender.send("second"));
        let waits = poll_fn(|context| {
            Poll::Ready([first.as_mut().poll(context), second.as_mut().poll(context)])
        });
        assert!(waits.await.iter().all(Poll::is_pending));
        for _ in 0..filled {
            assert_eq!(pull.recv().unwrap(), "full");
        }
        // libzmq looks for room once in a millisecond.
        sleep(Duration::from_millis(5)).await;
        // There is room now, but whoever has just come does not overtake those in line.
        assert_eq!(sender.try_send("third").unwrap_err().kind(), ErrorKind::WouldBlock);
        let refused = sender.try_send_multipart(["third", "too"]).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        // Nor does the second the first.
        let early = poll_fn(|context| Poll::Ready(second.as_mut().poll(context).is_pending()));
        assert!(early.await);
        let second = spawn({
            drop(second);
            let sender = sender.clone();
            async move { sender.send("second").await }
        });
        yield_now().await;
        drop(first);
        let mut pull = Socket::new(pull).unwrap();
        assert_eq!(pull.recv().await.unwrap(), "second");
        second.await.unwrap();
        // With nobody in line there is only the room to wait for.
        while sender.try_send("third").is_err() {
            yield_now().await;
        }
        assert_eq!(pull.recv().await.unwrap(), "third");
        while sender.try_send_multipart(["fourth", "too"]).is_err() {
            yield_now().await;
        }
        assert_eq!(pull.recv_multipart().await.unwrap(), ["fourth", "too"]);
    }
}

/// Readers without a message, writers without a peer and without room, and both on one socket.
macro_rules! waits_in_silence {
    ($runtime:ident) => {{
        use tasks::$runtime::*;
        run(async {
            let (context, full, _sink) =
                prepared("tcp://127.0.0.1:*", zmq::PUSH, zmq::PULL, |full, sink| {
                    full.set_sndhwm(1).unwrap();
                    sink.set_rcvhwm(1).unwrap();
                });
            let mut full = Socket::new(full).unwrap();
            let mut no_peer = Socket::new(context.socket(zmq::PUSH).unwrap()).unwrap();
            let mut no_message = Socket::new(context.socket(zmq::PULL).unwrap()).unwrap();
            let (_dealers, a, b) =
                prepared("tcp://127.0.0.1:*", zmq::DEALER, zmq::DEALER, |a, b| {
                    a.set_sndhwm(1).unwrap();
                    b.set_rcvhwm(1).unwrap();
                });
            let (mut writer, mut reader) = Socket::new(a).unwrap().split();
            let mut other = Socket::new(b).unwrap();
            other.send("settled").await.unwrap();
            reader.recv().await.unwrap();
            let large = vec![0; 1 << 20];
            let waiting = [
                spawn(async move { while no_peer.send("nobody").await.is_ok() {} }).boxed(),
                spawn(async move { while no_message.recv().await.is_ok() {} }).boxed(),
                spawn({
                    let large = large.clone();
                    async move { while full.send(&large[..]).await.is_ok() {} }
                })
                .boxed(),
                spawn(async move { while writer.send(&large[..]).await.is_ok() {} }).boxed(),
                spawn(async move { while reader.recv().await.is_ok() {} }).boxed(),
            ];
            // Once all is full, nothing happens.
            let mut quiet = 0;
            while quiet < 3 {
                let before = processor_time();
                sleep(Duration::from_millis(100)).await;
                let used = processor_time() - before;
                quiet = if used < Duration::from_millis(10) {
                    quiet + 1
                } else {
                    0
                };
            }
            drop(waiting);
        });
    }};
}

/// A socket that spins never comes to rest, and the test's limit ends it.
#[test]
fn waiting_takes_no_processor_time() {
    in_child("waiting_takes_no_processor_time", || {
        #[cfg(feature = "tokio")]
        waits_in_silence!(tokio_on_two_threads);
        #[cfg(feature = "async-io")]
        waits_in_silence!(async_io_on_two_threads);
    });
}
