//! `Poller`: what is registered, what is told of it, and that it follows the rules of `poll`.

mod common;

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::{
    CLOCK, LONG, NO_TIME, SHORT, connected, connected_over, context_and, in_child,
    limit_descriptors, patient, pipeline,
};
use zmq::{Context, ErrorKind, PollEvent, PollEvents, PollItem, Poller, Pull, Push, Socket};

fn readable<K>(key: K) -> PollEvent<K> {
    let events = PollEvents::READABLE;
    PollEvent { key, events }
}

fn writable<K>(key: K) -> PollEvent<K> {
    let events = PollEvents::WRITABLE;
    PollEvent { key, events }
}

/// Several pipelines, whose messages are there at once.
fn pipelines<const N: usize>() -> [(Socket<Push>, Socket<Pull>); N] {
    std::array::from_fn(|_| pipeline())
}

// ---- keys and events -----------------------------------------------------------------------------

#[test]
fn an_event_tells_the_key_and_what_it_is_ready_for() {
    let (push, pull) = pipeline();
    let mut poller = Poller::new();
    poller.add("in", pull.poll_in()).unwrap();
    poller.add("out", push.poll_out()).unwrap();
    assert_eq!(poller.wait(Some(LONG)).unwrap(), [writable("out")]);
    push.send("message").unwrap();
    let [first, second] = poller.wait(None).unwrap() else {
        panic!("two are ready");
    };
    assert!(first.key == "in" && first.is_readable() && !first.is_writable());
    assert!(second.key == "out" && second.is_writable() && !second.is_readable());
    pull.recv().unwrap();
    assert_eq!(poller.wait(NO_TIME).unwrap(), [writable("out")]);
}

#[test]
fn a_key_may_be_the_socket_itself() {
    let pipelines = pipelines::<3>();
    let mut poller = Poller::new();
    for (_, pull) in &pipelines {
        poller.add(pull, pull.poll_in()).unwrap();
    }
    pipelines[2].0.send("to the third").unwrap();
    let [event] = poller.wait(Some(LONG)).unwrap() else {
        panic!("one is ready");
    };
    assert_eq!(event.key.recv().unwrap(), "to the third");
    assert!(*event.key == pipelines[2].1 && *event.key != pipelines[0].1);
}

#[test]
fn a_key_may_be_an_enum_of_sockets_and_descriptors() {
    #[derive(Clone, Copy)]
    enum Source<'a> {
        Tasks(&'a Socket<Pull>),
        Bytes(&'a UnixStream),
    }
    impl PartialEq for Source<'_> {
        fn eq(&self, other: &Source<'_>) -> bool {
            match (self, other) {
                (Source::Tasks(a), Source::Tasks(b)) => a == b,
                (Source::Bytes(a), Source::Bytes(b)) => a.as_raw_fd() == b.as_raw_fd(),
                _ => false,
            }
        }
    }
    let (push, pull) = pipeline();
    let (mine, mut other) = UnixStream::pair().unwrap();
    let mut poller = Poller::new();
    poller.add(Source::Tasks(&pull), pull.poll_in()).unwrap();
    poller.add(Source::Bytes(&mine), mine.as_fd()).unwrap();
    push.send("task").unwrap();
    other.write_all(b"bytes").unwrap();
    let mut seen = Vec::new();
    for event in poller.wait(Some(LONG)).unwrap() {
        seen.push(match event.key {
            Source::Tasks(tasks) => tasks.recv().unwrap().to_vec(),
            Source::Bytes(mut stream) => {
                let mut bytes = [0; 5];
                stream.read_exact(&mut bytes).unwrap();
                bytes.to_vec()
            }
        });
    }
    assert_eq!(seen, [b"task".to_vec(), b"bytes".to_vec()]);
}

#[test]
fn a_key_that_is_not_copied_is_cloned() {
    let (push, _pull) = pipeline();
    let mut poller = Poller::new();
    poller.add(String::from("out"), push.poll_out()).unwrap();
    assert_eq!(poller.wait(None).unwrap()[0].key, "out");
    assert_eq!(poller.wait(None).unwrap()[0].key, "out");
}

#[test]
fn a_key_whose_clone_panics_mixes_no_keys_up() {
    #[derive(Debug, PartialEq)]
    struct Key<'a>(u8, &'a Cell<bool>);
    impl Clone for Key<'_> {
        fn clone(&self) -> Self {
            assert!(!self.1.get(), "no clone now");
            Key(self.0, self.1)
        }
    }
    let panics = Cell::new(true);
    let (push, pull) = pipeline();
    let (mine, _other) = UnixStream::pair().unwrap();
    let mut poller = Poller::new();
    let off = PollItem::from(mine.as_fd()).when(false);
    poller.add(Key(1, &panics), off).unwrap();
    poller.add(Key(2, &panics), pull.poll_in()).unwrap();
    poller.add(Key(3, &panics), push.poll_out()).unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| poller.wait(None).map(drop)));
    assert!(panicked.is_err());
    panics.set(false);
    poller.modify(&Key(1, &panics), mine.as_fd()).unwrap();
    let expected = [writable(Key(3, &panics))];
    assert_eq!(poller.wait(None).unwrap(), expected);
}

#[test]
fn events_come_in_the_order_of_registration() {
    let pipelines = pipelines::<20>(); // more than libzmq has room for without allocating
    let mut poller = Poller::new();
    for (index, (_, pull)) in pipelines.iter().enumerate() {
        poller.add(index, pull.poll_in()).unwrap();
    }
    let keys = |poller: &mut Poller<'_, usize>| -> Vec<usize> {
        let events = poller.wait(Some(LONG)).unwrap();
        events.iter().map(|event| event.key).collect()
    };
    // Whoever was ready first makes no difference.
    for (push, _) in pipelines.iter().rev() {
        push.send("x").unwrap();
    }
    assert_eq!(keys(&mut poller), (0..20).collect::<Vec<_>>());
    // What is registered again goes to the end; what is modified keeps its place.
    poller.remove(&3).unwrap();
    poller.add(3, pipelines[3].1.poll_in()).unwrap();
    poller.modify(&4, pipelines[4].1.poll_in()).unwrap();
    let expected: Vec<_> = (0..20).filter(|i| *i != 3).chain([3]).collect();
    assert_eq!(keys(&mut poller), expected);
}

#[test]
fn a_busy_socket_hides_no_other() {
    let pipelines = pipelines::<2>();
    let mut poller = Poller::new();
    for (index, (_, pull)) in pipelines.iter().enumerate() {
        poller.add(index, pull.poll_in()).unwrap();
    }
    pipelines[1].0.send("seldom").unwrap();
    (0..100).for_each(|_| pipelines[0].0.send("often").unwrap());
    let events = poller.wait(Some(LONG)).unwrap();
    assert_eq!(events, [readable(0), readable(1)]);
}

// ---- registering ---------------------------------------------------------------------------------

#[test]
fn a_key_is_taken_once_and_can_be_given_again() {
    let (push, pull) = pipeline();
    let mut poller = Poller::new();
    assert!(poller.is_empty());
    poller.add(1, pull.poll_in()).unwrap();
    let error = poller.add(1, push.poll_out()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.call(), "Poller::add");
    assert_eq!(poller.len(), 1, "nothing was added");
    assert!(!poller.is_empty());
    poller.add(2, push.poll_out()).unwrap();
    assert_eq!(poller.len(), 2);
    poller.remove(&2).unwrap();
    assert_eq!(poller.wait(NO_TIME).unwrap(), []);
    poller.remove(&1).unwrap();
    assert!(!poller.contains(&1));
    poller.add(1, push.poll_out()).unwrap();
    assert_eq!(poller.wait(NO_TIME).unwrap(), [writable(1)]);
}

#[test]
fn an_unknown_key_is_not_found() {
    let (push, _pull) = pipeline();
    let mut poller = Poller::new();
    poller.add(1, push.poll_out()).unwrap();
    let unknown = poller.modify(&2, push.poll_out()).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert_eq!(unknown.call(), "Poller::modify");
    let unknown = poller.remove(&2).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert_eq!(unknown.call(), "Poller::remove");
    poller.remove(&1).unwrap();
    assert!(poller.remove(&1).is_err(), "it is gone");
}

#[test]
fn modify_changes_what_is_waited_for() {
    let (_context, a, b) = connected_over("inproc://modify", zmq::PAIR, zmq::PAIR);
    b.send("message").unwrap();
    let mut poller = Poller::new();
    poller.add('a', a.poll_in()).unwrap();
    assert_eq!(poller.wait(Some(LONG)).unwrap(), [readable('a')]);
    poller.modify(&'a', a.poll_out()).unwrap();
    assert_eq!(poller.wait(Some(LONG)).unwrap(), [writable('a')]);
    poller.modify(&'a', a.poll_in_out()).unwrap();
    let events = PollEvents::READABLE | PollEvents::WRITABLE;
    let both = PollEvent { key: 'a', events };
    assert_eq!(poller.wait(Some(LONG)).unwrap(), [both]);
    poller.modify(&'a', a.poll_in().when(false)).unwrap();
    assert_eq!(poller.wait(SHORT).unwrap(), []);
}

#[test]
fn a_removed_socket_is_waited_for_no_more() {
    let pipelines = pipelines::<3>();
    let mut poller = Poller::new();
    for (index, (push, pull)) in pipelines.iter().enumerate() {
        push.send("x").unwrap();
        poller.add(index, pull.poll_in()).unwrap();
    }
    poller.remove(&1).unwrap();
    assert_eq!(poller.wait(NO_TIME).unwrap(), [readable(0), readable(2)]);
    poller.remove(&0).unwrap();
    assert_eq!(poller.wait(NO_TIME).unwrap(), [readable(2)]);
}

#[test]
fn a_descriptor_switched_off_shifts_no_event_to_another_key() {
    let (push, pull) = pipeline();
    let (mine, mut other) = UnixStream::pair().unwrap();
    let mut poller = Poller::new();
    let off = PollItem::from(mine.as_fd()).when(false);
    poller.add("bytes", off).unwrap();
    poller.add("message", pull.poll_in()).unwrap();
    poller.add("room", push.poll_out()).unwrap();
    other.write_all(b"bytes").unwrap();
    push.send("x").unwrap();
    let expected = [readable("message"), writable("room")];
    assert_eq!(poller.wait(Some(LONG)).unwrap(), expected);
    poller.modify(&"bytes", mine.as_fd()).unwrap();
    assert_eq!(poller.wait(Some(LONG)).unwrap()[0], readable("bytes"));
}

#[test]
fn the_poller_may_change_while_its_events_are_served() {
    let pipelines = pipelines::<4>();
    let mut poller = Poller::new();
    for (push, pull) in &pipelines {
        push.send("x").unwrap();
        poller.add(pull, pull.poll_in()).unwrap();
    }
    let mut events = vec![readable(&pipelines[0].1)]; // what it held goes
    assert_eq!(poller.wait_into(&mut events, Some(LONG)).unwrap(), 4);
    assert_eq!(events.len(), 4);
    for event in &events {
        event.key.recv().unwrap();
        poller.remove(&event.key).unwrap();
    }
    assert!(poller.is_empty());
}

// ---- the rules of poll ---------------------------------------------------------------------------

#[test]
fn wait_gives_up_after_its_timeout_and_not_before() {
    let (_push, pull) = pipeline();
    let mut poller = Poller::new();
    poller.add((), pull.poll_in()).unwrap();
    for time in [Duration::from_nanos(1), Duration::from_millis(20)] {
        let start = Instant::now();
        assert_eq!(poller.wait(Some(time)).unwrap(), []);
        assert!(start.elapsed() + CLOCK >= time && start.elapsed() < LONG);
    }
}

#[test]
fn wait_wakes_for_a_message_that_comes_meanwhile() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    let mut poller = Poller::new();
    poller.add("late", pull.poll_in()).unwrap();
    let (waits, go) = mpsc::channel();
    let sender = thread::spawn(move || {
        go.recv_timeout(LONG).unwrap();
        push.send("late").unwrap();
        push
    });
    waits.send(()).unwrap();
    assert_eq!(poller.wait(None).unwrap(), [readable("late")]);
    sender.join().unwrap();
}

#[test]
fn nothing_to_wait_for_and_no_timeout_is_refused() {
    let mut poller = Poller::<u8>::default();
    let error = poller.wait(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let start = Instant::now();
    assert_eq!(poller.wait(SHORT).unwrap(), []);
    assert!(start.elapsed() >= SHORT.unwrap());
    // What is switched off is nothing to wait for, unless it ends with a context.
    let (mine, _other) = UnixStream::pair().unwrap();
    poller
        .add(1, PollItem::from(mine.as_fd()).when(false))
        .unwrap();
    let mut events = vec![readable(9)];
    let error = poller.wait_into(&mut events, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(events, []);
}

#[test]
fn more_items_than_descriptors_are_an_error_and_no_abort() {
    in_child(
        "more_items_than_descriptors_are_an_error_and_no_abort",
        || {
            let (_context, pull) = context_and(zmq::PULL);
            limit_descriptors(64);
            let mut poller = Poller::new();
            for key in 0..65 {
                poller.add(key, pull.poll_in()).unwrap();
            }
            let error = poller.wait(NO_TIME).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(error.subject(), Some("65 items"));
            poller.remove(&7).unwrap();
            assert_eq!(poller.wait(NO_TIME).unwrap(), []);
        },
    );
}

#[test]
fn the_end_of_a_context_ends_the_wait() {
    let (context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    thread::scope(|scope| {
        let (ready, waits) = mpsc::channel();
        let waiting = scope.spawn(move || {
            let mut poller = Poller::new();
            poller.add(1, pull.poll_in()).unwrap();
            ready.send(()).unwrap();
            poller.wait(None).unwrap_err().kind()
        });
        waits.recv_timeout(LONG).unwrap();
        context.shutdown().unwrap();
        assert_eq!(waiting.join().unwrap(), ErrorKind::Terminated);
    });
    let mut poller = Poller::new();
    poller.add(2, push.poll_out()).unwrap();
    for _ in 0..2 {
        let error = poller.wait(NO_TIME).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Terminated);
    }
}

#[test]
fn a_message_left_half_read_is_not_waited_for() {
    let (_context, mut pull, push) = connected_over("inproc://half", zmq::PULL, zmq::PUSH);
    push.send_multipart(["read", "never", "seen"]).unwrap();
    let mut frames = pull.recv_frames().unwrap();
    frames.next().unwrap().unwrap();
    std::mem::forget(frames);
    let mut poller = Poller::new();
    poller.add((), pull.poll_in()).unwrap();
    assert_eq!(poller.wait(SHORT).unwrap(), []);
    push.send("next").unwrap();
    assert_eq!(poller.wait(Some(LONG)).unwrap(), [readable(())]);
    assert_eq!(pull.recv().unwrap(), "next");
}

#[test]
fn a_message_taken_out_before_a_disconnect_is_ready_at_once() {
    in_child(
        "a_message_taken_out_before_a_disconnect_is_ready_at_once",
        || {
            let context = Context::new().unwrap();
            let publisher = patient(context.socket(zmq::XPUB).unwrap());
            let sub = patient(context.socket(zmq::SUB).unwrap());
            publisher.bind("tcp://127.0.0.1:*").unwrap();
            let endpoint = publisher.last_endpoint().unwrap();
            sub.connect(&endpoint).unwrap();
            sub.subscribe("").unwrap();
            publisher.recv().unwrap();
            let mut poller = Poller::new();
            poller.add("sub", sub.poll_in()).unwrap();
            publisher.send_multipart(["topic", "body"]).unwrap();
            assert_eq!(poller.wait(Some(LONG)).unwrap(), [readable("sub")]);
            // It stays registered meanwhile: libzmq aborts here if the message is not taken out.
            sub.disconnect(&endpoint).unwrap();
            assert_eq!(poller.wait(None).unwrap(), [readable("sub")]);
            assert_eq!(sub.recv_multipart().unwrap(), ["topic", "body"]);
            assert_eq!(poller.wait(NO_TIME).unwrap(), []);
        },
    );
}

#[test]
fn guards_and_monitors_are_registered_like_sockets() {
    let context = Context::new().unwrap();
    let mut server = patient(context.socket(zmq::REP).unwrap());
    let mut client = patient(context.socket(zmq::REQ).unwrap());
    let monitor = client.monitor(zmq::MonitorEvents::ALL).unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    let pending = client.request("question").unwrap();
    let mut poller = Poller::new();
    poller.add("reply", pending.poll_in()).unwrap();
    poller.add("event", monitor.poll_in()).unwrap();
    assert_eq!(poller.wait(Some(LONG)).unwrap()[0], readable("event"));
    poller.remove(&"event").unwrap();
    assert_eq!(poller.wait(NO_TIME).unwrap(), []);
    server.next_request().unwrap().reply("answer").unwrap();
    assert_eq!(poller.wait(Some(LONG)).unwrap(), [readable("reply")]);
    assert_eq!(pending.recv().unwrap(), "answer");
}

// ---- what it is ----------------------------------------------------------------------------------

#[test]
fn a_poller_stays_on_the_thread_of_its_sockets() {
    /// Which of the two is meant is known only if the second does not apply.
    trait AmbiguousIfSend<Which> {
        fn if_send() {}
    }
    impl<T> AmbiguousIfSend<u8> for T {}
    impl<T: Send> AmbiguousIfSend<u16> for T {}
    trait AmbiguousIfSync<Which> {
        fn if_sync() {}
    }
    impl<T> AmbiguousIfSync<u8> for T {}
    impl<T: Sync> AmbiguousIfSync<u16> for T {}
    // With a poller that could be sent or shared, this would not compile.
    <Poller<'_, u8> as AmbiguousIfSend<_>>::if_send();
    <Poller<'_, u8> as AmbiguousIfSync<_>>::if_sync();
}

#[test]
fn a_poller_prints_its_keys_and_what_they_wait_for() {
    let (push, pull) = pipeline();
    let mut poller = Poller::new();
    poller.add("in", pull.poll_in()).unwrap();
    poller.add("out", push.poll_out()).unwrap();
    let text = format!("{poller:?}");
    for part in ["\"in\"", "READABLE", "\"out\"", "WRITABLE"] {
        assert!(text.contains(part), "{text}");
    }
}
