//! Sockets of the draft types, used by many threads at once.
#![cfg(feature = "draft")]

mod common;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::{LONG, SHORT, connected_over, context_and, in_child, lacks_drafts, patient};
use zmq::{ErrorKind, Message, MonitorEvents, Socket, SocketType, ThreadSafe};

const THREADS: usize = 4;
const EACH: usize = 250;

fn shared<T: ThreadSafe>(socket: Socket<T>) -> Arc<Socket<T>> {
    fn assert_sync<S: Send + Sync>(_: &S) {}
    assert_sync(&socket);
    Arc::new(socket)
}

#[test]
fn the_eight_types_are_shared() {
    fn of<T: ThreadSafe>(context: &zmq::Context, socket_type: T) {
        let socket = shared(context.socket(socket_type).unwrap());
        assert!(socket.thread_safe().unwrap(), "{}", socket.kind());
        let there = Arc::clone(&socket);
        thread::spawn(move || there.events().unwrap())
            .join()
            .unwrap();
        assert_eq!(Some(socket.kind()), T::KIND);
    }
    if lacks_drafts() {
        return;
    }
    let context = zmq::Context::new().unwrap();
    of(&context, zmq::CLIENT);
    of(&context, zmq::SERVER);
    of(&context, zmq::RADIO);
    of(&context, zmq::DISH);
    of(&context, zmq::GATHER);
    of(&context, zmq::SCATTER);
    of(&context, zmq::PEER);
    of(&context, zmq::CHANNEL);
    assert_ne!(zmq::Pair::KIND, None);
}

#[test]
fn many_threads_ask_and_many_answer_on_one_socket_each() {
    if lacks_drafts() {
        return;
    }
    let (_context, server, client) = connected_over("tcp://127.0.0.1:*", zmq::SERVER, zmq::CLIENT);
    let (server, client) = (shared(server), shared(client));
    let (asked, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let total = THREADS * EACH;
    let mut seen = HashSet::new();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (server, client, asked) = (&server, &client, &asked);
            scope.spawn(move || {
                for n in 0..EACH {
                    // Short ones and long ones, which are references.
                    let mut text = format!("{thread}/{n}");
                    text.push_str(&" ".repeat(n % 3 * 40));
                    client.send(text).unwrap();
                }
            });
            scope.spawn(move || {
                while asked.fetch_add(1, Ordering::Relaxed) < total {
                    let request = server.recv().unwrap();
                    let id = request.routing_id().unwrap();
                    server.send_to_peer(id, request).unwrap();
                }
            });
        }
        let collectors: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let mut own = Vec::new();
                    while answered.fetch_add(1, Ordering::Relaxed) < total {
                        own.push(client.recv().unwrap().to_vec());
                    }
                    own
                })
            })
            .collect();
        for collector in collectors {
            seen.extend(collector.join().unwrap());
        }
    });
    assert_eq!(seen.len(), total);
}

#[test]
fn every_call_may_be_made_at_the_same_time_as_any_other() {
    in_child(
        "every_call_may_be_made_at_the_same_time_as_any_other",
        || {
            if lacks_drafts() {
                return;
            }
            let (context, a) = context_and(zmq::PEER);
            let b = patient(context.socket(zmq::PEER).unwrap());
            let (a, b) = (shared(a), shared(b));
            a.set_rcvtimeo(SHORT).unwrap();
            a.bind("tcp://127.0.0.1:*").unwrap();
            let endpoint = a.last_endpoint().unwrap();
            let id = b.connect_peer(&endpoint).unwrap();
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        for _ in 0..EACH {
                            b.send_to_peer(id, "message").unwrap();
                        }
                    });
                    scope.spawn(|| {
                        for _ in 0..EACH {
                            let _ = a.recv();
                            let _ = a.try_recv_multipart();
                        }
                    });
                    scope.spawn(|| {
                        for _ in 0..EACH {
                            zmq::poll([a.poll_in(), b.poll_in_out(), a.poll_in()], common::NO_TIME)
                                .unwrap();
                            a.events().unwrap();
                        }
                    });
                    scope.spawn(|| {
                        for _ in 0..20 {
                            let more = context.socket(zmq::PEER).unwrap();
                            let id = more.connect_peer(&endpoint).unwrap();
                            more.send_to_peer(id, "short visit").unwrap();
                            b.connect(&endpoint).unwrap();
                            a.bind("tcp://127.0.0.1:*").unwrap();
                            a.set_rcvtimeo(SHORT).unwrap();
                            a.last_endpoint().unwrap();
                        }
                    });
                    scope.spawn(|| {
                        for _ in 0..20 {
                            // One of them at a time.
                            match a.monitor(MonitorEvents::ALL) {
                                Ok(monitor) => drop(monitor),
                                Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidState),
                            }
                        }
                    });
                }
            });
        },
    );
}

#[test]
fn two_threads_poll_the_same_socket() {
    if lacks_drafts() {
        return;
    }
    let (_context, gather, scatter) =
        connected_over("tcp://127.0.0.1:*", zmq::GATHER, zmq::SCATTER);
    let gather = shared(gather);
    let received = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while received.load(Ordering::Relaxed) < EACH {
                    let [ready] = zmq::poll([gather.poll_in()], SHORT).unwrap();
                    if ready.is_readable() && gather.try_recv().unwrap().is_some() {
                        received.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        for _ in 0..EACH {
            scatter.send("message").unwrap();
        }
    });
    assert_eq!(received.into_inner(), EACH);
}

#[test]
fn shutdown_wakes_every_thread_that_waits_on_a_shared_socket() {
    in_child(
        "shutdown_wakes_every_thread_that_waits_on_a_shared_socket",
        || {
            if lacks_drafts() {
                return;
            }
            let (context, client) = context_and(zmq::CLIENT);
            let client = shared(client);
            thread::scope(|scope| {
                let waiting: Vec<_> = (0..THREADS)
                    .map(|n| {
                        let client = Arc::clone(&client);
                        scope.spawn(move || match n % 3 {
                            0 => client.recv().unwrap_err().kind(),
                            1 => client.send(Message::new()).unwrap_err().kind(),
                            _ => zmq::poll([client.poll_in()], Some(LONG))
                                .unwrap_err()
                                .kind(),
                        })
                    })
                    .collect();
                context.shutdown().unwrap();
                for thread in waiting {
                    assert_eq!(thread.join().unwrap(), ErrorKind::Terminated);
                }
            });
        },
    );
}

#[test]
fn the_last_of_the_threads_closes_the_socket() {
    if lacks_drafts() {
        return;
    }
    let (context, gather, scatter) = connected_over("tcp://127.0.0.1:*", zmq::GATHER, zmq::SCATTER);
    let scatter = shared(scatter);
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let scatter = Arc::clone(&scatter);
            thread::spawn(move || scatter.send("message").unwrap())
        })
        .collect();
    drop(scatter);
    for thread in threads {
        thread.join().unwrap();
    }
    for _ in 0..THREADS {
        assert_eq!(gather.recv().unwrap(), "message");
    }
    drop(gather);
    context.terminate_timeout(LONG).unwrap();
}
