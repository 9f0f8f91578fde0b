//! The authenticator's side of RFC 27, asked directly: whatever comes, a reply that libzmq can read
//! goes back, and the next request is answered.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use common::{in_child, patient};
use zmq::auth::{Authenticator, Credentials, Decision, Identity, Policy};
use zmq::{Context, ErrorKind, Req, Socket};

/// A panic payload whose own drop panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("and again")
    }
}

fn asker(context: &Context) -> Socket<Req> {
    let asker = patient(context.socket(zmq::REQ).unwrap());
    asker.connect("inproc://zeromq.zap.01").unwrap();
    asker
}

fn start() -> (Context, Authenticator, Socket<Req>) {
    let context = Context::new().unwrap();
    let auth = Authenticator::start(&context).unwrap();
    let asker = asker(&context);
    (context, auth, asker)
}

/// The status and user id of the reply, which has the form that libzmq wants.
#[track_caller]
fn ask(asker: &Socket<Req>, frames: &[&[u8]]) -> (String, String) {
    asker.send_multipart(frames.to_vec()).unwrap();
    let reply = asker.recv_multipart().unwrap();
    assert_eq!(reply.len(), 6, "{reply:?}");
    assert_eq!(reply[0], "1.0");
    let id = frames.get(1).copied().filter(|id| id.len() < 256);
    assert_eq!(&reply[1][..], id.unwrap_or_default());
    assert!(
        ["200", "300", "400", "500"]
            .iter()
            .any(|code| reply[2] == **code)
    );
    if reply[2] != "200" {
        assert!(reply[4].is_empty() && reply[5].is_empty(), "{reply:?}");
    }
    (reply[2].to_string(), reply[4].to_string())
}

fn null(address: &str) -> [&[u8]; 6] {
    [b"1.0", b"7", b"global", address.as_bytes(), b"", b"NULL"]
}

#[test]
fn nobody_is_let_in_before_a_policy_says_so() {
    let (_context, auth, asker) = start();
    assert_eq!(ask(&asker, &null("127.0.0.1")).0, "400");
    auth.set_policy("global", Policy::new()).unwrap();
    assert_eq!(ask(&asker, &null("127.0.0.1")).0, "400");
    auth.set_policy("other", Policy::new().allow_null())
        .unwrap();
    assert_eq!(ask(&asker, &null("127.0.0.1")).0, "400");
}

#[test]
fn a_domain_without_a_policy_has_the_default_one() {
    let (_context, auth, asker) = start();
    auth.set_default_policy(Policy::new().allow_null()).unwrap();
    assert_eq!(ask(&asker, &null("127.0.0.1")).0, "200");
    assert!(!auth.remove_policy("global").unwrap());
    auth.set_policy("global", Policy::new()).unwrap();
    assert_eq!(ask(&asker, &null("127.0.0.1")).0, "400");
    assert!(auth.remove_policy("global").unwrap());
    assert_eq!(ask(&asker, &null("127.0.0.1")).0, "200");
    auth.set_default_policy(Policy::new()).unwrap();
    assert_eq!(ask(&asker, &null("127.0.0.1")).0, "400");
}

#[test]
fn malformed_requests_are_answered_and_let_nobody_in() {
    let (_context, auth, asker) = start();
    auth.set_default_policy(Policy::new().decide_with(|_| Identity::new("let in")))
        .unwrap();
    let long = [b'x'; 256];
    let huge = vec![b'x'; 1 << 20];
    let good = null("127.0.0.1");
    let with = |index: usize, frame: &'static [u8]| {
        let mut frames = null("127.0.0.1").to_vec();
        frames[index] = frame;
        frames
    };
    let and = |mechanism: &'static [u8], credentials: &[&'static [u8]]| {
        let mut frames = with(5, mechanism);
        frames.extend(credentials);
        frames
    };
    let mut malformed = vec![
        with(0, b"1.1"),
        with(0, b"1.0\0"),
        with(0, b""),
        with(0, b"2.0"),
        with(2, b"\xff"),
        with(3, b"\xff"),
        with(5, b"\xff"),
        and(b"NULL", &[b"more"]),
        and(b"PLAIN", &[]),
        and(b"PLAIN", &[b"name"]),
        and(b"PLAIN", &[b"name", b"password", b"more"]),
        and(b"CURVE", &[]),
        and(b"CURVE", &[b"31 bytes: xxxxxxxxxxxxxxxxxxxxx"]),
        and(b"CURVE", &[b"33 bytes: xxxxxxxxxxxxxxxxxxxxxxx"]),
        and(b"CURVE", &[b"32 bytes: xxxxxxxxxxxxxxxxxxxxxx", b"more"]),
        and(b"GSSAPI", &[]),
        and(b"GSSAPI", &[b"\xff"]),
    ];
    for frames in 1..good.len() {
        malformed.push(good[..frames].to_vec());
    }
    for index in [1, 2, 3, 5] {
        for frame in [&long[..], &huge] {
            let mut frames = good.to_vec();
            frames[index] = frame;
            malformed.push(frames);
        }
    }
    for frames in &malformed {
        let shown: Vec<_> = frames
            .iter()
            .map(|frame| frame.escape_ascii().to_string())
            .collect();
        if frames.concat().len() < 100 {
            assert_eq!(ask(&asker, frames).0, "500", "{shown:?}");
        } else {
            assert_eq!(ask(&asker, frames).0, "500");
        }
    }
    assert_eq!(ask(&asker, &good), ("200".into(), "let in".into()));
}

#[test]
fn frames_of_255_bytes_are_read() {
    let (_context, auth, asker) = start();
    let longest = "x".repeat(255);
    auth.set_default_policy(Policy::new().decide_with(|request| {
        let mechanism = request.credentials.mechanism();
        let texts = [request.domain, request.address, mechanism];
        Identity::new(texts.map(|text| text.len().to_string()).join(" "))
    }))
    .unwrap();
    let longest = longest.as_bytes();
    let frames = [&b"1.0"[..], longest, longest, longest, longest, longest];
    assert_eq!(ask(&asker, &frames), ("200".into(), "255 255 255".into()));
}

#[test]
fn a_callback_is_told_which_address_or_process_its_client_has() {
    let (_context, auth, asker) = start();
    auth.set_default_policy(Policy::new().decide_with(|request| {
        let peer = request.ipc_peer();
        let peer = peer.map(|peer| [peer.uid, peer.gid, peer.pid]);
        Identity::new(format!("{:?} {peer:?}", request.ip()))
    }))
    .unwrap();
    for (address, told) in [
        ("1.2.3.4", "Some(1.2.3.4) None"),
        ("localhost:1000:100:42", "None Some([1000, 100, 42])"),
        ("", "None None"),
    ] {
        assert_eq!(ask(&asker, &null(address)), ("200".into(), told.into()));
    }
}

#[test]
fn bytes_of_any_kind_are_answered() {
    let (_context, auth, asker) = start();
    auth.set_default_policy(Policy::new().plain_user("alice", "secret").curve_any())
        .unwrap();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let words: [&[u8]; 8] = [
        b"1.0",
        b"",
        b"PLAIN",
        b"CURVE",
        b"NULL",
        b"\0",
        b"\xff\xfe",
        b"alice",
    ];
    for _ in 0..3000 {
        let noise: Vec<u8> = (0..random(40)).map(|_| random(256) as u8).collect();
        let mut frames: Vec<&[u8]> = vec![b"1.0"];
        for _ in 0..random(10) {
            frames.push(if random(4) == 0 {
                &noise
            } else {
                words[random(words.len())]
            });
        }
        assert_ne!(ask(&asker, &frames).0, "300");
    }
    assert_eq!(ask(&asker, &null("::1")).0, "400");
}

#[test]
fn a_request_without_its_envelope_stops_nothing() {
    let (context, auth, asker) = start();
    auth.set_default_policy(Policy::new().allow_null()).unwrap();
    for _ in 0..300 {
        let rude = patient(context.socket(zmq::DEALER).unwrap());
        rude.connect("inproc://zeromq.zap.01").unwrap();
        rude.send("no envelope").unwrap();
        rude.send_multipart(["no", "envelope", "either"]).unwrap();
        rude.send_multipart(["", "gone before its answer"]).unwrap();
        drop(rude);
        assert_eq!(ask(&asker, &null("127.0.0.1")).0, "200");
    }
}

#[test]
fn each_mechanism_is_decided_by_its_table_and_then_by_its_callbacks() {
    let (_context, auth, asker) = start();
    let policy = Policy::new()
        .plain_user("alice", "old")
        .plain_users([("alice", "secret"), ("bob", "")])
        .plain_with(|name, password| (name == password).then(|| Identity::new("twin")))
        .gssapi_principals(["carol@REALM"])
        .gssapi_with(|principal| match principal {
            "later@REALM" => Decision::TemporaryFailure,
            "broken@REALM" => Decision::InternalError,
            _ => Decision::Deny,
        })
        .other_with(|mechanism, frames| {
            (mechanism == "TLS" && frames.len() == 2).then(|| Identity::new("tls"))
        });
    auth.set_policy("global", policy).unwrap();
    for (mechanism, credentials, expected) in [
        ("PLAIN", &["alice", "secret"][..], ("200", "alice")),
        ("PLAIN", &["alice", "old"], ("400", "")),
        ("PLAIN", &["bob", ""], ("200", "bob")),
        ("PLAIN", &["bob", "b"], ("400", "")),
        ("PLAIN", &["eve", "eve"], ("200", "twin")),
        ("PLAIN", &["alice", "alice"], ("200", "twin")),
        ("PLAIN", &["", ""], ("200", "twin")),
        ("PLAIN", &["eve", &"x".repeat(300)], ("400", "")),
        ("GSSAPI", &["carol@REALM"], ("200", "carol@REALM")),
        ("GSSAPI", &["later@REALM"], ("300", "")),
        ("GSSAPI", &["broken@REALM"], ("500", "")),
        ("GSSAPI", &["carol"], ("400", "")),
        ("TLS", &["a", "b"], ("200", "tls")),
        ("TLS", &["a"], ("400", "")),
        ("QUIC", &["a", "b"], ("400", "")),
        ("NULL", &[], ("400", "")),
        ("CURVE", &["32 bytes: xxxxxxxxxxxxxxxxxxxxxx"], ("400", "")),
    ] {
        let mut frames = null("127.0.0.1").to_vec();
        frames[5] = mechanism.as_bytes();
        frames.extend(credentials.iter().map(|frame| frame.as_bytes()));
        let (status, user) = ask(&asker, &frames);
        assert_eq!(
            (&status[..], &user[..]),
            expected,
            "{mechanism} {credentials:?}"
        );
    }
    let policy = Policy::new().gssapi_any().gssapi_with(|_| Decision::Deny);
    auth.set_policy("global", policy).unwrap();
    let mut frames = null("127.0.0.1").to_vec();
    (frames[5], _) = (b"GSSAPI", frames.push(b"any@REALM"));
    assert_eq!(ask(&asker, &frames), ("200".into(), "any@REALM".into()));
}

#[test]
fn addresses_come_before_everything_else() {
    let (_context, auth, asker) = start();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let policy = Policy::new()
        .deny_address("10.0.0.0/8")
        .decide_with(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Identity::default()
        });
    auth.set_policy("global", policy).unwrap();
    assert_eq!(ask(&asker, &null("10.1.1.1")).0, "400");
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(ask(&asker, &null("11.1.1.1")).0, "200");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_callback_that_panics_denies_its_client_and_nobody_else() {
    let (_context, auth, asker) = start();
    let policy = Policy::new().decide_with(|request| match request.address {
        "1.1.1.1" => panic!("with text"),
        "2.2.2.2" => std::panic::panic_any(Bomb),
        _ => Identity::default(),
    });
    auth.set_policy("global", policy).unwrap();
    for _ in 0..3 {
        assert_eq!(ask(&asker, &null("1.1.1.1")).0, "500");
        assert_eq!(ask(&asker, &null("2.2.2.2")).0, "500");
        assert_eq!(ask(&asker, &null("3.3.3.3")).0, "200");
    }
}

#[test]
fn a_callback_may_change_the_policies_it_belongs_to() {
    in_child("a_callback_may_change_the_policies_it_belongs_to", || {
        let (_context, auth, asker) = start();
        let auth = Arc::new(auth);
        let handle = Arc::new(OnceLock::<Weak<Authenticator>>::new());
        let given = Arc::clone(&handle);
        let policy = Policy::new().decide_with(move |_| {
            let auth = given.get().unwrap().upgrade().unwrap();
            auth.set_policy("global", Policy::new()).unwrap();
            auth.set_default_policy(Policy::new().allow_null()).unwrap();
            assert!(auth.remove_policy("global").unwrap());
            drop(auth.audit().unwrap());
            Identity::default()
        });
        handle.set(Arc::downgrade(&auth)).unwrap();
        auth.set_policy("global", policy).unwrap();
        assert_eq!(ask(&asker, &null("127.0.0.1")).0, "200");
        assert_eq!(ask(&asker, &null("127.0.0.1")).0, "200");
    });
}

/// Calls the authenticator when it is dropped.
struct Meddler(Weak<Authenticator>, Arc<Mutex<usize>>);

impl Drop for Meddler {
    fn drop(&mut self) {
        *self.1.lock().unwrap() += 1;
        if let Some(auth) = self.0.upgrade() {
            auth.set_policy("other", Policy::new()).unwrap();
        }
        panic_unless_unwinding();
    }
}

fn panic_unless_unwinding() {
    if std::thread::current().name() == Some("zmq-zap") {
        panic!("in the drop of a callback");
    }
}

#[test]
fn a_callback_whose_drop_calls_back_or_panics_stops_nothing() {
    in_child(
        "a_callback_whose_drop_calls_back_or_panics_stops_nothing",
        || {
            let (_context, auth, asker) = start();
            let auth = Arc::new(auth);
            let drops = Arc::new(Mutex::new(0));
            let meddler = || {
                let meddler = Meddler(Arc::downgrade(&auth), Arc::clone(&drops));
                Policy::new().allow_null().plain_with(move |_, _| {
                    let _ = &meddler;
                    Decision::Deny
                })
            };
            auth.set_policy("global", meddler()).unwrap();
            auth.set_policy("global", meddler()).unwrap(); // drops the first here
            assert_eq!(*drops.lock().unwrap(), 1);
            assert_eq!(ask(&asker, &null("127.0.0.1")).0, "200");
            drop(auth); // and the second on the thread
            assert_eq!(*drops.lock().unwrap(), 2);
        },
    );
}

#[test]
fn callbacks_that_panic_when_they_are_dropped_abort_nothing_and_all_are_dropped() {
    in_child(
        "callbacks_that_panic_when_they_are_dropped_abort_nothing_and_all_are_dropped",
        || {
            let (_context, auth, _asker) = start();
            let drops = Arc::new(Mutex::new(0));
            let meddler = || {
                let meddler = Meddler(Weak::new(), Arc::clone(&drops));
                Policy::new().plain_with(move |_, _| {
                    let _ = &meddler;
                    Decision::Deny
                })
            };
            for domain in ["a", "b", "c"] {
                auth.set_policy(domain, meddler()).unwrap();
            }
            auth.set_default_policy(meddler()).unwrap();
            drop(auth); // each panics on the thread
            assert_eq!(*drops.lock().unwrap(), 4);
        },
    );
}

#[test]
fn what_cannot_be_in_a_policy_is_told_and_changes_nothing() {
    let (_context, auth, asker) = start();
    auth.set_policy("global", Policy::new().allow_null())
        .unwrap();
    let long = "x".repeat(256);
    for (policy, subject) in [
        (Policy::new().allow_address("localhost"), "localhost"),
        (Policy::new().deny_address("10.0.0.0/33"), "10.0.0.0/33"),
        (Policy::new().plain_user(&long[..], "x"), &long),
        (Policy::new().plain_user("nul\0", "x"), "nul\\u{0}"),
        (Policy::new().plain_user("alice", &long), "alice"),
        (
            Policy::new().allow_address("first").allow_address("second"),
            "first",
        ),
    ] {
        let error = auth.set_policy("global", policy).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.subject(), Some(subject));
    }
    for domain in ["", "a\0b", &long] {
        let error = auth.set_policy(domain, Policy::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    auth.set_policy(&long[1..], Policy::new()).unwrap();
    assert_eq!(ask(&asker, &null("127.0.0.1")).0, "200");
}

#[test]
fn nothing_prints_a_password() {
    let policy = Policy::new().plain_user("alice", "secret");
    let shown = format!("{policy:?}");
    assert!(
        shown.contains("alice") && !shown.contains("secret"),
        "{shown}"
    );
    let credentials = Credentials::Plain {
        username: b"alice",
        password: b"secret",
    };
    let shown = format!("{credentials:?} {credentials:#?}");
    assert!(
        shown.contains("alice") && !shown.contains("secret"),
        "{shown}"
    );
}
