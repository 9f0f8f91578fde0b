//! The reactor: who is called, how often, what handlers may do, and how it ends.

mod common;

use std::error::Error as StdError;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use common::{LONG, connected_over, context_and, in_child, pipeline};
use zmq::{
    Context, ErrorKind, HandlerId, MonitorEvents, PollItem, Pull, Push, Reactor, Socket, TimerId,
};

const TICK: Duration = Duration::from_millis(1);
const CONTINUE: ControlFlow<()> = ControlFlow::Continue(());
const BREAK: ControlFlow<()> = ControlFlow::Break(());

type Pipeline = (Socket<Push>, Socket<Pull>);

/// `N` pipelines in one context, each with the messages given.
fn pipelines<const N: usize>(messages: [&[&str]; N]) -> (Context, [Pipeline; N]) {
    let context = Context::new().unwrap();
    let mut number = 0;
    let pairs = messages.map(|messages| {
        let endpoint = format!("inproc://{number}");
        number += 1;
        let pull = context.socket(zmq::PULL).unwrap();
        let push = context.socket(zmq::PUSH).unwrap();
        pull.bind(&endpoint).unwrap();
        push.connect(&endpoint).unwrap();
        for message in messages {
            push.send(*message).unwrap();
        }
        (push, pull)
    });
    (context, pairs)
}

/// Ends a reactor that runs out of things to do: after ten rounds, since any time may pass before the
/// first.
fn enough<S>(reactor: &mut Reactor<'_, S>) {
    let mut rounds = 0;
    let count = move |_: &mut Reactor<'_, S>, _, _: &mut S| {
        rounds += 1;
        if rounds == 10 { BREAK } else { CONTINUE }
    };
    reactor.add_timer(TICK, count).unwrap();
}

#[test]
fn each_handler_gets_its_socket_and_the_state() {
    fn receive(
        _: &mut Reactor<'_, Vec<String>>,
        socket: &Socket<Pull>,
        got: &mut Vec<String>,
    ) -> zmq::Result<()> {
        got.push(socket.recv()?.to_string());
        Ok(())
    }
    let (_context, [(_p, a), (_q, b)]) = pipelines([&["a1", "a2"], &["b1"]]);
    let mut reactor = Reactor::new();
    reactor.add_reader(&a, receive);
    reactor.add_reader(&b, |_, socket, got: &mut Vec<String>| {
        got.push(socket.recv()?.to_string());
        Ok(())
    });
    enough(&mut reactor);
    let mut got = Vec::new();
    reactor.run(&mut got).unwrap();
    assert_eq!(got, ["a1", "b1", "a2"]);
}

/// A state that holds the sockets, and handlers that are functions and register each other: the
/// shape of the guide's lbbroker3.
struct Relay<'a> {
    tasks: &'a Socket<Pull>,
    waiting: Option<HandlerId>,
    relayed: Vec<String>,
}

fn task<'a>(
    reactor: &mut Reactor<'a, Relay<'a>>,
    tasks: &'a Socket<Pull>,
    relay: &mut Relay<'a>,
) -> zmq::Result<ControlFlow<()>> {
    relay.relayed.push(tasks.recv()?.to_string());
    // No worker is free any more.
    reactor.remove(relay.waiting.take().unwrap());
    Ok(if relay.relayed.len() == 2 {
        BREAK
    } else {
        CONTINUE
    })
}

fn worker<'a>(
    reactor: &mut Reactor<'a, Relay<'a>>,
    workers: &'a Socket<Pull>,
    relay: &mut Relay<'a>,
) -> zmq::Result<()> {
    if relay.waiting.is_none() {
        workers.recv()?;
        relay.waiting = Some(reactor.add_reader(relay.tasks, task));
    }
    Ok(())
}

#[test]
fn handlers_that_are_functions_register_each_other() {
    let (_context, [(_p, tasks), (_q, workers)]) = pipelines([&["1", "2"], &["free", "free"]]);
    let mut relay = Relay {
        tasks: &tasks,
        waiting: None,
        relayed: Vec::new(),
    };
    let mut reactor = Reactor::new();
    reactor.add_reader(&workers, worker);
    reactor.run(&mut relay).unwrap();
    assert_eq!(relay.relayed, ["1", "2"]);
}

#[test]
fn a_busy_reader_starves_neither_timers_nor_others() {
    let (push, pull) = pipeline();
    let (quiet_push, quiet) = pipeline();
    quiet_push.send("once").unwrap();
    push.send("again and again").unwrap();
    let mut reactor: Reactor<'_, (u32, bool)> = Reactor::new();
    reactor.add_reader(&pull, |_, pull, state| {
        state.0 += 1;
        push.send(pull.recv()?)?; // so it is always ready
        Ok(())
    });
    reactor.add_reader(&quiet, |_, quiet, state| {
        state.1 = true;
        quiet.recv()?;
        Ok(())
    });
    reactor
        .add_timer(TICK, |_, _, state| {
            if state.0 > 1 && state.1 {
                BREAK
            } else {
                CONTINUE
            }
        })
        .unwrap();
    // Its end is the claim.
    reactor.run(&mut (0, false)).unwrap();
}

#[test]
fn a_reactor_sleeps_until_its_next_timer() {
    let mut reactor: Reactor<'_, Vec<Instant>> = Reactor::new();
    let start = Instant::now();
    reactor
        .add_timer(10 * TICK, |_, _, times| times.push(Instant::now()))
        .unwrap();
    reactor.add_timer_once(30 * TICK, |_, _, _| BREAK).unwrap();
    let mut times = Vec::new();
    reactor.run(&mut times).unwrap();
    assert!(start.elapsed() >= 30 * TICK);
    for (count, time) in times.iter().enumerate() {
        assert!(
            *time - start >= 10 * TICK * (count as u32 + 1),
            "never early"
        );
    }
    assert!(!times.is_empty());
}

#[test]
fn handlers_remove_themselves_and_others_that_are_ready() {
    let (_context, [(_p, a), (_q, b), (_r, c)]) = pipelines([&["1", "2"], &["3"], &["4"]]);
    #[derive(Default)]
    struct State {
        a: Option<HandlerId>,
        b: Option<HandlerId>,
        called: Vec<char>,
    }
    let mut reactor: Reactor<'_, State> = Reactor::new();
    let mut state = State::default();
    state.a = Some(reactor.add_reader(&a, |reactor, socket, state| {
        state.called.push('a');
        socket.recv()?;
        assert!(reactor.remove(state.a.unwrap()));
        assert!(!reactor.remove(state.a.unwrap()));
        assert!(reactor.remove(state.b.unwrap()));
        Ok(())
    }));
    state.b = Some(reactor.add_reader(&b, |_, _, state| state.called.push('b')));
    reactor.add_reader(&c, |_, socket, state| {
        state.called.push('c');
        socket.recv()?;
        Ok(())
    });
    enough(&mut reactor);
    reactor.run(&mut state).unwrap();
    assert_eq!(state.called, ['a', 'c']);
    assert_eq!(
        a.recv().unwrap(),
        "2",
        "what was not received is there still"
    );
}

#[test]
fn handlers_add_readers_and_timers() {
    let (_context, [(_p, a), (_q, b)]) = pipelines([&["1"], &["2"]]);
    let b = &b;
    let mut reactor: Reactor<'_, Vec<&str>> = Reactor::new();
    reactor.add_reader(&a, move |reactor, socket, called| {
        called.push("first");
        socket.recv()?;
        reactor.add_reader(b, |reactor, socket, called| {
            called.push("second");
            socket.recv()?;
            reactor.add_timer_once(TICK, |reactor, _, called| {
                called.push("timer");
                enough(reactor);
            })?;
            Ok(())
        });
        Ok(())
    });
    let mut called = Vec::new();
    reactor.run(&mut called).unwrap();
    assert_eq!(called, ["first", "second", "timer"]);
}

#[test]
fn the_id_of_a_handler_that_is_gone_hits_no_other() {
    let (_context, [(_p, a)]) = pipelines([&["1"]]);
    let mut other: Reactor<'_, u32> = Reactor::new();
    let foreign = other.add_reader(&a, |_, _, _| ());
    let mut reactor: Reactor<'_, u32> = Reactor::new();
    let gone = reactor.add_reader(&a, |_, _, _| ());
    assert!(reactor.remove(gone));
    reactor.add_reader(&a, |_, _, called| {
        *called += 1;
        BREAK
    });
    for id in [gone, foreign] {
        assert!(!reactor.remove(id) && !reactor.set_active(id, false));
    }
    let mut called = 0;
    reactor.run(&mut called).unwrap();
    assert_eq!(called, 1);
}

#[test]
fn a_handler_that_is_switched_off_waits_with_its_messages() {
    let (_context, [(_p, a), (_q, b)]) = pipelines([&["1"], &["2"]]);
    let mut reactor: Reactor<'_, Vec<String>> = Reactor::new();
    let second = reactor.add_reader(&b, |_, socket, got| {
        got.push(socket.recv()?.to_string());
        Ok(BREAK)
    });
    reactor.add_reader(&a, move |reactor, socket, got| {
        got.push(socket.recv()?.to_string());
        reactor.set_active(second, true);
        Ok(())
    });
    assert!(reactor.set_active(second, false));
    let mut got = Vec::new();
    reactor.run(&mut got).unwrap();
    assert_eq!(got, ["1", "2"]);
}

#[test]
fn a_handler_switched_off_in_its_round_is_not_called() {
    let (_context, [(_p, a), (_q, b)]) = pipelines([&["1"], &["2"]]);
    let mut reactor: Reactor<'_, (Option<HandlerId>, u32)> = Reactor::new();
    reactor.add_reader(&a, |reactor, socket, (other, _)| {
        socket.recv()?;
        assert!(reactor.set_active(other.unwrap(), false));
        enough(reactor);
        Ok(())
    });
    let other = reactor.add_reader(&b, |_, _, (_, calls)| *calls += 1);
    let mut state = (Some(other), 0);
    reactor.run(&mut state).unwrap();
    assert_eq!(state.1, 0);
}

#[test]
fn timers_are_cancelled_and_timed_anew_from_handlers() {
    let mut reactor: Reactor<'_, (u32, Option<TimerId>)> = Reactor::new();
    let long = reactor.add_timer(LONG, |_, _, _| BREAK).unwrap();
    reactor
        .add_timer(TICK, move |reactor, id, state| {
            state.0 += 1;
            if state.0 == 1 {
                assert!(reactor.cancel(state.1.unwrap()));
                reactor.set_interval(id, 2 * TICK)?;
            } else {
                assert!(reactor.cancel(id));
                reactor.set_interval(long, TICK)?;
            }
            Ok(())
        })
        .unwrap();
    // Set last, so that it is due after the other one, however late that is.
    let victim = reactor
        .add_timer(2 * TICK, |_, _, state| state.0 += 100)
        .unwrap();
    let mut state = (0, Some(victim));
    reactor.run(&mut state).unwrap();
    assert_eq!(state.0, 2);
    assert!(reactor.reset(victim).is_err());
    let zero = Duration::ZERO;
    let error = reactor.add_timer(zero, |_, _, _| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_writer_is_called_when_there_is_room() {
    let (push, pull) = pipeline();
    let mut reactor: Reactor<'_, u32> = Reactor::new();
    reactor.add_writer(&push, |_, socket, sent| {
        socket.send("room")?;
        *sent += 1;
        Ok(if *sent == 3 { BREAK } else { CONTINUE })
    });
    reactor.run(&mut 0).unwrap();
    for _ in 0..3 {
        assert_eq!(pull.recv().unwrap(), "room");
    }
}

#[cfg(unix)]
#[test]
fn descriptors_and_monitors_are_watched_as_sockets_are() {
    use std::os::fd::AsFd as _;
    let (mut end, fd) = std::os::unix::net::UnixStream::pair().unwrap();
    end.write_all(b"x").unwrap();
    let (_context, socket) = context_and(zmq::REP);
    let monitor = socket.monitor(MonitorEvents::LISTENING).unwrap();
    socket.bind("tcp://127.0.0.1:*").unwrap();
    let mut reactor: Reactor<'_, (u32, u32)> = Reactor::new();
    let watch = reactor.add_item(PollItem::from(fd.as_fd()), |_, events, calls| {
        assert!(events.is_readable());
        calls.0 += 1;
    });
    reactor.add_reader(&monitor, move |reactor, monitor, calls| {
        monitor.recv()?;
        calls.1 += 1;
        reactor.remove(watch);
        enough(reactor);
        Ok(())
    });
    let mut calls = (0, 0);
    reactor.run(&mut calls).unwrap();
    assert_eq!(calls.1, 1);
    assert!(calls.0 >= 1);
}

#[test]
fn a_reactor_gives_the_value_of_the_break() {
    let (_context, [(_p, a)]) = pipelines([&["1"]]);
    let mut reactor: Reactor<'_, (), String> = Reactor::default();
    reactor.add_reader(&a, |_, socket, ()| {
        Ok(ControlFlow::Break(socket.recv()?.to_string()))
    });
    assert_eq!(reactor.run(&mut ()).unwrap(), "1");
}

#[test]
fn errors_of_handlers_come_out_whatever_their_type() {
    let (_context, [(_p, a)]) = pipelines([&["12"]]);
    let mut reactor: Reactor<'_, u32, (), Box<dyn StdError>> = Reactor::default();
    reactor.add_reader(&a, |_, socket, number| {
        *number = socket.recv()?.to_string().parse()?;
        if *number == 12 {
            return Err("enough".into());
        }
        Ok(())
    });
    let mut number = 0;
    let error = reactor.run(&mut number).unwrap_err();
    assert_eq!((number, error.to_string()), (12, "enough".into()));

    let mut reactor: Reactor<'_, u32> = Reactor::new();
    reactor.add_reader(&a, |_, socket, _| {
        socket.set_rcvtimeo(Some(Duration::ZERO))?;
        socket.unbind("inproc://none")?;
        Ok(())
    });
    _p.send("x").unwrap();
    assert_eq!(
        reactor.run(&mut number).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn what_was_ready_when_a_run_ended_is_ready_in_the_next() {
    let (_context, [(_p, a), (_q, b)]) = pipelines([&["a1", "a2"], &["b1"]]);
    let mut reactor: Reactor<'_, Vec<String>> = Reactor::new();
    for socket in [&a, &b] {
        reactor.add_reader(socket, |_, socket, got| {
            got.push(socket.recv()?.to_string());
            Ok(BREAK)
        });
    }
    let mut got = Vec::new();
    for _ in 0..3 {
        reactor.run(&mut got).unwrap();
    }
    got.sort();
    assert_eq!(got, ["a1", "a2", "b1"]);
}

#[test]
fn a_panic_goes_through_run_and_the_handlers_stay() {
    let (_context, [(_p, a)]) = pipelines([&["1"]]);
    let mut reactor: Reactor<'_, u32> = Reactor::new();
    reactor.add_reader(&a, |_, socket, calls| {
        *calls += 1;
        assert!(*calls > 1, "the first call panics");
        socket.recv()?;
        Ok(BREAK)
    });
    let mut calls = 0;
    let caught = catch_unwind(AssertUnwindSafe(|| reactor.run(&mut calls)));
    assert!(caught.is_err());
    reactor.run(&mut calls).unwrap();
    assert_eq!(calls, 2);
}

#[test]
fn running_it_inside_a_handler_is_an_error() {
    let mut reactor: Reactor<'_, ()> = Reactor::new();
    reactor
        .add_timer_once(TICK, |reactor, _, state| reactor.run(state))
        .unwrap();
    assert_eq!(
        reactor.run(&mut ()).unwrap_err().kind(),
        ErrorKind::InvalidState
    );
}

#[test]
fn a_reactor_with_nothing_to_wait_for_says_so() {
    let (_context, [(_p, a)]) = pipelines([&["1"]]);
    let mut reactor: Reactor<'_, u32> = Reactor::new();
    assert_eq!(
        reactor.run(&mut 0).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    let id = reactor.add_reader(&a, |reactor, socket, id| {
        socket.recv()?;
        *id += 1;
        let last = reactor.add_item(socket.poll_in(), |_, _, _| ());
        reactor.remove(last);
        Ok(())
    });
    reactor.set_active(id, false);
    assert_eq!(
        reactor.run(&mut 0).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    reactor.set_active(id, true);
    enough(&mut reactor);
    let mut calls = 0;
    reactor.run(&mut calls).unwrap();
    assert_eq!(calls, 1);
}

#[test]
fn a_reactor_whose_last_handler_removes_itself_has_nothing_to_wait_for() {
    in_child(
        "a_reactor_whose_last_handler_removes_itself_has_nothing_to_wait_for",
        || {
            let (_context, [(_p, a)]) = pipelines([&["1"]]);
            let mut reactor: Reactor<'_, Option<HandlerId>> = Reactor::new();
            let id = reactor.add_reader(&a, |reactor, socket, own| {
                socket.recv()?;
                assert!(own.is_some_and(|own| reactor.remove(own)));
                Ok(())
            });
            assert_eq!(
                reactor.run(&mut Some(id)).unwrap_err().kind(),
                ErrorKind::InvalidInput
            );
        },
    );
}

#[test]
fn a_stopper_ends_it_from_another_thread() {
    in_child("a_stopper_ends_it_from_another_thread", || {
        let (context, socket) = context_and(zmq::PULL);
        for _ in 0..50 {
            let mut reactor: Reactor<'_, (), u32> = Reactor::default();
            reactor.add_reader(&socket, |_, _, _| ());
            let stopper = reactor.stopper(&context).unwrap();
            let threads = [1, 2].map(|value| {
                let stopper = stopper.clone();
                thread::spawn(move || stopper.stop(value))
            });
            let first = reactor.run(&mut ()).unwrap();
            let taken = threads.map(|thread| thread.join().unwrap());
            // The other one came too early, or ends the next run.
            if taken == [true, true] {
                assert_eq!(reactor.run(&mut ()).unwrap(), 3 - first);
            } else {
                assert!(taken[first as usize - 1]);
            }
            assert!(stopper.stop(9), "before it runs");
            assert!(!stopper.stop(10), "one is enough");
            assert_eq!(reactor.run(&mut ()).unwrap(), 9);
            drop(reactor);
            assert!(!stopper.stop(11), "nothing is there to be stopped");
        }
        drop(socket);
        context.terminate().unwrap();
    });
}

#[test]
fn stopping_after_the_end_of_the_context_does_not_wait() {
    in_child(
        "stopping_after_the_end_of_the_context_does_not_wait",
        || {
            let context = Context::new().unwrap();
            let mut reactor: Reactor<'_, ()> = Reactor::new();
            let stopper = reactor.stopper(&context).unwrap();
            context.shutdown().unwrap();
            // libzmq looks for the end of its context once in a millisecond.
            thread::sleep(Duration::from_millis(5));
            assert!(stopper.stop(()));
            drop(reactor);
        },
    );
}

#[test]
fn a_stopper_made_by_a_handler_works_at_once() {
    in_child("a_stopper_made_by_a_handler_works_at_once", || {
        let (context, _socket) = context_and(zmq::PULL);
        let mut reactor: Reactor<'_, Option<thread::JoinHandle<bool>>> = Reactor::new();
        reactor
            .add_timer_once(TICK, move |reactor, _, thread| {
                let stopper = reactor.stopper(&context)?;
                *thread = Some(thread::spawn(move || stopper.stop(())));
                Ok(())
            })
            .unwrap();
        let mut thread = None;
        reactor.run(&mut thread).unwrap();
        assert!(thread.unwrap().join().unwrap());
    });
}

#[test]
fn shutting_the_context_down_ends_it_even_if_all_is_switched_off() {
    in_child(
        "shutting_the_context_down_ends_it_even_if_all_is_switched_off",
        || {
            for _ in 0..20 {
                let (context, a, _b) = connected_over("inproc://a", zmq::PAIR, zmq::PAIR);
                let mut reactor: Reactor<'_, ()> = Reactor::new();
                let id = reactor.add_reader(&a, |_, _, _| ());
                reactor.set_active(id, false);
                reactor.add_timer(100 * LONG, |_, _, _| BREAK).unwrap();
                let thread = thread::spawn(move || context.shutdown());
                let kind = reactor.run(&mut ()).unwrap_err().kind();
                assert_eq!(kind, ErrorKind::Terminated);
                thread.join().unwrap().unwrap();
            }
        },
    );
}
