//! Pipes and actors: how they start, talk and end, and that nobody waits for ever.

mod common;

use std::cell::RefCell;
use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{LONG, NO_TIME, context_and, in_child, patient};
use zmq::{Actor, ActorError, ActorPipe, ActorStart, Context, ErrorKind, Message, Reactor};

fn context() -> Context {
    Context::new().unwrap()
}

/// Sends back what it gets, until it is asked to end.
fn echo(start: ActorStart) -> zmq::Result<u32> {
    let pipe = start.ready();
    let mut count = 0;
    loop {
        let message = pipe.recv_multipart()?;
        if message == [ActorPipe::STOP] {
            return Ok(count);
        }
        pipe.send_multipart(message)?;
        count += 1;
    }
}

// ---- pipes ---------------------------------------------------------------------------------------

#[test]
fn a_pipe_goes_both_ways_and_takes_nobody_else() {
    let context = context();
    let (a, b) = context.pipe().unwrap();
    let (a, b) = (patient(a), patient(b));
    a.send_multipart(["to", "b"]).unwrap();
    b.send("to a").unwrap();
    assert_eq!(b.recv_multipart().unwrap(), ["to", "b"]);
    assert_eq!(a.recv().unwrap(), "to a");

    // Even one who knows the name gets something else by it.
    let endpoint = a.last_endpoint().unwrap();
    assert!(endpoint.starts_with("inproc://"));
    let (other, third) = (
        context.socket(zmq::PAIR).unwrap(),
        context.socket(zmq::PAIR).unwrap(),
    );
    other.bind(&endpoint).unwrap();
    third.connect(&endpoint).unwrap();
    third.send("not to a").unwrap();
    assert_eq!(other.recv().unwrap(), "not to a");
    b.send("to a").unwrap();
    assert_eq!(a.recv().unwrap(), "to a");
}

#[test]
fn what_was_sent_before_an_end_closed_is_received() {
    for linger in [None, NO_TIME] {
        let context = context();
        let (a, b) = context.pipe().unwrap();
        a.set_linger(linger).unwrap();
        for number in 0..100u8 {
            a.send(&[number]).unwrap();
        }
        drop(a);
        let b = patient(b);
        for number in 0..100u8 {
            assert_eq!(b.recv().unwrap(), [number]);
        }
    }
}

#[test]
fn a_full_pipe_holds_two_thousand_messages() {
    let (a, b) = context().pipe().unwrap();
    let mut count = 0;
    while a.try_send("x").is_ok() {
        count += 1;
    }
    assert_eq!(count, 2000);
    drop(b);
}

#[test]
fn a_pipe_without_room_for_two_sockets_is_an_error() {
    let context = context();
    context.set_max_sockets(1).unwrap();
    assert_eq!(context.pipe().unwrap_err().kind(), ErrorKind::TooManyOpen);
    let _the_one = context.socket(zmq::PULL).unwrap();
    let error = Actor::spawn(&context, "none", echo).unwrap_err();
    assert!(matches!(error, ActorError::Start(_)));
    assert_eq!(error.kind(), ErrorKind::TooManyOpen);
}

// ---- starting ------------------------------------------------------------------------------------

#[test]
fn an_actor_talks_and_gives_its_result() {
    let context = context();
    let actor = Actor::spawn(&context, "echo", echo).unwrap();
    actor.send("one").unwrap();
    actor.send_multipart(["two", "frames"]).unwrap();
    assert_eq!(actor.recv().unwrap(), "one");
    assert_eq!(actor.recv_multipart().unwrap(), ["two", "frames"]);
    assert!(actor.try_recv().unwrap().is_none());
    assert!(actor.try_recv_multipart().unwrap().is_none());
    assert_eq!(actor.stop().unwrap(), 2);
    context.terminate().unwrap();
}

#[test]
fn whoever_has_waited_for_an_actor_finds_its_thread_gone() {
    struct Slow(mpsc::Sender<()>);
    impl Drop for Slow {
        fn drop(&mut self) {
            thread::sleep(Duration::from_millis(50));
            self.0.send(()).unwrap();
        }
    }
    thread_local! {
        static LAST: RefCell<Option<Slow>> = const { RefCell::new(None) };
    }
    let (sender, gone) = mpsc::channel();
    let actor = Actor::spawn(&context(), "slow", move |start| {
        LAST.set(Some(Slow(sender)));
        echo(start)
    })
    .unwrap();
    assert_eq!(actor.stop().unwrap(), 0);
    gone.try_recv()
        .expect("the thread ended before the wait did");
}

#[test]
fn the_thread_has_the_name_given() {
    let actor = Actor::spawn(
        &context(),
        "by name",
        |start| -> zmq::Result<Option<String>> {
            drop(start.ready());
            Ok(thread::current().name().map(Into::into))
        },
    );
    assert_eq!(actor.unwrap().join().unwrap().as_deref(), Some("by name"));
    let error = Actor::spawn(&context(), "a\0b", echo).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn an_actor_that_fails_before_it_is_ready_does_not_start() {
    let (context, socket) = context_and(zmq::REP);
    socket.bind("inproc://taken").unwrap();
    let body = |start: ActorStart| -> zmq::Result<()> {
        start.context().socket(zmq::REP)?.bind("inproc://taken")?;
        drop(start.ready());
        Ok(())
    };
    let error = Actor::spawn(&context, "server", body).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddressInUse);
    let error = zmq::Error::from(error);
    assert_eq!(error.subject(), Some("inproc://taken"));

    let body = |_: ActorStart| -> Result<(), &str> { Err("no") };
    let error = Actor::spawn(&context, "text", body).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other(libc::ECANCELED));
    assert_eq!(error.source().unwrap().to_string(), "no");
    assert_eq!(zmq::Error::from(error).subject(), Some("no"));

    let body = |_: ActorStart| -> zmq::Result<()> { panic!("at {}", "once") };
    match Actor::spawn(&context, "panic", body).unwrap_err() {
        ActorError::Panicked(text) => assert_eq!(text, "at once"),
        error => panic!("{error:?}"),
    }
    drop(socket);
    context.terminate().unwrap();
}

#[test]
fn a_body_that_returns_without_being_ready_has_its_result() {
    in_child(
        "a_body_that_returns_without_being_ready_has_its_result",
        || {
            let actor = Actor::spawn(&context(), "short", |_| Ok::<_, zmq::Error>(7)).unwrap();
            assert_eq!(actor.recv().unwrap_err().kind(), ErrorKind::Terminated);
            assert_eq!(actor.join().unwrap(), 7);
        },
    );
}

// ---- the end -------------------------------------------------------------------------------------

#[test]
fn a_panic_of_the_body_is_news_for_the_parent() {
    in_child("a_panic_of_the_body_is_news_for_the_parent", || {
        let actor = Actor::spawn(&context(), "panics", |start| -> zmq::Result<()> {
            let pipe = start.ready();
            pipe.send("last words")?;
            panic!("{}", pipe.recv()?);
        })
        .unwrap();
        actor.send("boo").unwrap();
        assert_eq!(actor.recv().unwrap(), "last words");
        assert_eq!(actor.recv().unwrap_err().kind(), ErrorKind::Terminated);
        assert_eq!(
            actor.recv_multipart().unwrap_err().kind(),
            ErrorKind::Terminated
        );
        assert_eq!(actor.try_recv().unwrap_err().kind(), ErrorKind::Terminated);
        let refused = actor.send(Message::from("kept")).unwrap_err();
        assert_eq!(
            (refused.kind(), refused.message),
            (ErrorKind::Terminated, "kept".into())
        );
        let refused = actor
            .send_multipart(zmq::Multipart::from(["kept", "too"]))
            .unwrap_err();
        assert_eq!(refused.message, ["kept", "too"]);
        let error = actor.join().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert_eq!(error.to_string(), "the actor panicked: boo");
    });
}

/// The parent polls once for each message, and only then receives.
fn polled(actor: &Actor) -> Result<usize, ErrorKind> {
    let mut count = 0;
    loop {
        let [ready] = zmq::poll([actor.poll_in()], Some(LONG)).unwrap();
        assert!(
            ready.is_readable(),
            "nothing more came after {count} messages"
        );
        match actor.try_recv() {
            Ok(Some(_)) => count += 1,
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::Terminated => return Ok(count),
            Err(error) => return Err(error.kind()),
        }
    }
}

#[test]
fn the_end_is_heard_however_full_the_pipe_is() {
    for sent in [0, 1, 999, 1000, 1001, 1999, 2000] {
        let actor = Actor::spawn(&context(), "talks", move |start| -> zmq::Result<()> {
            let pipe = start.ready();
            for _ in 0..sent {
                pipe.send("x")?;
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(polled(&actor), Ok(sent));
        actor.join().unwrap();
    }
}

#[test]
fn the_end_is_heard_while_the_parent_keeps_receiving() {
    for round in 0..200 {
        let sent = 2000 + round;
        let actor = Actor::spawn(&context(), "talks", move |start| -> zmq::Result<()> {
            let pipe = start.ready();
            for _ in 0..sent {
                pipe.send("x")?;
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(polled(&actor), Ok(sent));
    }
}

#[test]
fn a_reactor_hears_of_the_end() {
    in_child("a_reactor_hears_of_the_end", || {
        let actor = Actor::spawn(&context(), "talks", |start| -> zmq::Result<()> {
            let pipe = start.ready();
            pipe.send("one")?;
            pipe.send("two")?;
            Ok(())
        })
        .unwrap();
        let mut reactor: Reactor<'_, Vec<String>> = Reactor::new();
        reactor.add_reader(&actor, |_, actor, got| {
            got.push(actor.recv()?.to_string());
            Ok(())
        });
        let mut got = Vec::new();
        assert_eq!(
            reactor.run(&mut got).unwrap_err().kind(),
            ErrorKind::Terminated
        );
        assert_eq!(got, ["one", "two"]);
    });
}

#[test]
fn a_sender_does_not_wait_for_an_actor_that_has_ended() {
    in_child("a_sender_does_not_wait_for_an_actor_that_has_ended", || {
        for _ in 0..20 {
            let (go, wait) = mpsc::channel();
            let actor = Actor::spawn(&context(), "deaf", move |start| -> zmq::Result<()> {
                let _pipe = start.ready();
                wait.recv().unwrap();
                Ok(())
            })
            .unwrap();
            let mut sent = 0;
            let error = loop {
                // The pipe is full soon after the end, or before.
                if sent == 1990 {
                    go.send(()).unwrap();
                }
                match actor.send(Message::from("x")) {
                    Ok(()) => sent += 1,
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), ErrorKind::Terminated);
            assert_eq!(error.message, "x");
            actor.stop().unwrap();
        }
    });
}

#[test]
fn dropping_an_actor_stops_it_though_both_directions_are_full() {
    in_child(
        "dropping_an_actor_stops_it_though_both_directions_are_full",
        || {
            let (sender, ended) = mpsc::channel();
            let actor = Actor::spawn(&context(), "busy", move |start| -> zmq::Result<()> {
                let pipe = start.ready();
                for _ in 0..5000 {
                    pipe.send("x")?; // waits for the parent, who does not receive
                }
                while pipe.recv()? != ActorPipe::STOP {}
                sender.send(()).unwrap();
                Ok(())
            })
            .unwrap();
            for _ in 0..2000 {
                actor.send("x").unwrap();
            }
            drop(actor);
            ended
                .try_recv()
                .expect("the body ended before the drop did");
        },
    );
}

#[test]
fn an_actor_that_does_not_listen_is_given_back() {
    in_child("an_actor_that_does_not_listen_is_given_back", || {
        let context = context();
        let (go, wait) = mpsc::channel();
        let actor = Actor::spawn(&context, "deaf", move |start| -> zmq::Result<u32> {
            let _pipe = start.ready();
            wait.recv().unwrap();
            Ok(5)
        })
        .unwrap();
        let actor = actor.stop_timeout(Duration::from_millis(5)).unwrap_err();
        let actor = actor.stop_timeout(Duration::ZERO).unwrap_err();
        go.send(()).unwrap();
        assert_eq!(actor.stop_timeout(LONG).unwrap().unwrap(), 5);
        context.terminate().unwrap();
    });
}

#[test]
fn a_detached_actor_is_asked_and_not_waited_for() {
    in_child("a_detached_actor_is_asked_and_not_waited_for", || {
        let context = context();
        let ((go, wait), (sender, ended)) = (mpsc::channel(), mpsc::channel());
        let actor = Actor::spawn(&context, "slow", move |start| -> zmq::Result<()> {
            let pipe = start.ready();
            wait.recv().unwrap();
            sender.send(pipe.recv()?.to_string()).unwrap();
            Ok(())
        })
        .unwrap();
        actor.detach();
        go.send(()).unwrap();
        assert_eq!(ended.recv_timeout(LONG).unwrap(), ActorPipe::STOP);
        context.terminate().unwrap();
    });
}

#[test]
fn an_actor_whose_pipe_is_full_is_detached_without_waiting() {
    in_child(
        "an_actor_whose_pipe_is_full_is_detached_without_waiting",
        || {
            let context = context();
            let (go, wait) = mpsc::channel();
            let actor = Actor::spawn(&context, "deaf", move |start| -> zmq::Result<()> {
                let _pipe = start.ready();
                wait.recv().unwrap();
                Ok(())
            })
            .unwrap();
            for _ in 0..2000 {
                actor.send("x").unwrap();
            }
            actor.detach();
            go.send(()).unwrap();
            context.terminate().unwrap();
        },
    );
}

#[test]
fn a_shutdown_of_the_context_ends_the_actor_and_its_parent_hears() {
    in_child(
        "a_shutdown_of_the_context_ends_the_actor_and_its_parent_hears",
        || {
            let context = context();
            let actor = Actor::spawn(&context, "echo", echo).unwrap();
            context.shutdown().unwrap();
            assert_eq!(actor.recv().unwrap_err().kind(), ErrorKind::Terminated);
            assert_eq!(actor.stop().unwrap_err().kind(), ErrorKind::Terminated);
            let refused = Actor::spawn(&context, "late", echo).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Terminated);
            context.terminate().unwrap();
        },
    );
}

#[test]
fn an_actor_dropped_on_its_own_thread_is_not_waited_for() {
    in_child(
        "an_actor_dropped_on_its_own_thread_is_not_waited_for",
        || {
            let ((give, take), (sender, done)) = (mpsc::channel::<Actor>(), mpsc::channel());
            let actor = Actor::spawn(&context(), "itself", move |start| -> zmq::Result<()> {
                let pipe = start.ready();
                drop(take.recv().unwrap());
                assert_eq!(pipe.recv()?, ActorPipe::STOP);
                sender.send(()).unwrap();
                Ok(())
            })
            .unwrap();
            give.send(actor).unwrap();
            done.recv_timeout(LONG).unwrap();
        },
    );
}

#[test]
fn a_parent_that_panics_does_not_wait() {
    in_child("a_parent_that_panics_does_not_wait", || {
        let context = context();
        let (_go, wait) = mpsc::channel::<()>();
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _actor = Actor::spawn(&context, "deaf", move |start| -> zmq::Result<()> {
                let _pipe = start.ready();
                let _ = wait.recv();
                Ok(())
            })
            .unwrap();
            panic!("the parent");
        }));
        assert!(caught.is_err());
    });
}
