//! The audit tells every decision, in order, and never stands in the authenticator's way.

mod common;

use std::thread;
use std::time::{Duration, Instant};

use common::{LONG, patient};
use zmq::auth::{Audit, AuditEvent, Authenticator, Decision, Identity, Policy, Reason, Verdict};
use zmq::curve::PublicKey;
use zmq::{AuthStatus, Context, ErrorKind, Req, Socket};

fn start(policy: Policy) -> (Context, Authenticator, Socket<Req>) {
    let context = Context::new().unwrap();
    let auth = Authenticator::start(&context).unwrap();
    auth.set_policy("global", policy).unwrap();
    let asker = patient(context.socket(zmq::REQ).unwrap());
    asker.connect("inproc://zeromq.zap.01").unwrap();
    (context, auth, asker)
}

/// Asks as libzmq does, and waits for the answer.
fn ask(asker: &Socket<Req>, address: &str, mechanism: &str, credentials: &[&[u8]]) {
    let head = ["1.0", "1", "global", address, "", mechanism].map(str::as_bytes);
    asker
        .send_multipart([&head[..], credentials].concat())
        .unwrap();
    asker.recv_multipart().unwrap();
}

#[track_caller]
fn next(audit: &Audit) -> AuditEvent {
    audit.recv_timeout(LONG).unwrap().expect("an event")
}

#[test]
fn every_decision_is_told_with_its_reason() {
    let key = PublicKey::from_bytes([7; 32]);
    let policy = Policy::new()
        .deny_address("6.6.6.6")
        .plain_user("alice", "secret")
        .curve_keys([key])
        .gssapi_with(|principal| match principal {
            "later" => Decision::TemporaryFailure,
            "broken" => Decision::InternalError,
            "panic" => panic!("out of {}", "luck"),
            "long" => Identity::new("x".repeat(256)).into(),
            _ => Decision::Deny,
        });
    let (_context, auth, asker) = start(policy);
    let audit = auth.audit().unwrap();
    let failed = |status, reason| (Some(status), Some(reason));
    let denied = |reason| (None, Some(reason));
    let rule = "a user id has at most 255 bytes";
    let other = [8; 32];
    let z85 = |key: [u8; 32]| PublicKey::from_bytes(key).to_string();
    for (address, mechanism, credentials, who, (status, reason)) in [
        (
            "6.6.6.6",
            "NULL",
            &[][..],
            "",
            denied(Reason::AddressDenied),
        ),
        (
            "1.1.1.1",
            "NULL",
            &[],
            "",
            denied(Reason::MechanismNotAllowed),
        ),
        (
            "1.1.1.1",
            "PLAIN",
            &[&b"alice"[..], b"secret"],
            "alice",
            (None, None),
        ),
        (
            "1.1.1.1",
            "PLAIN",
            &[b"alice", b"x"],
            "alice",
            denied(Reason::WrongPassword),
        ),
        (
            "1.1.1.1",
            "PLAIN",
            &[b"b\xff", b"x"],
            "b\u{fffd}",
            denied(Reason::UnknownUser),
        ),
        ("1.1.1.1", "CURVE", &[&[7; 32]], &z85([7; 32]), (None, None)),
        (
            "1.1.1.1",
            "CURVE",
            &[&other],
            &z85(other),
            denied(Reason::UnknownKey),
        ),
        (
            "1.1.1.1",
            "GSSAPI",
            &[b"no"],
            "no",
            denied(Reason::Callback),
        ),
        (
            "1.1.1.1",
            "GSSAPI",
            &[b"later"],
            "later",
            failed(AuthStatus::Temporary, Reason::Callback),
        ),
        (
            "1.1.1.1",
            "GSSAPI",
            &[b"broken"],
            "broken",
            failed(AuthStatus::InternalError, Reason::Callback),
        ),
        (
            "1.1.1.1",
            "GSSAPI",
            &[b"panic"],
            "panic",
            failed(
                AuthStatus::InternalError,
                Reason::Panicked("out of luck".into()),
            ),
        ),
        (
            "1.1.1.1",
            "GSSAPI",
            &[b"long"],
            "long",
            failed(AuthStatus::InternalError, Reason::InvalidIdentity(rule)),
        ),
        (
            "1.1.1.1",
            "TLS",
            &[],
            "",
            denied(Reason::MechanismNotAllowed),
        ),
    ] {
        ask(&asker, address, mechanism, credentials);
        let event = next(&audit);
        assert_eq!(event.domain, "global");
        assert_eq!(
            (&event.address[..], &event.mechanism[..]),
            (address, mechanism)
        );
        assert_eq!(event.who, who);
        assert_eq!(event.reason(), reason.as_ref());
        assert_eq!(event.is_allowed(), reason.is_none());
        match event.verdict {
            Verdict::Allowed { user_id, .. } => assert_eq!(user_id, who),
            Verdict::Denied { .. } => assert_eq!(status, None),
            Verdict::Failed { status: told, .. } => assert_eq!(Some(told), status),
            other => panic!("{other:?}"),
        }
    }
    asker.send("no request").unwrap();
    asker.recv_multipart().unwrap();
    let event = next(&audit);
    assert!(
        matches!(event.reason(), Some(Reason::Malformed(_))),
        "{event}"
    );
    assert_eq!(audit.try_recv().unwrap(), None);
}

#[test]
fn the_oldest_events_are_dropped_and_counted() {
    let (_context, auth, asker) = start(Policy::new());
    let audit = auth.audit().unwrap();
    let idle = auth.audit().unwrap();
    for number in 0..Audit::CAPACITY + 10 {
        ask(&asker, &number.to_string(), "NULL", &[]);
    }
    assert_eq!(audit.dropped().unwrap(), 10);
    for number in 10..Audit::CAPACITY + 10 {
        assert_eq!(next(&audit).address, number.to_string());
    }
    assert_eq!(audit.try_recv().unwrap(), None);
    assert_eq!(audit.dropped().unwrap(), 10);
    assert_eq!(next(&idle).address, "10");
}

#[test]
fn each_audit_hears_everything_from_its_beginning_on() {
    let (_context, auth, asker) = start(Policy::new());
    ask(&asker, "before", "NULL", &[]);
    let first = auth.audit().unwrap();
    ask(&asker, "one", "NULL", &[]);
    let second = auth.audit().unwrap();
    ask(&asker, "two", "NULL", &[]);
    assert_eq!(
        [next(&first), next(&first)].map(|e| e.address),
        ["one", "two"]
    );
    assert_eq!(next(&second).address, "two");
    drop(second);
    ask(&asker, "three", "NULL", &[]);
    assert_eq!(next(&first).address, "three");
}

#[test]
fn the_end_of_the_authenticator_ends_the_audit_when_all_is_read() {
    let (_context, auth, asker) = start(Policy::new());
    let audit = auth.audit().unwrap();
    let waiting = auth.audit().unwrap();
    let watcher = thread::spawn(move || waiting.iter().count());
    ask(&asker, "one", "NULL", &[]);
    ask(&asker, "two", "NULL", &[]);
    drop(auth);
    assert_eq!(watcher.join().unwrap(), 2);
    let addresses: Vec<String> = (&audit).into_iter().map(|event| event.address).collect();
    assert_eq!(addresses, ["one", "two"]);
    for error in [
        audit.recv().unwrap_err(),
        audit.try_recv().unwrap_err(),
        audit.recv_timeout(LONG).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Terminated);
    }
}

#[test]
fn waiting_for_an_event_ends_in_time() {
    let (_context, auth, asker) = start(Policy::new());
    let audit = auth.audit().unwrap();
    let begin = Instant::now();
    let short = Duration::from_millis(20);
    assert_eq!(audit.recv_timeout(short).unwrap(), None);
    assert!(begin.elapsed() >= short);
    thread::scope(|scope| {
        let event = scope.spawn(|| audit.recv_timeout(Duration::MAX));
        ask(&asker, "now", "NULL", &[]);
        assert_eq!(event.join().unwrap().unwrap().unwrap().address, "now");
    });
}

#[test]
fn an_event_is_one_line_whatever_the_client_says() {
    let policy = Policy::new().plain_user("alice", "secret");
    let (_context, auth, asker) = start(policy);
    let audit = auth.audit().unwrap();
    ask(
        &asker,
        "127.0.0.1",
        "PLAIN",
        &[b"alice\nINFO: all is well", b"x"],
    );
    assert_eq!(
        next(&audit).to_string(),
        "PLAIN client alice\\nINFO: all is well from 127.0.0.1 to \"global\": \
         denied: there is no such user"
    );
    ask(&asker, "127.0.0.1", "PLAIN", &[b"alice", b"secret"]);
    assert_eq!(
        next(&audit).to_string(),
        "PLAIN client alice from 127.0.0.1 to \"global\": allowed"
    );
    ask(&asker, "127.0.0.1", "NULL", &[]);
    assert_eq!(
        next(&audit).to_string(),
        "NULL client from 127.0.0.1 to \"global\": denied: the mechanism is not allowed"
    );
}
