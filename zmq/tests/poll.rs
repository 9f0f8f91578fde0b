//! Polling: what becomes ready, when, and how the answers are given.

mod common;

use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use common::{
    CLOCK, LONG, NO_TIME, SHORT, connected, connected_over, context_and, in_child, patient,
};
use zmq::{Context, ErrorKind, PollEvents, PollItem};

#[test]
fn each_event_of_an_array_belongs_to_its_item() {
    let context = Context::new().unwrap();
    let pull = context.socket(zmq::PULL).unwrap();
    let sub = context.socket(zmq::SUB).unwrap();
    let dealer = context.socket(zmq::DEALER).unwrap();
    let push = context.socket(zmq::PUSH).unwrap();
    pull.bind("inproc://pull").unwrap();
    push.connect("inproc://pull").unwrap();
    push.send("task").unwrap();

    let items = [
        sub.poll_in(),
        pull.poll_in(),
        dealer.poll_out(),
        push.poll_out(),
    ];
    let [news, task, no_peer, room] = zmq::poll(items, Some(LONG)).unwrap();
    assert!(news.is_empty() && no_peer.is_empty());
    assert!(task.is_readable() && !task.is_writable() && !task.is_empty());
    assert!(room.is_writable() && !room.is_readable());
    assert_eq!(task, PollEvents::READABLE);
    assert_eq!(room, PollEvents::WRITABLE);

    // A slice and a vector give the same.
    let expected = [news, task, no_peer, room];
    assert_eq!(zmq::poll(&items[..], NO_TIME).unwrap(), expected);
    assert_eq!(zmq::poll(items.to_vec(), NO_TIME).unwrap(), expected);
    assert_eq!(zmq::poll(&items.to_vec(), NO_TIME).unwrap(), expected);
    // The events borrow nothing.
    drop((pull, sub, dealer, push));
    assert!(task.is_readable());
}

#[test]
fn events_are_the_bits_of_libzmq() {
    let events = [
        (PollEvents::READABLE, 1),
        (PollEvents::WRITABLE, 2),
        (PollEvents::ERROR, 4),
        (PollEvents::PRIORITY, 8),
    ];
    for (event, raw) in events {
        assert_eq!(event.to_raw(), raw);
        assert_eq!(PollEvents::from_raw(raw), event);
        assert_eq!(event | event, event);
        let is = [
            event.is_readable(),
            event.is_writable(),
            event.is_error(),
            event.is_priority(),
        ];
        assert_eq!(is, [1, 2, 4, 8].map(|bit| bit == raw));
    }
    let all = PollEvents::from_raw(-1);
    assert_eq!(all.to_raw(), 15, "of other bits nothing is known");
    assert!(all.is_priority());
}

#[test]
fn an_item_is_ready_as_long_as_there_is_a_message() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    let ready = |timeout| {
        let [events] = zmq::poll([pull.poll_in()], timeout).unwrap();
        events.is_readable()
    };
    assert!(!ready(NO_TIME));
    push.send("one").unwrap();
    push.send("two").unwrap();
    assert!(ready(Some(LONG)));
    assert!(ready(Some(LONG)), "polling takes nothing away");
    pull.recv().unwrap();
    assert!(ready(Some(LONG)));
    pull.recv().unwrap();
    assert!(!ready(NO_TIME));
}

#[test]
fn poll_gives_up_after_its_timeout_and_not_before() {
    let (_context, pull, _push) = connected(zmq::PULL, zmq::PUSH);
    for time in [Duration::from_nanos(1), Duration::from_millis(20)] {
        let start = Instant::now();
        let [events] = zmq::poll([pull.poll_in()], Some(time)).unwrap();
        assert!(events.is_empty());
        assert!(start.elapsed() + CLOCK >= time);
        assert!(start.elapsed() < LONG);
    }
}

#[test]
fn a_timeout_longer_than_c_can_say_is_a_long_one() {
    let (context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    let endpoint = push.last_endpoint().unwrap();
    for time in [
        Duration::MAX,
        Duration::from_secs(u64::from(u32::MAX)),
        LONG,
    ] {
        thread::scope(|scope| {
            // A connection made meanwhile, so that the poll has to wait.
            scope.spawn(|| {
                let late = patient(context.socket(zmq::PUSH).unwrap());
                late.connect(&endpoint).unwrap();
                late.send("late").unwrap();
            });
            let [events] = zmq::poll([pull.poll_in()], Some(time)).unwrap();
            assert!(events.is_readable());
            assert_eq!(pull.recv().unwrap(), "late");
        });
    }
}

#[test]
fn poll_wakes_for_a_message_that_comes_while_it_waits() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    let (waits, go) = std::sync::mpsc::channel();
    let sender = thread::spawn(move || {
        go.recv_timeout(LONG).unwrap();
        push.send("late").unwrap();
        push
    });
    waits.send(()).unwrap();
    let [events] = zmq::poll([pull.poll_in()], None).unwrap();
    assert!(events.is_readable());
    assert_eq!(pull.recv().unwrap(), "late");
    sender.join().unwrap();
}

#[test]
fn an_item_switched_off_never_becomes_ready() {
    let (_context, pull, push) = connected_over("inproc://off", zmq::PULL, zmq::PUSH);
    push.send("message").unwrap();
    let (a, b) = (pull.poll_in(), push.poll_out());
    let [off, on] = zmq::poll([a.when(false), b.when(true)], Some(LONG)).unwrap();
    assert!(off.is_empty());
    assert!(on.is_writable());
    let time = Duration::from_millis(20);
    let start = Instant::now();
    let events = zmq::poll([a.when(false), b.when(false)], Some(time)).unwrap();
    assert_eq!(events, [PollEvents::default(); 2]);
    assert!(
        start.elapsed() + CLOCK >= time,
        "nothing is worth waking up for"
    );
    // The item itself was copied and not changed.
    let [still] = zmq::poll([a], NO_TIME).unwrap();
    assert!(still.is_readable());
}

#[test]
fn a_descriptor_switched_off_never_becomes_ready() {
    let (mine, mut other) = UnixStream::pair().unwrap();
    other.write_all(b"bytes").unwrap();
    let item = PollItem::from(mine.as_fd());
    let [events] = zmq::poll([item.when(false)], NO_TIME).unwrap();
    assert!(events.is_empty());
    // The system reports the end of a connection unasked.
    drop(other);
    let time = Duration::from_millis(20);
    let start = Instant::now();
    let [events] = zmq::poll([item.when(false)], Some(time)).unwrap();
    assert_eq!(events, PollEvents::default());
    assert!(
        start.elapsed() + CLOCK >= time,
        "nothing is worth waking up for"
    );
}

#[test]
fn poll_in_out_tells_both_apart() {
    let (_context, a, b) = connected_over("inproc://both", zmq::PAIR, zmq::PAIR);
    let [events] = zmq::poll([a.poll_in_out()], Some(LONG)).unwrap();
    assert_eq!(events, PollEvents::WRITABLE);
    b.send("message").unwrap();
    let [events] = zmq::poll([a.poll_in_out()], Some(LONG)).unwrap();
    assert_eq!(events, PollEvents::READABLE | PollEvents::WRITABLE);
    let [only_in, only_out] = zmq::poll([a.poll_in(), a.poll_out()], NO_TIME).unwrap();
    assert_eq!(only_in, PollEvents::READABLE);
    assert_eq!(only_out, PollEvents::WRITABLE);
}

#[test]
fn poll_out_waits_for_room() {
    let context = Context::new().unwrap();
    let push = patient(context.socket(zmq::PUSH).unwrap());
    let pull = patient(context.socket(zmq::PULL).unwrap());
    push.set_sndhwm(1).unwrap();
    pull.set_rcvhwm(1).unwrap();
    let [alone] = zmq::poll([push.poll_out()], NO_TIME).unwrap();
    assert!(!alone.is_writable(), "without a peer there is no room");
    pull.bind("inproc://room").unwrap();
    push.connect("inproc://room").unwrap();
    while push.try_send("x").is_ok() {}
    let [full] = zmq::poll([push.poll_out()], NO_TIME).unwrap();
    assert!(!full.is_writable());
    while pull.try_recv().unwrap().is_some() {}
    let [room] = zmq::poll([push.poll_out()], Some(LONG)).unwrap();
    assert!(room.is_writable());
    push.try_send("x").unwrap();
}

#[test]
fn a_descriptor_is_polled_beside_sockets() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    let (mine, mut other) = UnixStream::pair().unwrap();
    let items = || [pull.poll_in(), mine.as_fd().into()];
    let [message, bytes] = zmq::poll(items(), NO_TIME).unwrap();
    assert!(message.is_empty() && bytes.is_empty());

    other.write_all(b"bytes").unwrap();
    let [message, bytes] = zmq::poll(items(), Some(LONG)).unwrap();
    assert!(message.is_empty());
    assert!(bytes.is_readable());
    push.send("message").unwrap();
    let [message] = zmq::poll([pull.poll_in()], Some(LONG)).unwrap();
    assert!(message.is_readable());
    let [message, bytes] = zmq::poll(items(), None).unwrap();
    assert!(message.is_readable() && bytes.is_readable());

    let out = PollItem::of_fd(mine.as_fd(), PollEvents::WRITABLE);
    let both = PollItem::of_fd(mine.as_fd(), PollEvents::READABLE | PollEvents::WRITABLE);
    let [out, both] = zmq::poll([out, both], Some(LONG)).unwrap();
    assert_eq!(out, PollEvents::WRITABLE);
    assert_eq!(both, PollEvents::READABLE | PollEvents::WRITABLE);
}

#[test]
fn a_descriptor_whose_other_end_went_is_ready() {
    let (mine, other) = UnixStream::pair().unwrap();
    drop(other);
    let [events] = zmq::poll([PollItem::from(mine.as_fd())], Some(LONG)).unwrap();
    assert!(events.is_readable(), "reading tells the end");
}

#[test]
fn what_one_socket_polled_twice_is_ready_for_is_told_of_no_other() {
    let (_context, a, b) = connected_over("inproc://other", zmq::PAIR, zmq::PAIR);
    let (one, _other) = UnixStream::pair().unwrap();
    b.send("for a").unwrap();
    let [input, output, b, stream] = zmq::poll(
        [a.poll_in(), a.poll_out(), b.poll_in(), one.as_fd().into()],
        Some(LONG),
    )
    .unwrap();
    assert_eq!(input, PollEvents::READABLE);
    assert_eq!(output, PollEvents::WRITABLE);
    assert!(b.is_empty() && stream.is_empty());
}

#[test]
fn a_socket_may_be_polled_twice_at_once() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    push.send("message").unwrap();
    let [one, two] = zmq::poll([pull.poll_in(); 2], Some(LONG)).unwrap();
    assert!(one.is_readable() && two.is_readable());
}

#[test]
fn sockets_of_several_contexts_are_polled_together() {
    let (_context, pull, push) = connected_over("inproc://one", zmq::PULL, zmq::PUSH);
    let (_other, pair, peer) = connected_over("inproc://one", zmq::PAIR, zmq::PAIR);
    push.send("one").unwrap();
    peer.send("two").unwrap();
    let [one, two] = zmq::poll([pull.poll_in(), pair.poll_in()], Some(LONG)).unwrap();
    assert!(one.is_readable() && two.is_readable());
}

#[test]
fn polling_an_ended_context_is_terminated() {
    let (context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    context.shutdown().unwrap();
    for result in [
        zmq::poll([pull.poll_in()], None).map(drop),
        zmq::poll([push.poll_out()], NO_TIME).map(drop),
        zmq::poll(vec![pull.poll_in()], Some(LONG)).map(drop),
        zmq::poll([pull.poll_in().when(false)], None).map(drop),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Terminated);
        assert_eq!(error.call(), "zmq_poll");
    }
}

#[test]
fn a_socket_switched_off_ends_a_waiting_poll_with_its_context() {
    in_child(
        "a_socket_switched_off_ends_a_waiting_poll_with_its_context",
        || {
            for _ in 0..20 {
                let (context, pull) = context_and(zmq::PULL);
                let thread = thread::spawn(move || context.shutdown());
                let error = zmq::poll([pull.poll_in().when(false)], None).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Terminated);
                thread.join().unwrap().unwrap();
            }
        },
    );
}

#[test]
fn a_waiting_poll_ends_when_the_context_is_shut_down() {
    let (context, pull, _push) = connected(zmq::PULL, zmq::PUSH);
    let (ready, waits) = std::sync::mpsc::channel();
    let poller = thread::spawn(move || {
        ready.send(()).unwrap();
        zmq::poll([pull.poll_in()], None).unwrap_err().kind()
    });
    waits.recv_timeout(LONG).unwrap();
    context.shutdown().unwrap();
    assert_eq!(poller.join().unwrap(), ErrorKind::Terminated);
}

#[test]
fn a_message_is_nothing_to_wake_up_for_while_all_is_switched_off() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    push.send("message").unwrap();
    let items = [pull.poll_in().when(false), push.poll_out().when(false)];
    assert_eq!(zmq::poll(items, SHORT).unwrap(), [PollEvents::default(); 2]);
}

#[test]
fn what_waits_in_front_of_libzmq_does_not_cut_another_wait_short() {
    let time = Duration::from_millis(20);
    let (_context, mut pull, push) = connected_over("inproc://half", zmq::PULL, zmq::PUSH);
    push.send_multipart(["half", "read"]).unwrap();
    std::mem::forget(pull.recv_frames().unwrap());
    let start = Instant::now();
    let [events] = zmq::poll([pull.poll_in()], Some(time)).unwrap();
    assert!(events.is_empty());
    assert!(start.elapsed() + CLOCK >= time);

    let (_context, dealer, router) = connected_over("inproc://early", zmq::DEALER, zmq::ROUTER);
    dealer.send("taken out").unwrap();
    router.disconnect("inproc://early").unwrap();
    let [now] = zmq::poll([router.poll_in()], Some(LONG)).unwrap();
    assert!(now.is_readable());
    let start = Instant::now();
    let [off] = zmq::poll([router.poll_in().when(false)], Some(time)).unwrap();
    assert!(off.is_empty());
    assert!(start.elapsed() + CLOCK >= time);
}

#[test]
fn a_descriptor_tells_urgent_data() {
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsRawFd as _;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mine = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (other, _) = listener.accept().unwrap();
    let item = || PollItem::of_fd(mine.as_fd(), PollEvents::PRIORITY);
    assert!(zmq::poll([item()], NO_TIME).unwrap()[0].is_empty());
    // SAFETY: the descriptor is open and one byte is readable.
    let sent = unsafe { libc::send(other.as_raw_fd(), b"!".as_ptr().cast(), 1, libc::MSG_OOB) };
    assert_eq!(sent, 1);
    let [events] = zmq::poll([item()], Some(LONG)).unwrap();
    assert_eq!(events, PollEvents::PRIORITY);
}

#[test]
fn a_descriptor_tells_an_error_unasked() {
    // The pipe to a program that has ended has nobody to read it.
    let mut program = std::process::Command::new("true")
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pipe = program.stdin.take().unwrap();
    program.wait().unwrap();
    let item = PollItem::of_fd(pipe.as_fd(), PollEvents::WRITABLE);
    let [events] = zmq::poll([item], Some(LONG)).unwrap();
    assert!(events.is_error());
    // Beside what is switched off, too, and of its own.
    let (_context, pull) = context_and(zmq::PULL);
    let alone = PollItem::of_fd(pipe.as_fd(), PollEvents::ERROR);
    let items = [pull.poll_in().when(false), item, alone];
    let [off, events, alone] = zmq::poll(items, Some(LONG)).unwrap();
    assert!(off.is_empty() && events.is_error());
    assert_eq!(alone, PollEvents::ERROR);
}

#[test]
fn events_tells_what_could_be_done_now() {
    let (_context, a, b) = connected_over("inproc://events", zmq::PAIR, zmq::PAIR);
    assert_eq!(a.events().unwrap(), PollEvents::WRITABLE);
    b.send("message").unwrap();
    assert_eq!(
        a.events().unwrap(),
        PollEvents::READABLE | PollEvents::WRITABLE
    );
    a.recv().unwrap();
    assert_eq!(a.events().unwrap(), PollEvents::WRITABLE);
    let lonely = a.context().socket(zmq::PUSH).unwrap();
    assert!(lonely.events().unwrap().is_empty());
}

#[test]
fn requests_and_replies_can_be_polled_through_their_guards() {
    let context = Context::new().unwrap();
    let mut server = patient(context.socket(zmq::REP).unwrap());
    let mut client = patient(context.socket(zmq::REQ).unwrap());
    server.bind("inproc://guards").unwrap();
    client.connect("inproc://guards").unwrap();
    let pending = client.request("question").unwrap();
    let request = server.next_request().unwrap();
    let [reply, next] = zmq::poll([pending.poll_in(), request.poll_in()], NO_TIME).unwrap();
    assert!(reply.is_empty() && next.is_empty());
    request.reply("answer").unwrap();
    let [reply] = zmq::poll([pending.poll_in()], Some(LONG)).unwrap();
    assert!(reply.is_readable());
    assert_eq!(pending.recv().unwrap(), "answer");
}

#[test]
fn an_item_stays_on_the_thread_of_its_socket() {
    /// Which of the two is meant is known only if the second does not apply.
    trait Ambiguous<Which> {
        fn if_send() {}
    }
    impl<T> Ambiguous<u8> for T {}
    impl<T: Send> Ambiguous<u16> for T {}
    // With an item that could be sent to another thread, this would not compile.
    <PollItem<'_> as Ambiguous<_>>::if_send();
}

#[test]
fn events_and_items_print_what_they_are() {
    assert_eq!(format!("{:?}", PollEvents::default()), "{}");
    let both = format!("{:?}", PollEvents::READABLE | PollEvents::ERROR);
    assert!(both.contains("READABLE") && both.contains("ERROR") && !both.contains("WRITABLE"));
    let (mine, _other) = UnixStream::pair().unwrap();
    let item = PollItem::of_fd(mine.as_fd(), PollEvents::PRIORITY);
    assert!(format!("{item:?}").contains("PRIORITY"));
    assert!(!format!("{:?}", item.when(false)).contains("PRIORITY"));
    assert!(PollEvents::PRIORITY.is_priority() && !PollEvents::PRIORITY.is_error());
    assert!(PollEvents::ERROR.is_error() && !PollEvents::ERROR.is_empty());
}
