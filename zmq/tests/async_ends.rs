//! How sockets that tasks wait for end: with their context, with their runtime, and without blocking
//! anybody.
#![cfg(all(unix, any(feature = "tokio", feature = "async-io")))]

mod common;
#[path = "common/tasks.rs"]
mod tasks;

use std::future::{Future as _, poll_fn};
use std::net::TcpListener;
use std::task::Poll;
use std::time::{Duration, Instant};

use common::{LONG, bind_again, connected, context_and, free_tcp};
use zmq::{Context, ErrorKind, Message};

on_every_runtime! {
    async fn the_end_of_the_context_ends_every_wait() {
        let (context, dealer) = context_and(zmq::DEALER);
        let (mut sender, mut receiver) = Socket::new(dealer).unwrap().split();
        let mut pull = Socket::new(context.socket(zmq::PULL).unwrap()).unwrap();
        let writer = spawn(async move { sender.send(Message::from("kept")).await.unwrap_err() });
        let reader = spawn(async move { receiver.recv().await.unwrap_err().kind() });
        let waits = spawn(async move { pull.readable().await.unwrap_err().kind() });
        sleep(Duration::from_millis(20)).await;
        context.shutdown().unwrap();
        let refused = writer.await;
        assert_eq!((refused.kind(), refused.message), (ErrorKind::Terminated, "kept".into()));
        assert_eq!(reader.await, ErrorKind::Terminated);
        assert_eq!(waits.await, ErrorKind::Terminated);
        terminate(context).await.unwrap();
    }

    async fn a_socket_of_a_context_that_has_ended_comes_back() {
        let (context, pull) = context_and(zmq::PULL);
        context.shutdown().unwrap();
        // Whether libzmq still tells the descriptor or not, there is no panic.
        match Socket::new(pull) {
            Ok(mut pull) => {
                assert_eq!(pull.recv().await.unwrap_err().kind(), ErrorKind::Terminated);
            }
            Err(refused) => assert_eq!(refused.error.kind(), ErrorKind::Terminated),
        }
    }

    async fn dropping_the_last_socket_of_a_context_blocks_nobody() {
        let context = Context::new().unwrap();
        let push = context.socket(zmq::PUSH).unwrap();
        // Nobody is there, and it lingers for longer than the test may take.
        push.set_linger(Some(4 * LONG)).unwrap();
        push.connect("tcp://127.0.0.1:9").unwrap();
        let mut push = Socket::new(push).unwrap();
        push.send("for nobody").await.unwrap();
        drop(context);
        let start = Instant::now();
        drop(push);
        assert!(start.elapsed() < LONG);
    }

    async fn a_close_waits_until_what_was_sent_has_left() {
        let (context, pull) = context_and(zmq::PULL);
        let endpoint = free_tcp();
        let sending = Context::new().unwrap();
        let push = sending.socket(zmq::PUSH).unwrap();
        push.connect(&endpoint).unwrap();
        let mut push = Socket::new(push).unwrap();
        drop(sending);
        push.send("before the end").await.unwrap();
        let mut close = Box::pin(push.close());
        let asked = poll_fn(|context| Poll::Ready(close.as_mut().poll(context).is_pending()));
        assert!(asked.await, "nobody has received it");
        bind_again(&pull, &endpoint);
        close.await;
        // The context of its sender has ended, so it is on its way, or here.
        assert_eq!(pull.recv().unwrap(), "before the end");
        drop(context);
    }

    async fn a_close_waits_for_the_end_of_a_context_that_nobody_else_has() {
        for _ in 0..20 {
            let (context, pull) = context_and(zmq::PULL);
            let endpoint = free_tcp();
            pull.bind(&endpoint).unwrap();
            drop(context);
            Socket::new(pull).unwrap().close().await;
            // Whoever still had the port would not give it away.
            TcpListener::bind(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
        }
    }

    async fn a_close_that_others_outlive_waits_for_nothing() {
        let (context, pull) = context_and(zmq::PULL);
        Socket::new(pull).unwrap().close().await;
        let pull = Socket::new(context.socket(zmq::PULL).unwrap()).unwrap();
        // Whoever waits hears of the end, however many there are.
        let another = spawn(terminate(context.clone()));
        let mut end = Box::pin(terminate(context));
        let asked = poll_fn(|context| Poll::Ready(end.as_mut().poll(context).is_pending()));
        assert!(asked.await, "a socket is open");
        drop(pull);
        end.await.unwrap();
        another.await.unwrap();
    }

    async fn halves_that_are_not_of_one_socket_are_not_reunited() {
        let context = Context::new().unwrap();
        let (one, two) = context.pipe().unwrap();
        let (one_sends, one_receives) = Socket::new(one).unwrap().split();
        let (two_sends, two_receives) = Socket::new(two).unwrap().split();
        let error = one_receives.reunite(two_sends).unwrap_err();
        assert_eq!(error.to_string(), "these halves are not of one socket");
        let (mut two_sends, one_receives) = (error.0, error.1);
        two_sends.send("still works").await.unwrap();
        let mut one = one_receives.reunite(one_sends).unwrap();
        assert_eq!(one.recv().await.unwrap(), "still works");
        two_receives.reunite(two_sends).unwrap();
    }

    async fn a_half_that_is_dropped_leaves_the_other_one_at_work() {
        let (_context, a, b) = connected(zmq::PAIR, zmq::PAIR);
        let (mut sender, receiver) = Socket::new(a).unwrap().split();
        let (other_sender, mut other_receiver) = Socket::new(b).unwrap().split();
        drop(receiver);
        drop(other_sender);
        sender.send("one way").await.unwrap();
        assert_eq!(other_receiver.recv().await.unwrap(), "one way");
    }
}

#[cfg(feature = "tokio")]
mod without_a_runtime {
    use super::*;
    use tokio::runtime::Builder;
    use zmq::tokio::Socket;

    #[test]
    fn there_is_an_error_that_gives_the_socket_back() {
        let (_context, pull) = context_and(zmq::PULL);
        let refused = Socket::new(pull).unwrap_err();
        assert_eq!(refused.error.kind(), ErrorKind::NoRuntime);
        let pull = refused.into_value();
        pull.bind("inproc://usable").unwrap();
        let refused = Socket::new(pull).unwrap_err();
        assert_eq!(zmq::Error::from(refused).kind(), ErrorKind::NoRuntime);
    }

    #[test]
    fn the_error_becomes_one_that_threads_share() {
        fn asked(
            pull: zmq::Socket<zmq::Pull>,
        ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            Socket::new(pull)?;
            Ok(())
        }
        let (_context, pull) = context_and(zmq::PULL);
        assert!(asked(pull).unwrap_err().to_string().contains("runtime"));
    }

    #[test]
    fn a_runtime_without_its_event_loop_is_none() {
        let (_context, pull) = context_and(zmq::PULL);
        let runtime = Builder::new_current_thread().build().unwrap();
        let refused = runtime.block_on(async { Socket::new(pull).unwrap_err() });
        assert_eq!(refused.error.kind(), ErrorKind::NoRuntime);
        drop(refused.into_value().into_any());
    }

    #[test]
    fn a_socket_whose_runtime_has_gone_says_so() {
        let (_context, pull) = context_and(zmq::PULL);
        let gone = Builder::new_current_thread().enable_io().build().unwrap();
        let mut pull = gone.block_on(async { Socket::new(pull).unwrap() });
        drop(gone);
        let another = Builder::new_current_thread().enable_io().build().unwrap();
        let error = another.block_on(pull.recv()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoRuntime);
        // The socket itself is as good as before, and can go to the other one.
        let pull = pull.into_inner();
        let mut pull = another.block_on(async { Socket::new(pull).unwrap() });
        pull.with(|pull| pull.bind("inproc://moved")).unwrap();
        let push = pull.context().socket(zmq::PUSH).unwrap();
        push.connect("inproc://moved").unwrap();
        push.send("here").unwrap();
        assert_eq!(another.block_on(pull.recv()).unwrap(), "here");
    }

    #[test]
    fn a_runtime_that_ends_while_a_task_waits_ends_its_sockets() {
        let (context, pull) = context_and(zmq::PULL);
        let runtime = Builder::new_multi_thread().enable_io().build().unwrap();
        let entered = runtime.enter();
        let mut pull = Socket::new(pull).unwrap();
        drop(entered);
        runtime.spawn(async move { pull.recv().await });
        drop(runtime);
        context.terminate().unwrap();
    }
}
