//! `Proxy` and `ProxyHandle`: what is steered, counted and given back.

mod common;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use common::{LONG, bind_again, bound, drop_together, patient, peer_of};
use zmq::{
    Context, ErrorKind, Multipart, Proxy, ProxyCount, ProxyHandle, Pull, Push, Socket, SocketType,
};

fn sides<F: SocketType, B: SocketType>(
    context: &Context,
    frontend: F,
    backend: B,
) -> (Socket<F>, Socket<B>) {
    let frontend = bound(context, frontend, "inproc://frontend");
    (frontend, bound(context, backend, "inproc://backend"))
}

/// A running streamer, its source and its sink.
fn streamer(context: &Context) -> (ProxyHandle<Pull, Push>, Socket<Push>, Socket<Pull>) {
    let (frontend, backend) = sides(context, zmq::PULL, zmq::PUSH);
    let (source, sink) = (peer_of(&frontend, zmq::PUSH), peer_of(&backend, zmq::PULL));
    let proxy = Proxy::new(frontend, backend).spawn().unwrap();
    (proxy, source, sink)
}

fn numbers(count: ProxyCount) -> [u64; 3] {
    [count.messages, count.frames, count.bytes]
}

/// Receives everything that is there, or still comes within the process.
fn rest<T: zmq::CanReceive>(socket: &Socket<T>) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some(message) = socket.try_recv_multipart().unwrap() {
        messages.push(message[0].to_string());
    }
    messages
}

#[test]
fn statistics_count_every_message_frame_and_byte() {
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::DEALER, zmq::DEALER);
    let capture = bound(&context, zmq::PUSH, "inproc://capture");
    let copies = peer_of(&capture, zmq::PULL);
    let (left, right) = (
        peer_of(&frontend, zmq::DEALER),
        peer_of(&backend, zmq::DEALER),
    );
    let proxy = Proxy::new(frontend, backend)
        .capture(capture)
        .spawn()
        .unwrap();
    for _ in 0..100 {
        left.send_multipart(["four", "", "characters"]).unwrap();
        right.recv_multipart().unwrap();
    }
    for _ in 0..10 {
        right.send("back").unwrap();
        left.recv().unwrap();
    }
    for _ in 0..110 {
        copies.recv_multipart().unwrap();
    }
    let statistics = proxy.statistics().unwrap();
    assert_eq!(numbers(statistics.frontend.received), [100, 300, 1400]);
    assert_eq!(numbers(statistics.backend.sent), [100, 300, 1400]);
    assert_eq!(numbers(statistics.backend.received), [10, 10, 40]);
    assert_eq!(numbers(statistics.frontend.sent), [10, 10, 40]);
    assert_eq!(numbers(statistics.captured), [110, 310, 1440]);
    for none in [
        statistics.undeliverable,
        statistics.dropped,
        statistics.capture_dropped,
    ] {
        assert_eq!(numbers(none), [0; 3]);
    }
    // They go on when the proxy does.
    let proxy = proxy.terminate().unwrap();
    assert_eq!(proxy.statistics(), statistics);
    let proxy = proxy.spawn().unwrap();
    right.send("back").unwrap();
    left.recv().unwrap();
    assert_eq!(proxy.statistics().unwrap().frontend.sent.messages, 11);
}

#[test]
fn statistics_count_as_exactly_without_a_capture() {
    let context = Context::new().unwrap();
    let (proxy, source, sink) = streamer(&context);
    // Up to four frames go another way than more of them.
    for frames in [1, 4, 5, 9] {
        source.send_multipart(vec!["four"; frames]).unwrap();
        sink.recv_multipart().unwrap();
    }
    let statistics = proxy.statistics().unwrap();
    assert_eq!(numbers(statistics.frontend.received), [4, 19, 76]);
    assert_eq!(numbers(statistics.backend.sent), [4, 19, 76]);
}

#[test]
fn what_nobody_can_take_is_counted_and_ends_nothing() {
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::ROUTER, zmq::DEALER);
    frontend.set_router_mandatory(true).unwrap();
    let client = peer_of(&frontend, zmq::REQ);
    let mut worker = peer_of(&backend, zmq::REP);
    let hostile = peer_of(&backend, zmq::DEALER);
    let proxy = Proxy::new(frontend, backend).spawn().unwrap();
    hostile.send("no routing id").unwrap();
    hostile
        .send_multipart(["nobody", "", "has this id"])
        .unwrap();
    // Round robin: one of the two gets the request.
    let answer = |message: Multipart| hostile.send_multipart(message).unwrap();
    client.send("question").unwrap();
    let [at_worker, _] = zmq::poll([worker.poll_in(), hostile.poll_in()], Some(LONG)).unwrap();
    if at_worker.is_readable() {
        worker.next_request().unwrap().reply("answer").unwrap();
    } else {
        answer(hostile.recv_multipart().unwrap());
    }
    client.recv().unwrap();
    let statistics = proxy.statistics().unwrap();
    assert_eq!(numbers(statistics.undeliverable), [2, 4, 30]);
    assert_eq!(statistics.backend.received.messages, 3);
    assert_eq!(statistics.frontend.sent.messages, 1);
}

#[test]
fn a_pause_stops_messages_and_a_resume_brings_them_all() {
    let context = Context::new().unwrap();
    let (proxy, source, sink) = streamer(&context);
    source.send("before").unwrap();
    assert_eq!(sink.recv().unwrap(), "before");
    proxy.pause().unwrap();
    for i in 0..100 {
        source.send(format!("{i}")).unwrap();
    }
    for _ in 0..100 {
        // Each question wakes the loop, which must not forget that it is paused.
        assert_eq!(proxy.statistics().unwrap().backend.sent.messages, 1);
        assert!(sink.try_recv().unwrap().is_none());
    }
    proxy.resume().unwrap();
    for i in 0..100 {
        assert_eq!(sink.recv().unwrap(), format!("{i}"));
    }
}

#[test]
fn terminating_while_paused_gives_back_what_waits() {
    let context = Context::new().unwrap();
    let (proxy, source, sink) = streamer(&context);
    proxy.pause().unwrap();
    source.send("waits").unwrap();
    let (frontend, _backend, capture) = proxy.terminate().unwrap().into_sockets();
    assert_eq!(frontend.recv().unwrap(), "waits");
    assert!(capture.is_none());
    assert!(sink.try_recv().unwrap().is_none());
}

#[test]
fn terminating_under_load_loses_no_message() {
    for round in 0..30 {
        let context = Context::new().unwrap();
        let (proxy, source, sink) = streamer(&context);
        let received = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let sender = scope.spawn(|| {
                let (source, mut sent) = (source, 0);
                while !stop.load(Ordering::SeqCst) {
                    let message = [sent.to_string(), "tail".into()];
                    sent += usize::from(source.try_send_multipart(message).is_ok());
                }
                (source, sent)
            });
            let receiver = scope.spawn(|| {
                let (sink, mut messages) = (sink, Vec::new());
                while !stop.load(Ordering::SeqCst) {
                    messages.extend(rest(&sink));
                    received.store(messages.len(), Ordering::SeqCst);
                    if round % 2 == 1 {
                        // Slowly, so that there is a queue in every place.
                        thread::sleep(Duration::from_millis(1));
                    }
                }
                (sink, messages)
            });
            while received.load(Ordering::SeqCst) < 500 {
                thread::yield_now();
            }
            let proxy = proxy.terminate().unwrap();
            stop.store(true, Ordering::SeqCst);
            let (_source, sent) = sender.join().unwrap();
            let (sink, mut messages) = receiver.join().unwrap();
            messages.extend(rest(&sink));
            let statistics = proxy.statistics();
            assert_eq!(statistics.frontend.received, statistics.backend.sent);
            assert_eq!(statistics.backend.sent.messages, messages.len() as u64);
            let (frontend, ..) = proxy.into_sockets();
            messages.extend(rest(&frontend));
            let expected: Vec<_> = (0..sent).map(|i| i.to_string()).collect();
            assert!(messages == expected, "{} of {sent}", messages.len());
        });
    }
}

#[test]
fn a_message_that_cannot_be_handed_over_is_given_back() {
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::PULL, zmq::PUSH);
    let source = peer_of(&frontend, zmq::PUSH);
    let proxy = Proxy::new(frontend, backend).spawn().unwrap();
    for i in 0..10 {
        source.send(format!("{i}")).unwrap();
    }
    // Nobody is there to receive them.
    let proxy = proxy.terminate().unwrap();
    assert_eq!(numbers(proxy.statistics().frontend.received), [0; 3]);
    let proxy = proxy.spawn().unwrap().terminate().unwrap();
    let (frontend, ..) = proxy.into_sockets();
    for i in 0..10 {
        assert_eq!(frontend.recv().unwrap(), format!("{i}"));
    }
}

#[test]
fn a_capture_socket_sees_both_directions_exactly() {
    const COUNT: usize = 5000;
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::DEALER, zmq::DEALER);
    let capture = patient(context.socket(zmq::PUSH).unwrap());
    capture.set_sndhwm(3).unwrap();
    capture.bind("inproc://capture").unwrap();
    let copies = patient(context.socket(zmq::PULL).unwrap());
    copies.set_rcvhwm(3).unwrap();
    copies.connect("inproc://capture").unwrap();
    let ends = [
        peer_of(&frontend, zmq::DEALER),
        peer_of(&backend, zmq::DEALER),
    ];
    let proxy = Proxy::new(frontend, backend)
        .capture(capture)
        .spawn()
        .unwrap();
    let peers = ends.map(|socket| {
        thread::spawn(move || {
            let name = format!("{:?}", thread::current().id());
            for i in 0..COUNT {
                socket
                    .send_multipart([name.clone(), i.to_string(), "x".repeat(i % 50)])
                    .unwrap();
                socket.recv_multipart().unwrap();
            }
            name
        })
    });
    let mut seen = HashMap::<String, usize>::new();
    for _ in 0..2 * COUNT {
        let [name, i, body] = copies.recv_array().unwrap();
        let next = seen.entry(name.to_string()).or_default();
        assert_eq!(i, next.to_string());
        assert_eq!(body.len(), *next % 50);
        *next += 1;
    }
    for peer in peers {
        assert_eq!(seen[&peer.join().unwrap()], COUNT);
    }
    assert!(copies.try_recv_multipart().unwrap().is_none());
    assert_eq!(
        proxy.statistics().unwrap().captured.messages,
        2 * COUNT as u64
    );
}

#[test]
fn a_capture_socket_without_a_peer_holds_up_and_loses_nothing() {
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::PULL, zmq::PUSH);
    let (source, sink) = (peer_of(&frontend, zmq::PUSH), peer_of(&backend, zmq::PULL));
    let capture = bound(&context, zmq::PAIR, "inproc://capture");
    let proxy = Proxy::new(frontend, backend)
        .capture(capture)
        .spawn()
        .unwrap();
    for i in 0..10 {
        source.send(format!("{i}")).unwrap();
    }
    assert_eq!(sink.recv().unwrap(), "0");
    // The copy of the first is kept, also over an end.
    let proxy = proxy.terminate().unwrap().spawn().unwrap();
    assert_eq!(proxy.statistics().unwrap().backend.sent.messages, 1);
    let copies = patient(context.socket(zmq::PAIR).unwrap());
    copies.connect("inproc://capture").unwrap();
    for i in 0..10 {
        assert_eq!(copies.recv().unwrap(), format!("{i}"));
    }
    for i in 1..10 {
        assert_eq!(sink.recv().unwrap(), format!("{i}"));
    }
}

#[test]
fn a_side_of_the_proxy_is_no_capture_socket() {
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::PULL, zmq::PUSH);
    let Err(error) = zmq::proxy_with_capture(&frontend, &backend, &backend);
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let capture = context.socket_of(zmq::SocketKind::Rep).unwrap();
    let Err(error) = zmq::proxy_with_capture(&frontend, &backend, &capture);
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn several_threads_steer_at_once() {
    let context = Context::new().unwrap();
    let (proxy, source, sink) = streamer(&context);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    proxy.pause().unwrap();
                    proxy.statistics().unwrap();
                    proxy.resume().unwrap();
                }
            });
        }
        let sender = scope.spawn(move || {
            (0..2000).for_each(|i| source.send(format!("{i}")).unwrap());
            source
        });
        // The last word of each thread is to go on.
        for i in 0..2000 {
            assert_eq!(sink.recv().unwrap(), format!("{i}"));
        }
        sender.join().unwrap();
    });
    assert_eq!(proxy.statistics().unwrap().backend.sent.messages, 2000);
}

#[test]
fn a_shutdown_ends_it_and_every_order_says_so() {
    let context = Context::new().unwrap();
    let (proxy, ..) = streamer(&context);
    context.shutdown().unwrap();
    for error in [
        proxy.pause().unwrap_err(),
        proxy.resume().unwrap_err(),
        proxy.statistics().unwrap_err(),
        proxy.terminate().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Terminated);
    }

    let context = Context::new().unwrap();
    let (proxy, ..) = streamer(&context);
    let waiting = thread::spawn(move || proxy.join());
    context.shutdown().unwrap();
    let Err(error) = waiting.join().unwrap();
    assert_eq!(error.kind(), ErrorKind::Terminated);
}

#[test]
fn the_end_of_the_context_is_not_counted_as_a_message_that_was_lost() {
    let context = Context::new().unwrap();
    let (frontend, backend) = sides(&context, zmq::PULL, zmq::PUSH);
    let capture = bound(&context, zmq::PUSH, "inproc://capture");
    let mut proxy = Proxy::new(frontend, backend).capture(capture);
    context.shutdown().unwrap();
    let Err(error) = proxy.run();
    assert_eq!(error.kind(), ErrorKind::Terminated);
    assert_eq!(proxy.statistics(), zmq::ProxyStatistics::default());
}

#[test]
fn a_handle_keeps_no_context_from_its_end() {
    let context = Context::new().unwrap();
    let (proxy, source, sink) = streamer(&context);
    drop((source, sink));
    context.terminate_timeout(LONG).unwrap();
    assert_eq!(proxy.pause().unwrap_err().kind(), ErrorKind::Terminated);
}

#[test]
fn dropping_a_handle_ends_the_proxy_and_closes_its_sockets() {
    for paused in [false, true] {
        let context = Context::new().unwrap();
        let (frontend, backend) = sides(&context, zmq::PULL, zmq::PUSH);
        let source = peer_of(&frontend, zmq::PUSH);
        let proxy = Proxy::new(frontend, backend).spawn().unwrap();
        source.send("nobody receives this").unwrap();
        if paused {
            proxy.pause().unwrap();
        }
        drop(proxy);
        drop(source);
        // Its names are free for others.
        for endpoint in ["inproc://frontend", "inproc://backend"] {
            bind_again(&context.socket(zmq::PAIR).unwrap(), endpoint);
        }
        context.terminate_timeout(LONG).unwrap();
    }
}

#[test]
fn handle_context_and_peers_go_in_any_order() {
    for _ in 0..50 {
        let context = Context::new().unwrap();
        let (proxy, source, sink) = streamer(&context);
        source.send("x").unwrap();
        drop_together([
            Box::new(proxy),
            Box::new(source),
            Box::new(sink),
            Box::new(context),
        ]);
    }
}

#[test]
fn a_proxy_needs_room_for_two_more_sockets() {
    let context = Context::new().unwrap();
    context.set_max_sockets(3).unwrap();
    let (frontend, backend) = sides(&context, zmq::PULL, zmq::PUSH);
    let error = Proxy::new(frontend, backend).spawn().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyOpen);
}
