//! One task waits for several sockets, and what is not chosen has received nothing.
#![cfg(all(unix, any(feature = "tokio", feature = "async-io")))]

mod common;
#[path = "common/tasks.rs"]
mod tasks;

use std::pin::pin;

use common::connected;
use futures_util::future::{Either, select};

on_every_runtime! {
    async fn a_choice_between_two_sockets_loses_nothing_of_either() {
        const COUNT: u64 = 1000;
        let (_one, first, one) = connected(zmq::PULL, zmq::PUSH);
        let (_two, second, two) = connected(zmq::PULL, zmq::PUSH);
        let (mut first, mut second) = (Socket::new(first).unwrap(), Socket::new(second).unwrap());
        let senders = [one, two].map(|push| {
            let mut push = Socket::new(push).unwrap();
            spawn(async move {
                for number in 0..COUNT {
                    push.send(&number.to_ne_bytes()).await.unwrap();
                }
                push
            })
        });
        let mut next = [0; 2];
        while next != [COUNT; 2] {
            // Both are asked anew each time, and one of them is given up.
            let (which, message) = match select(pin!(first.recv()), pin!(second.recv())).await {
                Either::Left((message, _)) => (0, message.unwrap()),
                Either::Right((message, _)) => (1, message.unwrap()),
            };
            assert_eq!(message[..], next[which].to_ne_bytes());
            next[which] += 1;
        }
        for sender in senders {
            sender.await;
        }
    }

    async fn readable_says_which_socket_has_a_message_and_leaves_it_there() {
        let (_one, first, _push) = connected(zmq::PULL, zmq::PUSH);
        let (_two, second, push) = connected(zmq::PULL, zmq::PUSH);
        let (mut first, mut second) = (Socket::new(first).unwrap(), Socket::new(second).unwrap());
        for _ in 0..20 {
            push.send("here").unwrap();
            let chosen = match select(pin!(first.readable()), pin!(second.readable())).await {
                Either::Left(_) => "first",
                Either::Right((ready, _)) => ready.map(|()| "second").unwrap(),
            };
            assert_eq!(chosen, "second");
            assert_eq!(second.try_recv().unwrap().unwrap(), "here");
        }
    }
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn select_macro_takes_messages_and_a_timer() {
    use zmq::tokio::Socket;

    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    let (mut pull, mut push) = (Socket::new(pull).unwrap(), Socket::new(push).unwrap());
    let (mut sent, mut received, mut ticks) = (0_u32, 0, 0);
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(1));
    while received < 100 || ticks < 3 {
        tokio::select! {
            message = pull.recv() => {
                assert_eq!(message.unwrap()[..], u32::to_ne_bytes(received));
                received += 1;
            }
            room = push.reserve(), if sent < 100 => {
                room.unwrap().send(&sent.to_ne_bytes()).unwrap();
                sent += 1;
            }
            _ = tick.tick() => ticks += 1,
        }
    }
    assert!(pull.try_recv().unwrap().is_none());
}
