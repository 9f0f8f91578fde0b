//! Whatever is given up while it waits loses nothing and tears nothing.
//!
//! `ZMQ_TEST_LONG=1` makes it 100 000 cancels.
#![cfg(all(unix, any(feature = "tokio", feature = "async-io")))]

mod common;
#[path = "common/tasks.rs"]
mod tasks;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use common::{connected, context_and, many, prepared};
use zmq::{ErrorKind, Message, Multipart};

/// Polls a future so many times at most, and gives it up.
async fn polled<V>(future: impl Future<Output = V>, times: usize) -> Option<V> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        polls += 1;
        if polls >= times {
            return Poll::Ready(None);
        }
        Poll::Pending
    })
    .await
}

on_every_runtime! {
    async fn no_message_is_lost_with_a_receive_that_is_given_up() {
        let cancels = many(2_000);
        let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
        let (mut pull, mut push) = (Socket::new(pull).unwrap(), Socket::new(push).unwrap());
        let mut random = fastrand::Rng::with_seed(7);
        let mut waits = random.clone();
        let (stop, mut stopped) = futures_channel::oneshot::channel::<()>();
        let sending = spawn(async move {
            let mut number = 0_u64;
            while stopped.try_recv().unwrap().is_none() {
                push.send_multipart([&number.to_ne_bytes()[..], b"body"]).await.unwrap();
                number += 1;
                if waits.u8(..) < 200 {
                    sleep(Duration::from_micros(waits.u64(..300))).await;
                }
            }
            (push, number)
        });
        let (mut next, mut cancelled) = (0_u64, 0);
        while cancelled < cancels {
            let received = match random.u8(..3) {
                0 => polled(pull.recv_multipart(), random.usize(1..4)).await,
                1 => timeout(Duration::from_micros(random.u64(..200)), pull.recv_multipart()).await,
                _ => polled(pull.readable(), 1).await.and_then(|_| pull.try_recv_multipart().transpose()),
            };
            match received {
                None => cancelled += 1,
                Some(message) => {
                    let [number, body] = message.unwrap().into_array().unwrap();
                    assert_eq!((&number[..], &body[..]), (&next.to_ne_bytes()[..], &b"body"[..]));
                    next += 1;
                }
            }
        }
        stop.send(()).unwrap();
        let rest = async {
            while let Some(message) = timeout(Duration::from_millis(200), pull.recv_multipart()).await {
                assert_eq!(message.unwrap()[0][..], next.to_ne_bytes());
                next += 1;
            }
        };
        let ((_push, sent), ()) = futures_util::future::join(sending, rest).await;
        while next < sent {
            assert_eq!(pull.recv_multipart().await.unwrap()[0][..], next.to_ne_bytes());
            next += 1;
        }
        assert_eq!(next, sent);
    }

    async fn a_send_that_is_given_up_has_sent_all_or_nothing() {
        let cancels = many(2_000);
        let (_context, pull, push) = prepared("inproc://all", zmq::PULL, zmq::PUSH, |pull, push| {
            pull.set_rcvhwm(1).unwrap();
            push.set_sndhwm(1).unwrap();
        });
        let (mut pull, mut push) = (Socket::new(pull).unwrap(), Socket::new(push).unwrap());
        let receiving = spawn(async move {
            let mut received = Vec::new();
            loop {
                let message = pull.recv_multipart().await.unwrap();
                if message.len() == 1 {
                    return received;
                }
                let [number, end] = message.into_array().unwrap();
                assert_eq!(end, "end");
                received.push(u64::from_ne_bytes(number[..].try_into().unwrap()));
                if received.len() % 3 == 0 {
                    sleep(Duration::from_micros(100)).await;
                }
            }
        });
        let mut random = fastrand::Rng::with_seed(8);
        let (mut number, mut cancelled, mut sent) = (0_u64, 0, Vec::new());
        let mut kept: Option<Multipart> = None;
        while cancelled < cancels {
            if let Some(message) = &kept {
                // It stayed in its option, and goes now.
                let number = u64::from_ne_bytes(message[0][..].try_into().unwrap());
                let time = Duration::from_micros(random.u64(..200));
                match timeout(time, push.send_multipart_from(&mut kept)).await {
                    Some(result) => {
                        result.unwrap();
                        assert!(kept.is_none());
                        sent.push(number);
                    }
                    None => {
                        assert!(kept.is_some());
                        cancelled += 1;
                    }
                }
                continue;
            }
            let frames = [number.to_ne_bytes().to_vec(), b"end".to_vec()];
            let done = match random.u8(..4) {
                0 => polled(push.send_multipart(frames), random.usize(1..4)).await.map(Result::unwrap),
                1 => timeout(Duration::from_micros(random.u64(..200)), push.send_multipart(frames))
                    .await
                    .map(Result::unwrap),
                2 => match polled(push.reserve(), 1).await {
                    Some(permit) => {
                        permit.unwrap().send_multipart(frames).unwrap();
                        Some(())
                    }
                    None => None,
                },
                _ => {
                    kept = Some(frames.into());
                    number += 1;
                    continue;
                }
            };
            match done {
                Some(()) => sent.push(number),
                None => cancelled += 1,
            }
            number += 1;
        }
        push.send("stop").await.unwrap();
        if let Some(kept) = kept {
            assert_eq!(kept.len(), 2);
        }
        assert_eq!(receiving.await, sent);
    }

    async fn a_relaxed_client_gives_requests_up_and_gets_the_right_replies() {
        let (_context, server, client) = prepared("tcp://127.0.0.1:*", zmq::REP, zmq::REQ, |_, client| {
            client.set_req_relaxed(true).unwrap();
            client.set_req_correlate(true).unwrap();
        });
        let (mut server, mut client) = (Socket::new(server).unwrap(), Socket::new(client).unwrap());
        let serving = spawn(async move {
            let mut random = fastrand::Rng::with_seed(9);
            loop {
                let mut request = server.next_request().await.unwrap();
                let echo = request.take();
                let last = echo == ["stop"];
                request.reply_multipart(echo).unwrap();
                if last {
                    return;
                }
                sleep(Duration::from_micros(random.u64(..200))).await;
            }
        });
        let mut random = fastrand::Rng::with_seed(10);
        let (mut answered, mut given_up) = (0, 0);
        let mut number = 0_u64;
        while given_up < many(300) || answered < 100 {
            number += 1;
            let mut pending = client.request(&number.to_ne_bytes()).await.unwrap();
            let time = Duration::from_micros(random.u64(..600));
            match timeout(time, pending.recv()).await {
                Some(reply) => {
                    assert_eq!(&reply.unwrap()[..], &number.to_ne_bytes());
                    answered += 1;
                }
                None if random.bool() => given_up += 1,
                None => {
                    // The guard is as it was.
                    assert_eq!(&pending.recv().await.unwrap()[..], &number.to_ne_bytes());
                    answered += 1;
                }
            }
        }
        let mut pending = client.request("stop").await.unwrap();
        assert_eq!(pending.recv().await.unwrap(), "stop");
        serving.await;
    }

    async fn a_strict_client_that_gave_the_wait_up_still_gets_the_reply() {
        let (_context, server, client) = connected(zmq::REP, zmq::REQ);
        let (mut server, mut client) = (Socket::new(server).unwrap(), Socket::new(client).unwrap());
        let mut pending = client.request("slow").await.unwrap();
        assert!(polled(pending.recv(), 1).await.is_none());
        drop(pending);
        let refused = client.request("another").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidState);
        server.next_request().await.unwrap().reply("done").unwrap();
        assert_eq!(client.recv().await.unwrap(), "done");
    }

    async fn a_message_that_waits_for_a_peer_stays_in_its_option() {
        let (_context, push) = context_and(zmq::PUSH);
        let mut push = Socket::new(push).unwrap();
        let mut message = Some(Message::from("precious"));
        assert!(polled(push.send_from(&mut message), 1).await.is_none());
        assert_eq!(message.as_ref().unwrap(), &"precious");
        let polled = poll_fn(|context| Poll::Ready(push.poll_send(context, &mut message))).await;
        assert!(polled.is_pending());
        assert_eq!(message.unwrap(), "precious");
    }
}
