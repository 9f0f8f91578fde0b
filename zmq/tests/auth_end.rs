//! However an authenticator ends, nobody is let in without one, nothing hangs, and another can
//! follow.

mod common;

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
use common::fork::{Child, fork, wait_for};
use common::{LONG, SHORT, drop_together, in_child, patient};
use zmq::auth::{Authenticator, Identity, Policy, Reason};
use zmq::curve::KeyPair;
use zmq::{
    AuthStatus, Capability, Context, ErrorKind, EventKind, MonitorEvents, Pull, Push, Socket,
    SocketKind,
};

const TCP: &str = "tcp://127.0.0.1:*";
const ZAP: &str = "inproc://zeromq.zap.01";

fn start(context: &Context) -> Authenticator {
    let auth = Authenticator::start(context).unwrap();
    auth.set_policy("global", Policy::new().allow_null())
        .unwrap();
    auth
}

/// A protected server, and where it is bound.
fn server(context: &Context, auth: &Authenticator) -> (Socket<Pull>, String) {
    let server = patient(context.socket(zmq::PULL).unwrap());
    auth.protect(&server, "global").unwrap();
    server.bind(TCP).unwrap();
    let endpoint = server.last_endpoint().unwrap();
    (server, endpoint)
}

fn client(context: &Context, endpoint: &str) -> Socket<Push> {
    let client = context.socket(zmq::PUSH).unwrap();
    client.set_linger(common::NO_TIME).unwrap();
    client.connect(endpoint).unwrap();
    client.send("x").unwrap();
    client
}

#[test]
fn a_second_handler_in_a_context_is_refused() {
    let context = Context::new().unwrap();
    let auth = start(&context);
    for _ in 0..3 {
        let error = Authenticator::start(&context).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState);
        assert_eq!(error.subject(), Some(ZAP));
    }
    let other = Context::new().unwrap();
    let _other = start(&other);
    drop(auth);

    let foreign = context.socket(zmq::ROUTER).unwrap();
    foreign.bind(ZAP).unwrap();
    let error = Authenticator::start(&context).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    foreign.unbind(ZAP).unwrap();
    let _auth = start(&context);
}

#[test]
fn a_context_without_room_says_so_and_keeps_nothing() {
    for room in 1..3 {
        let context = Context::new().unwrap();
        context.set_max_sockets(room).unwrap();
        let error = Authenticator::start(&context).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooManyOpen);
        context.terminate_timeout(LONG).unwrap();
    }
}

#[test]
fn threads_share_and_pass_on_what_they_need() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Authenticator>();
    shared::<Policy>();
    shared::<zmq::auth::Audit>();
    shared::<zmq::auth::AuditEvent>();
}

#[test]
fn the_next_one_starts_as_soon_as_the_last_has_gone() {
    in_child("the_next_one_starts_as_soon_as_the_last_has_gone", || {
        let context = Context::new().unwrap();
        for _ in 0..300 {
            drop(start(&context));
        }
    });
}

#[test]
fn without_its_authenticator_a_protected_socket_lets_nobody_in() {
    let context = Context::new().unwrap();
    let own = zmq::has(Capability::Curve).then(|| KeyPair::new().unwrap());
    for mechanism in ["NULL", "PLAIN", "CURVE"] {
        if mechanism == "CURVE" && own.is_none() {
            continue;
        }
        let auth = start(&context);
        let server = patient(context.socket(zmq::PULL).unwrap());
        auth.protect(&server, "global").unwrap();
        // What libzmq waits before it closes a connection of NULL that it will not let in.
        let half = Duration::from_millis(500);
        server.set_handshake_ivl(half).unwrap();
        let client = context.socket(zmq::PUSH).unwrap();
        client.set_linger(common::NO_TIME).unwrap();
        match (mechanism, &own) {
            ("PLAIN", _) => {
                server.set_plain_server(true).unwrap();
                client.set_plain_username(Some("alice")).unwrap();
            }
            ("CURVE", Some(own)) => {
                server.set_curve_server(true).unwrap();
                server.set_curve_secretkey(&own.secret).unwrap();
                client.set_curve_serverkey(own.public).unwrap();
                client.set_curve_publickey(own.public).unwrap();
                client.set_curve_secretkey(&own.secret).unwrap();
            }
            _ => {}
        }
        let monitor = server
            .monitor(MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL | MonitorEvents::HANDSHAKE_SUCCEEDED)
            .unwrap();
        server.bind(TCP).unwrap();
        drop(auth);
        client.connect(&server.last_endpoint().unwrap()).unwrap();
        client.send("let me in").unwrap();
        for _ in 0..2 {
            let event = monitor.recv_timeout(LONG).unwrap().unwrap();
            let EventKind::HandshakeFailedNoDetail { .. } = event.kind else {
                panic!("{mechanism}: {event:?}")
            };
        }
        assert_eq!(server.try_recv().unwrap(), None, "{mechanism}");

        // It goes on trying, and a new authenticator lets it in.
        let auth = Authenticator::start(&context).unwrap();
        auth.set_policy(
            "global",
            Policy::new().decide_with(|_| Identity::new("late")),
        )
        .unwrap();
        let message = server.recv().unwrap();
        assert_eq!(message, "let me in");
        assert_eq!(message.user_id(), Some("late"));
    }
}

#[test]
fn connections_that_were_let_in_outlive_the_authenticator() {
    let context = Context::new().unwrap();
    let auth = start(&context);
    let (server, endpoint) = server(&context, &auth);
    let client = client(&context, &endpoint);
    assert_eq!(server.recv().unwrap(), "x");
    drop(auth);
    client.send("still here").unwrap();
    assert_eq!(server.recv().unwrap(), "still here");
}

/// A policy whose callback waits until the sender has gone or has sent, after it has said that it
/// runs.
fn hanging() -> (Policy, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (runs, is_running) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let policy = Policy::new().decide_with(move |_| {
        let _ = runs.send(());
        let _ = released.lock().unwrap().recv();
        Identity::new("at last")
    });
    (policy, is_running, release)
}

#[test]
fn a_callback_that_does_not_return_lets_nobody_in() {
    let context = Context::new().unwrap();
    let auth = start(&context);
    let (policy, is_running, release) = hanging();
    auth.set_policy("global", policy).unwrap();
    let server = patient(context.socket(zmq::PULL).unwrap());
    auth.protect(&server, "global").unwrap();
    server
        .set_handshake_ivl(Duration::from_millis(200))
        .unwrap();
    let monitor = server
        .monitor(MonitorEvents::DISCONNECTED | MonitorEvents::HANDSHAKE_SUCCEEDED)
        .unwrap();
    server.bind(TCP).unwrap();
    let endpoint = server.last_endpoint().unwrap();
    let clients = [(); 5].map(|()| client(&context, &endpoint));
    is_running.recv_timeout(LONG).unwrap();
    // Policies can be changed meanwhile; that is for the clients after the one that is asked about.
    auth.set_policy("other", Policy::new()).unwrap();
    for _ in 0..10 {
        let event = monitor.recv_timeout(LONG).unwrap().unwrap();
        assert!(
            matches!(event.kind, EventKind::Disconnected { .. }),
            "{event:?}"
        );
    }
    assert_eq!(server.try_recv().unwrap(), None);
    drop(release);
    assert_eq!(server.recv().unwrap(), "x");
    drop(clients);
}

#[test]
fn a_client_that_waits_while_the_authenticator_goes_is_refused() {
    let context = Context::new().unwrap();
    let auth = start(&context);
    let audit = auth.audit().unwrap();
    let (policy, is_running, release) = hanging();
    auth.set_policy("global", policy).unwrap();
    let (server, endpoint) = server(&context, &auth);
    let monitor = server
        .monitor(MonitorEvents::HANDSHAKE_FAILED_AUTH | MonitorEvents::HANDSHAKE_SUCCEEDED)
        .unwrap();
    let _first = client(&context, &endpoint);
    is_running.recv_timeout(LONG).unwrap();
    let second = patient(context.socket(zmq::REQ).unwrap());
    second.connect(ZAP).unwrap();
    second
        .send_multipart(["1.0", "1", "global", "127.0.0.1", "", "NULL"])
        .unwrap();
    // Its drop waits for the callback.
    let dropper = thread::spawn(move || drop(auth));
    thread::sleep(Duration::from_millis(20));
    assert!(!dropper.is_finished());
    release.send(()).unwrap();
    dropper.join().unwrap();
    let event = monitor.recv_timeout(LONG).unwrap().unwrap();
    let EventKind::HandshakeFailedAuth { status, .. } = event.kind else {
        panic!("{event:?}")
    };
    assert_eq!(status, AuthStatus::InternalError);
    let reasons: Vec<_> = audit.iter().map(|event| event.reason().cloned()).collect();
    assert_eq!(reasons, [const { Some(Reason::Stopping) }; 2]);
    assert_eq!(second.recv_multipart().unwrap()[2], "500");
    assert_eq!(server.try_recv().unwrap(), None);
}

#[test]
fn a_callback_may_drop_its_own_authenticator() {
    in_child("a_callback_may_drop_its_own_authenticator", || {
        let context = Context::new().unwrap();
        for _ in 0..50 {
            let auth = start(&context);
            let (server, endpoint) = server(&context, &auth);
            let slot = Arc::new(Mutex::new(None));
            let taken = Arc::clone(&slot);
            let audit = auth.audit().unwrap();
            let policy = Policy::new().decide_with(move |_| {
                let own: Option<Authenticator> = taken.lock().unwrap().take();
                drop(own);
                Identity::default()
            });
            auth.set_policy("global", policy).unwrap();
            *slot.lock().unwrap() = Some(auth);
            let _client = client(&context, &endpoint);
            let reasons: Vec<_> = audit.iter().map(|event| event.reason().cloned()).collect();
            assert_eq!(reasons, [Some(Reason::Stopping)]);
            assert_eq!(server.try_recv().unwrap(), None);
        }
        context.terminate().unwrap();
    });
}

#[test]
fn a_panic_of_its_owner_ends_it() {
    let context = Context::new().unwrap();
    let inside = context.clone();
    let panicked = thread::spawn(move || {
        let _auth = start(&inside);
        panic!("as planned");
    });
    assert!(panicked.join().is_err());
    let _auth = start(&context);
}

#[test]
fn a_context_ends_while_the_handle_exists() {
    in_child("a_context_ends_while_the_handle_exists", || {
        for timed in [false, true] {
            let context = Context::new().unwrap();
            let auth = start(&context);
            let audit = auth.audit().unwrap();
            let (server, endpoint) = server(&context, &auth);
            let _ = endpoint;
            drop(server);
            if timed {
                context.terminate_timeout(LONG).unwrap();
            } else {
                context.terminate().unwrap();
            }
            assert!(!auth.is_running().unwrap());
            let error = auth.set_policy("global", Policy::new()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Terminated);
            assert_eq!(audit.recv().unwrap_err().kind(), ErrorKind::Terminated);
            let late = auth.audit().unwrap();
            assert_eq!(late.recv().unwrap_err().kind(), ErrorKind::Terminated);
            let other = Context::new().unwrap();
            let socket = other.socket(zmq::PULL).unwrap();
            let error = auth.protect(&socket, "global").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Terminated);
            let error = Authenticator::start(&other).map(drop);
            assert_eq!(error, Ok(()));
        }
    });
}

#[test]
fn the_end_of_the_handle_waits_for_a_callback_though_the_context_has_ended() {
    let context = Context::new().unwrap();
    let auth = start(&context);
    let (policy, is_running, release) = hanging();
    auth.set_policy("global", policy).unwrap();
    let (_server, endpoint) = server(&context, &auth);
    let _client = client(&context, &endpoint);
    is_running.recv_timeout(LONG).unwrap();
    context.shutdown().unwrap();
    let (sender, gone) = mpsc::channel();
    let thread = thread::spawn(move || {
        drop(auth);
        sender.send(()).unwrap();
    });
    let early = gone.recv_timeout(Duration::from_millis(50));
    assert_eq!(early, Err(mpsc::RecvTimeoutError::Timeout));
    drop(release);
    gone.recv_timeout(LONG).unwrap();
    thread.join().unwrap();
}

#[test]
fn what_keeps_a_context_open_is_told() {
    let context = Context::new().unwrap();
    let auth = start(&context);
    let (policy, is_running, release) = hanging();
    auth.set_policy("global", policy).unwrap();
    let (server, endpoint) = server(&context, &auth);
    let _client = client(&context, &endpoint);
    is_running.recv_timeout(LONG).unwrap();
    drop((server, _client));
    let still_open = context.terminate_timeout(SHORT.unwrap()).unwrap_err();
    assert_eq!(still_open.sockets.len(), 3);
    drop(release);
    drop(auth);
}

#[test]
fn the_last_handle_of_a_context_may_be_the_authenticators() {
    in_child(
        "the_last_handle_of_a_context_may_be_the_authenticators",
        || {
            for _ in 0..20 {
                let context = Context::new().unwrap();
                let auth = start(&context);
                let (server, endpoint) = server(&context, &auth);
                drop(context);
                let client = client(server.context(), &endpoint);
                assert_eq!(server.recv().unwrap(), "x");
                drop((server, client));
                assert!(auth.is_running().unwrap());
            }
        },
    );
}

type Value = Box<dyn std::any::Any + Send>;

/// Context, a socket with clients that are just coming, authenticator and audit.
fn values() -> [Value; 4] {
    let context = Context::new().unwrap();
    let auth = start(&context);
    let audit = auth.audit().unwrap();
    let (server, endpoint) = server(&context, &auth);
    server.set_linger(common::NO_TIME).unwrap();
    let clients = [(); 3].map(|()| client(&context, &endpoint));
    [
        Box::new(context),
        Box::new((server, clients)),
        Box::new(auth),
        Box::new(audit),
    ]
}

#[test]
fn context_sockets_and_authenticator_are_dropped_in_any_order() {
    in_child(
        "context_sockets_and_authenticator_are_dropped_in_any_order",
        || {
            for round in 0..96 {
                let mut values: Vec<Value> = values().into();
                let mut choice = round % 24;
                while !values.is_empty() {
                    let value = values.swap_remove(choice % values.len());
                    choice /= values.len() + 1;
                    if round % 2 == 0 {
                        drop(value);
                    } else {
                        thread::spawn(move || drop(value)).join().unwrap();
                    }
                }
            }
        },
    );
}

#[test]
fn context_sockets_and_authenticator_are_dropped_at_the_same_time() {
    in_child(
        "context_sockets_and_authenticator_are_dropped_at_the_same_time",
        || {
            for _ in 0..100 {
                drop_together(values());
            }
        },
    );
}

#[test]
fn a_shutdown_comes_at_any_time() {
    in_child("a_shutdown_comes_at_any_time", || {
        for round in 0..50 {
            let context = Context::new().unwrap();
            let auth = start(&context);
            let (server, endpoint) = server(&context, &auth);
            let clients = [(); 3].map(|()| client(&context, &endpoint));
            if round % 2 == 0 {
                server.recv().unwrap();
            }
            context.shutdown().unwrap();
            let start = Instant::now();
            while auth.is_running().unwrap() {
                assert!(start.elapsed() < LONG);
                thread::yield_now();
            }
            drop((server, clients));
            context.terminate().unwrap();
        }
    });
}

#[test]
fn protect_refuses_what_it_could_not_protect() {
    let context = Context::new().unwrap();
    let auth = start(&context);
    let refused = |socket: &Socket<Pull>, domain: &str| {
        let kind = auth.protect(socket, domain).unwrap_err().kind();
        assert!(!socket.zap_enforce_domain().unwrap());
        kind
    };
    let socket = context.socket(zmq::PULL).unwrap();
    for domain in ["", "a\0b", &"x".repeat(256)] {
        assert_eq!(refused(&socket, domain), ErrorKind::InvalidInput);
    }
    socket.bind(TCP).unwrap();
    assert_eq!(refused(&socket, "global"), ErrorKind::InvalidState);
    let foreign = Context::new().unwrap().socket(zmq::PULL).unwrap();
    assert_eq!(refused(&foreign, "global"), ErrorKind::InvalidInput);
    let stream = context.socket_of(SocketKind::Stream).unwrap();
    assert_eq!(
        auth.protect(&stream, "global").unwrap_err().kind(),
        ErrorKind::NotSupported
    );
    let kerberos = context.socket(zmq::PULL).unwrap();
    if kerberos.set_gssapi_server(true).is_ok() && zmq::version() <= (4, 3, 5) {
        assert_eq!(refused(&kerberos, "global"), ErrorKind::NotSupported);
    }
}

#[cfg(unix)]
#[test]
fn an_inherited_authenticator_is_an_error_in_the_child_and_works_in_the_parent() {
    in_child(
        "an_inherited_authenticator_is_an_error_in_the_child_and_works_in_the_parent",
        || {
            let context = Context::new().unwrap();
            let auth = start(&context);
            let audit = auth.audit().unwrap();
            let (server, endpoint) = server(&context, &auth);
            let child = fork();
            if child == 0 {
                let here = Child;
                let forked = [
                    auth.set_policy("global", Policy::new()).unwrap_err().kind(),
                    auth.set_default_policy(Policy::new()).unwrap_err().kind(),
                    auth.remove_policy("global").unwrap_err().kind(),
                    auth.protect(&server, "global").unwrap_err().kind(),
                    auth.audit().unwrap_err().kind(),
                    auth.is_running().unwrap_err().kind(),
                    audit.recv().unwrap_err().kind(),
                    audit.try_recv().unwrap_err().kind(),
                    audit.dropped().unwrap_err().kind(),
                    Authenticator::start(&context).unwrap_err().kind(),
                ];
                let all = forked.iter().all(|kind| *kind == ErrorKind::Forked);
                let none = audit.iter().count() == 0;
                drop((auth, audit, server, context));
                here.leave(all && none);
            }
            wait_for(child);
            let _client = client(&context, &endpoint);
            assert_eq!(server.recv().unwrap(), "x");
            assert!(audit.recv().unwrap().is_allowed());
        },
    );
}
