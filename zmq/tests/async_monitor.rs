//! Tasks see the events of a socket as threads do.
#![cfg(all(unix, any(feature = "tokio", feature = "async-io")))]

mod common;
#[path = "common/tasks.rs"]
mod tasks;

use std::time::Duration;

use common::{context_and, peer_of};
use zmq::{ErrorKind, EventKind, MonitorEvents};

on_every_runtime! {
    async fn events_come_as_they_happen() {
        let (_context, pull) = context_and(zmq::PULL);
        let mut monitor = Monitor::new(pull.monitor(MonitorEvents::ALL).unwrap()).unwrap();
        let (bound, mut told) = futures_channel::mpsc::unbounded();
        let watching = spawn(async move {
            loop {
                let event = monitor.recv().await.unwrap();
                match event.kind {
                    EventKind::Listening { .. } => bound.unbounded_send(event.endpoint).unwrap(),
                    EventKind::HandshakeSucceeded => return event.endpoint,
                    _ => {}
                }
            }
        });
        pull.bind("tcp://127.0.0.1:*").unwrap();
        let endpoint = pull.last_endpoint().unwrap();
        assert_eq!(told.recv().await.unwrap(), endpoint);
        let _push = peer_of(&pull, zmq::PUSH);
        assert_eq!(watching.await, endpoint);
    }

    async fn an_event_is_not_lost_with_a_receive_that_is_given_up() {
        let (_context, pull) = context_and(zmq::PULL);
        let mut monitor = Monitor::new(pull.monitor(MonitorEvents::LISTENING).unwrap()).unwrap();
        assert!(timeout(Duration::from_millis(1), monitor.recv()).await.is_none());
        assert!(monitor.try_recv().unwrap().is_none());
        pull.bind("tcp://127.0.0.1:*").unwrap();
        let event = monitor.into_inner().recv().unwrap();
        assert_eq!(event.endpoint, pull.last_endpoint().unwrap());
    }

    async fn an_event_that_is_there_is_received_without_waiting() {
        let (_context, pull) = context_and(zmq::PULL);
        let mut monitor = Monitor::new(pull.monitor(MonitorEvents::LISTENING).unwrap()).unwrap();
        pull.bind("tcp://127.0.0.1:*").unwrap();
        let event = loop {
            match monitor.try_recv().unwrap() {
                Some(event) => break event,
                None => sleep(Duration::from_millis(1)).await,
            }
        };
        assert_eq!(event.endpoint, pull.last_endpoint().unwrap());
    }

    async fn the_end_of_the_socket_ends_the_wait() {
        let (_context, pull) = context_and(zmq::PULL);
        let mut monitor = Monitor::new(pull.monitor(MonitorEvents::ALL).unwrap()).unwrap();
        let watching = spawn(async move {
            let first = monitor.recv().await.unwrap().kind;
            assert_eq!(first, EventKind::MonitorStopped);
            for _ in 0..2 {
                assert_eq!(monitor.recv().await.unwrap_err().kind(), ErrorKind::Terminated);
            }
        });
        drop(pull);
        watching.await;
    }

    async fn the_end_of_the_context_ends_the_wait() {
        let (context, pull) = context_and(zmq::PULL);
        let mut monitor = Monitor::new(pull.monitor(MonitorEvents::LISTENING).unwrap()).unwrap();
        let watching = spawn(async move { monitor.recv().await.unwrap_err().kind() });
        context.shutdown().unwrap();
        assert_eq!(watching.await, ErrorKind::Terminated);
    }

    async fn dropping_it_stops_the_events_and_the_socket_goes_on() {
        let (_context, pull) = context_and(zmq::PULL);
        drop(Monitor::new(pull.monitor(MonitorEvents::ALL).unwrap()).unwrap());
        // With events that nobody reads, this would hang.
        pull.bind("tcp://127.0.0.1:*").unwrap();
        let _again = Monitor::new(pull.monitor(MonitorEvents::ALL).unwrap()).unwrap();
        let push = peer_of(&pull, zmq::PUSH);
        push.send("on").unwrap();
        assert_eq!(pull.recv().unwrap(), "on");
    }
}

#[cfg(feature = "futures")]
mod streams {
    use super::*;
    use futures_util::StreamExt;

    on_every_runtime! {
        async fn the_stream_ends_with_the_socket() {
            let (_context, pull) = context_and(zmq::PULL);
            let monitor = pull.monitor(MonitorEvents::LISTENING).unwrap();
            pull.bind("tcp://127.0.0.1:*").unwrap();
            pull.bind("tcp://127.0.0.1:*").unwrap();
            drop(pull);
            let mut events = Monitor::new(monitor).unwrap();
            for _ in 0..2 {
                let event = events.next().await.unwrap().unwrap();
                assert!(matches!(event.kind, EventKind::Listening { .. }));
            }
            assert!(events.next().await.is_none());
            assert!(events.next().await.is_none());
        }
    }
}
