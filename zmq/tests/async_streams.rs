//! Sockets that tasks wait for are streams and sinks like any other.
#![cfg(all(
    unix,
    feature = "futures",
    any(feature = "tokio", feature = "async-io")
))]

mod common;
#[path = "common/tasks.rs"]
mod tasks;

use common::{connected, context_and, prepared};
use futures_util::{SinkExt, StreamExt};
use zmq::ErrorKind;

on_every_runtime! {
    async fn a_sink_and_a_stream_carry_messages() {
        let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
        let (mut pull, mut push) = (Socket::new(pull).unwrap(), Socket::new(push).unwrap());
        push.feed(["a", "b"].into()).await.unwrap();
        push.feed(["c"].into()).await.unwrap();
        // What the sink has goes before what is sent otherwise.
        push.send("d").await.unwrap();
        push.feed(["e"].into()).await.unwrap();
        push.try_send("f").unwrap();
        push.feed(["g"].into()).await.unwrap();
        push.try_send_multipart(["h"]).unwrap();
        SinkExt::close(&mut push).await.unwrap();
        assert_eq!(pull.next().await.unwrap().unwrap(), ["a", "b"]);
        assert_eq!(pull.next().await.unwrap().unwrap(), ["c"]);
        for sent in ["d", "e", "f", "g", "h"] {
            assert_eq!(pull.next().await.unwrap().unwrap(), [sent]);
        }
    }

    async fn halves_forward_from_stream_to_sink() {
        const COUNT: usize = 100;
        let (_context, source, end) = connected(zmq::PAIR, zmq::PAIR);
        let (_, incoming) = Socket::new(end).unwrap().split();
        let (_other, other_end, sink) = connected(zmq::PAIR, zmq::PAIR);
        let (mut outgoing, _) = Socket::new(sink).unwrap().split();
        let forwarding = spawn(async move {
            let mut messages = incoming.take(COUNT);
            while let Some(message) = messages.next().await {
                outgoing.feed(message.unwrap()).await.unwrap();
            }
            outgoing.flush().await.unwrap();
        });
        let (mut source, mut other_end) = (Socket::new(source).unwrap(), Socket::new(other_end).unwrap());
        for number in 0..COUNT {
            source.send(&number.to_ne_bytes()).await.unwrap();
        }
        for number in 0..COUNT {
            assert_eq!(&other_end.recv().await.unwrap()[..], &number.to_ne_bytes());
        }
        forwarding.await;
    }

    async fn a_sink_gives_a_refused_message_back() {
        let (context, push) = context_and(zmq::PUSH);
        let mut push = Socket::new(push).unwrap();
        push.feed(["kept"].into()).await.unwrap();
        let refused = push.try_send("behind it").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        context.shutdown().unwrap();
        let refused = SinkExt::flush(&mut push).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Terminated);
        assert_eq!(refused.message, ["kept"]);
    }

    async fn two_tasks_have_a_waker_each_on_a_socket_that_is_whole() {
        // This split is the one of futures: two tasks, one socket, no half of ours.
        let (_context, a, b) = prepared("inproc://whole", zmq::DEALER, zmq::DEALER, |a, b| {
            for socket in [a, b] {
                socket.set_sndhwm(2).unwrap();
                socket.set_rcvhwm(2).unwrap();
            }
        });
        const COUNT: usize = 2000;
        let (mut sink, mut stream) = StreamExt::split(Socket::new(a).unwrap());
        let writer = spawn(async move {
            for _ in 0..COUNT {
                sink.send(["out"].into()).await.unwrap();
            }
        });
        let reader = spawn(async move {
            for _ in 0..COUNT {
                assert_eq!(stream.next().await.unwrap().unwrap(), ["in"]);
            }
        });
        let mut other = Socket::new(b).unwrap();
        for _ in 0..COUNT {
            assert_eq!(other.recv().await.unwrap(), "out");
            other.send("in").await.unwrap();
        }
        writer.await;
        reader.await;
    }

    async fn a_stream_ends_after_its_context() {
        let (context, pull) = context_and(zmq::PULL);
        let mut pull = Socket::new(pull).unwrap();
        context.shutdown().unwrap();
        let last = pull.next().await.unwrap().unwrap_err();
        assert_eq!(last.kind(), ErrorKind::Terminated);
        assert!(pull.next().await.is_none());
        assert!(pull.next().await.is_none());
    }
}
