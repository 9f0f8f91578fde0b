//! A proxy in a task passes whole messages on, as one on a thread does, and loses none when it is given
//! up.
#![cfg(all(unix, any(feature = "tokio", feature = "async-io")))]

mod common;
#[path = "common/tasks.rs"]
mod tasks;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::{bound, many, patient, peer_of};
use futures_util::future::{Either, join, select};
use zmq::{Context, ErrorKind, SocketType};

/// A socket whose queues hold `mark` messages.
fn marked<T: SocketType>(context: &Context, socket_type: T, mark: u32) -> zmq::Socket<T> {
    let socket = patient(context.socket(socket_type).unwrap());
    socket.set_rcvhwm(mark).unwrap();
    socket.set_sndhwm(mark).unwrap();
    socket
}

/// Two sides, each between its peer and the other; all of their queues hold `mark` messages.
fn small<X: SocketType, F: SocketType, B: SocketType, Y: SocketType>(
    context: &Context,
    mark: u32,
    (x, frontend, backend, y): (X, F, B, Y),
) -> (
    zmq::Socket<X>,
    zmq::Socket<F>,
    zmq::Socket<B>,
    zmq::Socket<Y>,
) {
    let (x, frontend) = (marked(context, x, mark), marked(context, frontend, mark));
    let (backend, y) = (marked(context, backend, mark), marked(context, y, mark));
    frontend.bind("inproc://frontend").unwrap();
    backend.bind("inproc://backend").unwrap();
    x.connect("inproc://frontend").unwrap();
    y.connect("inproc://backend").unwrap();
    (x, frontend, backend, y)
}

on_every_runtime! {
    async fn a_proxy_with_nothing_to_do_sleeps() {
        let context = Context::new().unwrap();
        let (x, frontend, backend, y) =
            small(&context, 100, (zmq::PUSH, zmq::PULL, zmq::PUSH, zmq::PULL));
        let (mut frontend, mut backend) = (Socket::new(frontend).unwrap(), Socket::new(backend).unwrap());
        let polls = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&polls);
        let broker = spawn(async move {
            let mut running = pin!(proxy(&mut frontend, &mut backend));
            poll_fn(|context| {
                count.fetch_add(1, Ordering::Relaxed);
                running.as_mut().poll(context)
            })
            .await
            .map(|never| match never {})
        });
        let (mut x, mut y) = (Socket::new(x).unwrap(), Socket::new(y).unwrap());
        x.send("it runs").await.unwrap();
        assert_eq!(y.recv().await.unwrap(), "it runs");
        let before = polls.load(Ordering::Relaxed);
        sleep(Duration::from_millis(50)).await;
        let polled = polls.load(Ordering::Relaxed) - before;
        assert!(polled < 30, "polled {polled} times");
        context.shutdown().unwrap();
        assert_eq!(broker.await.unwrap_err().kind(), ErrorKind::Terminated);
    }

    async fn requests_go_forth_and_replies_back_to_who_asked() {
        let context = Context::new().unwrap();
        let frontend = bound(&context, zmq::ROUTER, "tcp://127.0.0.1:*");
        let backend = bound(&context, zmq::DEALER, "tcp://127.0.0.1:*");
        let clients = [(); 3].map(|()| Socket::new(peer_of(&frontend, zmq::REQ)).unwrap());
        let mut worker = Socket::new(peer_of(&backend, zmq::REP)).unwrap();
        let (mut frontend, mut backend) = (Socket::new(frontend).unwrap(), Socket::new(backend).unwrap());
        let broker = spawn(async move {
            let Err(end) = proxy(&mut frontend, &mut backend).await;
            end.kind()
        });
        let asking = clients.into_iter().enumerate().map(|(i, mut client)| {
            spawn(async move {
                for round in 0..20 {
                    let question = format!("{i} {round}");
                    let mut reply = client.request(question.as_str()).await.unwrap();
                    assert_eq!(reply.recv().await.unwrap(), format!("re {question}"));
                }
            })
        });
        let asking: Vec<_> = asking.collect();
        for _ in 0..3 * 20 {
            let request = worker.next_request().await.unwrap();
            let answer = format!("re {}", request[0]);
            request.reply(answer).unwrap();
        }
        for asked in asking {
            asked.await;
        }
        context.shutdown().unwrap();
        assert_eq!(broker.await, ErrorKind::Terminated);
    }

    async fn subscriptions_travel_back_and_messages_forth() {
        let context = Context::new().unwrap();
        let inward = bound(&context, zmq::XSUB, "inproc://inward");
        let outward = bound(&context, zmq::XPUB, "inproc://outward");
        let mut publisher = Socket::new(peer_of(&inward, zmq::XPUB)).unwrap();
        let mut subscriber = Socket::new(peer_of(&outward, zmq::SUB)).unwrap();
        let (mut inward, mut outward) = (Socket::new(inward).unwrap(), Socket::new(outward).unwrap());
        let forwarder = spawn(async move { proxy(&mut inward, &mut outward).await.unwrap_err() });
        subscriber.with(|socket| socket.subscribe("A")).unwrap();
        assert_eq!(publisher.recv().await.unwrap(), "\x01A");
        publisher.send_multipart(["B", "not asked for"]).await.unwrap();
        publisher.send_multipart(["A", "news"]).await.unwrap();
        assert_eq!(subscriber.recv_multipart().await.unwrap(), ["A", "news"]);
        context.shutdown().unwrap();
        assert_eq!(forwarder.await.kind(), ErrorKind::Terminated);
    }

    async fn nothing_is_lost_or_torn_by_proxies_that_are_given_up() {
        const COUNT: u64 = 2_000;
        let context = Context::new().unwrap();
        let (push, front, back, pull) =
            small(&context, 3, (zmq::PUSH, zmq::PULL, zmq::PUSH, zmq::PULL));
        let (mut front, mut back) = (Socket::new(front).unwrap(), Socket::new(back).unwrap());
        let (mut push, mut pull) = (Socket::new(push).unwrap(), Socket::new(pull).unwrap());
        let count = many(1) as u64 * COUNT;
        let sending = spawn(async move {
            for number in 0..count {
                push.send_multipart([&number.to_ne_bytes()[..], b"of", b"five", b"frames", b"each"]).await.unwrap();
            }
            push
        });
        let receiving = spawn(async move {
            let mut random = fastrand::Rng::with_seed(3);
            for number in 0..count {
                let message = pull.recv_multipart().await.unwrap();
                assert_eq!((message.len(), &message[0][..]), (5, &number.to_ne_bytes()[..]));
                if random.u8(..) < 20 {
                    // The proxy finds the backend full.
                    sleep(Duration::from_micros(random.u64(..300))).await;
                }
            }
            pull
        });
        let mut done = Box::pin(join(sending, receiving));
        let mut random = fastrand::Rng::with_seed(4);
        let mut given_up = 0;
        loop {
            let pass = timeout(Duration::from_micros(random.u64(..500)), proxy(&mut front, &mut back));
            match select(&mut done, Box::pin(pass)).await {
                Either::Left(_) => break,
                Either::Right((passed, _)) => assert!(passed.is_none()),
            }
            given_up += 1;
        }
        assert!(given_up > 0);
    }

    async fn a_side_that_is_full_holds_up_its_own_direction_only() {
        let context = Context::new().unwrap();
        let (here, front, back, there) =
            small(&context, 2, (zmq::PAIR, zmq::PAIR, zmq::PAIR, zmq::PAIR));
        let (mut front, mut back) = (Socket::new(front).unwrap(), Socket::new(back).unwrap());
        let passing = spawn(async move { proxy(&mut front, &mut back).await.unwrap_err() });
        // Nobody receives there, until there is no more room on the whole way.
        let mut sent = 0_u32;
        let mut quiet = 0;
        while quiet < 50 {
            match here.try_send(&sent.to_ne_bytes()) {
                Ok(()) => (sent, quiet) = (sent + 1, 0),
                Err(refused) => {
                    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
                    quiet += 1;
                    sleep(Duration::from_millis(1)).await;
                }
            }
        }
        let (mut pair, mut other) = (Socket::new(here).unwrap(), Socket::new(there).unwrap());
        for round in 0..20_u32 {
            other.send(&round.to_ne_bytes()).await.unwrap();
            assert_eq!(&pair.recv().await.unwrap()[..], &round.to_ne_bytes());
        }
        for number in 0..sent {
            assert_eq!(&other.recv().await.unwrap()[..], &number.to_ne_bytes());
        }
        context.shutdown().unwrap();
        assert_eq!(passing.await.kind(), ErrorKind::Terminated);
    }

    async fn a_mandatory_router_waits_for_its_peer() {
        // The events say that there is room, and the peer that the next message is for has none.
        let context = Context::new().unwrap();
        let router = patient(context.socket(zmq::ROUTER).unwrap());
        router.set_router_mandatory(true).unwrap();
        router.set_sndhwm(1).unwrap();
        router.bind("inproc://clients").unwrap();
        let (client, idle) = (context.socket(zmq::DEALER).unwrap(), context.socket(zmq::DEALER).unwrap());
        client.set_routing_id("full").unwrap();
        client.set_rcvhwm(1).unwrap();
        client.connect("inproc://clients").unwrap();
        // Its room makes the events say that there is some.
        idle.connect("inproc://clients").unwrap();
        idle.send("here").unwrap();
        let backend = bound(&context, zmq::DEALER, "inproc://workers");
        let mut worker = Socket::new(peer_of(&backend, zmq::DEALER)).unwrap();
        let (mut router, mut backend) = (Socket::new(router).unwrap(), Socket::new(backend).unwrap());
        let passing = spawn(async move { proxy(&mut router, &mut backend).await.unwrap_err() });
        worker.recv_multipart().await.unwrap();
        for number in 0..50_u32 {
            worker.send_multipart([&b"full"[..], &number.to_ne_bytes()]).await.unwrap();
        }
        let mut client = Socket::new(client).unwrap();
        for number in 0..50_u32 {
            assert_eq!(&client.recv().await.unwrap()[..], &number.to_ne_bytes());
        }
        context.shutdown().unwrap();
        assert_eq!(passing.await.kind(), ErrorKind::Terminated);
    }

    async fn a_capture_without_room_holds_everything_up_and_sees_everything() {
        const COUNT: u32 = 500;
        let context = Context::new().unwrap();
        let (push, front, back, pull) =
            small(&context, 2, (zmq::PUSH, zmq::PULL, zmq::PUSH, zmq::PULL));
        let capture = marked(&context, zmq::PUSH, 2);
        capture.bind("inproc://capture").unwrap();
        let (mut front, mut back) = (Socket::new(front).unwrap(), Socket::new(back).unwrap());
        let (mut push, mut pull) = (Socket::new(push).unwrap(), Socket::new(pull).unwrap());
        let mut copies = Socket::new(capture).unwrap();
        let passing = spawn(async move {
            proxy_with_capture(&mut front, &mut back, &mut copies).await.unwrap_err()
        });
        let sending = spawn(async move {
            for number in 0..COUNT {
                push.send(&number.to_ne_bytes()).await.unwrap();
            }
            push
        });
        assert_eq!(&pull.recv().await.unwrap()[..], &0_u32.to_ne_bytes());
        assert!(timeout(Duration::from_millis(50), pull.recv()).await.is_none());
        // Who reads the copies comes late.
        let copies = marked(&context, zmq::PULL, 2);
        copies.connect("inproc://capture").unwrap();
        let mut copies = Socket::new(copies).unwrap();
        let reading = spawn(async move {
            for number in 0..COUNT {
                assert_eq!(&copies.recv().await.unwrap()[..], &number.to_ne_bytes());
            }
        });
        for number in 1..COUNT {
            assert_eq!(&pull.recv().await.unwrap()[..], &number.to_ne_bytes());
        }
        reading.await;
        let _push = sending.await;
        context.shutdown().unwrap();
        assert_eq!(passing.await.kind(), ErrorKind::Terminated);
    }

    async fn either_contexts_end_ends_it() {
        for ends_first in [true, false] {
            let (one, other) = (Context::new().unwrap(), Context::new().unwrap());
            let mut front = Socket::new(bound(&one, zmq::PULL, "inproc://front")).unwrap();
            let mut back = Socket::new(bound(&other, zmq::PUSH, "inproc://back")).unwrap();
            let passing = spawn(async move { proxy(&mut front, &mut back).await.unwrap_err() });
            sleep(Duration::from_millis(10)).await;
            if ends_first { &one } else { &other }.shutdown().unwrap();
            assert_eq!(passing.await.kind(), ErrorKind::Terminated);
        }
    }

    async fn any_sockets_that_are_no_pair_are_refused() {
        let context = Context::new().unwrap();
        let mut one = Socket::new(context.socket(zmq::PUSH).unwrap().into_any()).unwrap();
        let mut other = Socket::new(context.socket(zmq::PUSH).unwrap().into_any()).unwrap();
        let Err(refused) = proxy(&mut one, &mut other).await;
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    }

    async fn a_receive_after_a_proxy_gets_what_that_did_not_pass_on() {
        let context = Context::new().unwrap();
        let frontend = bound(&context, zmq::PULL, "inproc://front");
        let push = peer_of(&frontend, zmq::PUSH);
        // It has no peer.
        let mut back = Socket::new(bound(&context, zmq::PUSH, "inproc://back")).unwrap();
        let mut front = Socket::new(frontend).unwrap();
        for round in 0..many(20) {
            // The receive that is given up has found that there is nothing, and the proxy takes the edge.
            assert!(timeout(Duration::from_micros(100), front.recv()).await.is_none());
            push.send(format!("{round}")).unwrap();
            assert!(timeout(Duration::from_millis(2), proxy(&mut front, &mut back)).await.is_none());
            assert_eq!(front.recv().await.unwrap(), format!("{round}"));
        }
    }
}
