//! What is too long, too many or not allowed here, and would make libzmq end the process: the hazards
//! from F24 on of ARCHITECTURE.md.

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use common::{LONG, bound, in_child, limit_descriptors, patient, peer_of};
use zmq::auth::{Authenticator, Policy};
use zmq::{
    CanSubscribe, Capability, Context, ErrorKind, Message, MonitorEvents, Proxy, Socket,
    SocketKind, Subscription,
};

// ---- F24: long topics ----------------------------------------------------------------------------

const LONGEST: usize = Subscription::MAX_TOPIC;

fn refuses_long_topics<T: CanSubscribe>(subscriber: &Socket<T>) {
    for length in [LONGEST + 1, 1 << 20] {
        let topic = vec![b'a'; length];
        for error in [subscriber.subscribe(&topic), subscriber.unsubscribe(&topic)] {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
}

/// A frame that an XSUB takes for a subscription, or for the end of one.
fn frame(first: u8, topic: usize) -> Message {
    let mut bytes = vec![b'a'; topic + 1];
    bytes[0] = first;
    bytes.into()
}

#[test]
fn a_topic_that_would_overflow_the_stack_is_refused() {
    in_child("a_topic_that_would_overflow_the_stack_is_refused", || {
        let context = Context::new().unwrap();
        refuses_long_topics(&bound(&context, zmq::SUB, "inproc://sub"));
        let upstream = bound(&context, zmq::XSUB, "inproc://xsub");
        refuses_long_topics(&upstream);
        refuses_long_topics(&context.socket(zmq::SUB).unwrap().into_any());
        let publisher = peer_of(&upstream, zmq::XPUB);

        for first in [0, 1] {
            let refused = upstream.send(frame(first, 1 << 20)).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput);
            assert_eq!(refused.message.len(), (1 << 20) + 1, "it comes back");
            assert!(upstream.try_send(frame(first, LONGEST + 1)).is_err());
            let parts = [Message::from("in any part"), frame(first, 1 << 20)];
            assert!(upstream.send_multipart(parts).is_err());
            assert!(
                upstream
                    .send_more("in")
                    .send(frame(first, 1 << 20))
                    .is_err()
            );
            let tuple = ("in", "any", frame(first, 1 << 20));
            assert!(upstream.send_multipart(tuple).is_err());
        }
        let upstream = upstream.into_any();
        assert!(upstream.send(frame(1, 1 << 20)).is_err());
        upstream.send(frame(2, 1 << 20)).unwrap(); // no subscription
        assert_eq!(publisher.recv().unwrap().len(), (1 << 20) + 1);
        upstream.send(frame(1, LONGEST)).unwrap();
        let subscription = publisher.recv_subscription().unwrap();
        assert_eq!(subscription.topic(), [b'a'; LONGEST]);
        publisher.send(&vec![b'a'; LONGEST]).unwrap();
        assert_eq!(upstream.recv().unwrap().len(), LONGEST);
    });
}

/// A subscriber over tcp that asks for a topic of this length.
fn stranger(endpoint: &str, topic: usize) -> TcpStream {
    let mut stream = TcpStream::connect(endpoint.trim_start_matches("tcp://")).unwrap();
    let mut greeting = [0; 64];
    (greeting[0], greeting[9], greeting[10]) = (0xff, 0x7f, 3);
    greeting[12..16].copy_from_slice(b"NULL");
    stream.write_all(&greeting).unwrap();
    stream.read_exact(&mut greeting).unwrap();
    let ready = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB";
    stream.write_all(ready).unwrap();
    let body = frame(1, topic);
    stream.write_all(&[2]).unwrap();
    stream
        .write_all(&(body.len() as u64).to_be_bytes())
        .unwrap();
    stream.write_all(&body).unwrap();
    stream
}

#[test]
fn a_subscriber_with_a_long_topic_does_not_end_a_proxy() {
    in_child(
        "a_subscriber_with_a_long_topic_does_not_end_a_proxy",
        || {
            let context = Context::new().unwrap();
            let front = bound(&context, zmq::XPUB, "tcp://127.0.0.1:*");
            let back = bound(&context, zmq::XSUB, "inproc://publishers");
            let endpoint = front.last_endpoint().unwrap();
            let publisher = peer_of(&back, zmq::XPUB);
            let subscriber = peer_of(&front, zmq::SUB);
            let proxy = Proxy::new(front, back).spawn().unwrap();

            let stranger = stranger(&endpoint, 1 << 20);
            let undeliverable = |wanted: u64| {
                let start = std::time::Instant::now();
                while proxy.statistics().unwrap().undeliverable.messages < wanted {
                    assert!(start.elapsed() < LONG);
                    std::thread::yield_now();
                }
            };
            undeliverable(1);
            drop(stranger);
            undeliverable(2); // the end of its subscription

            subscriber.subscribe("news").unwrap();
            assert!(publisher.recv_subscription().unwrap().is_subscribe());
            publisher.send("news").unwrap();
            assert_eq!(subscriber.recv().unwrap(), "news");
            proxy.terminate().unwrap();
        },
    );
}

// ---- F25: WebSockets -------------------------------------------------------------------------------

/// Asks for a WebSocket with this protocol, and sends a message as soon as it is let in.
fn visitor(endpoint: &str, protocol: &str) -> TcpStream {
    let address = endpoint.trim_start_matches("ws://");
    let address = address.split('/').next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Protocol: {protocol}\r\n\r\n"
    );
    // Its routing id, none, and a message, each masked with zeros. All at once: it may be sent away at any
    // moment.
    let frames = b"\x82\x81\0\0\0\0\0\x82\x83\0\0\0\0\0hi";
    stream
        .write_all(&[request.as_bytes(), frames].concat())
        .unwrap();
    stream
}

/// The client chooses the protocol, and with the one that has no handshake nobody is asked.
#[test]
fn nobody_comes_past_the_authenticator_over_a_websocket() {
    if !zmq::has(Capability::Ws) {
        return;
    }
    let context = Context::new().unwrap();
    let auth = Authenticator::start(&context).unwrap();
    auth.set_policy("global", Policy::new()).unwrap(); // which lets nobody in
    let server = patient(context.socket(zmq::PULL).unwrap());
    auth.protect(&server, "global").unwrap();
    for endpoint in ["ws://127.0.0.1:*", "wss://127.0.0.1:*"] {
        let error = server.bind(endpoint).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol);
        assert_eq!(error.subject(), Some(endpoint));
        assert!(server.connect("ws://127.0.0.1:1").is_err());
    }
    // With a mechanism there is no such protocol: this one goes unheard, and the next does not.
    zmq::plain::ServerConfig::new().apply(&server).unwrap();
    server.bind("ws://127.0.0.1:*").unwrap();
    let endpoint = server.last_endpoint().unwrap();
    let mut stranger = visitor(&endpoint, "ZWS2.0");
    stranger.set_read_timeout(Some(LONG)).unwrap();
    let _ = stranger.read(&mut [0; 1]); // it is sent away
    auth.set_policy("global", Policy::new().plain_user("alice", "secret"))
        .unwrap();
    let client = patient(context.socket(zmq::PUSH).unwrap());
    zmq::plain::ClientConfig::new("alice", "secret")
        .apply(&client)
        .unwrap();
    client.connect(&endpoint).unwrap();
    client.send("hello").unwrap();
    assert_eq!(server.recv().unwrap(), "hello");
}

#[test]
fn a_websocket_with_a_long_path_or_with_gssapi_does_not_abort() {
    in_child(
        "a_websocket_with_a_long_path_or_with_gssapi_does_not_abort",
        || {
            if !zmq::has(Capability::Ws) {
                return;
            }
            let context = Context::new().unwrap();
            let server = bound(&context, zmq::PULL, "ws://127.0.0.1:*");
            let endpoint = server.last_endpoint().unwrap();
            let client = context.socket(zmq::PUSH).unwrap();
            let path = "a".repeat(8192);
            let error = client.connect(&format!("{endpoint}{path}")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            // The longest that is taken makes a request that libzmq has room for.
            let monitor = client.monitor(MonitorEvents::HANDSHAKE_SUCCEEDED).unwrap();
            let path = &path[..4096 - endpoint.len()];
            client.connect(&format!("{endpoint}{path}")).unwrap();
            monitor.recv_timeout(LONG).unwrap().unwrap();
            if zmq::has(Capability::Gssapi) {
                let client = context.socket(zmq::PUSH).unwrap();
                client.set_gssapi_server(false).unwrap();
                let error = client.connect(&endpoint).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol);
            }
        },
    );
}

// ---- F26: multicast --------------------------------------------------------------------------------

#[test]
fn multicast_that_would_abort_the_process_is_refused() {
    in_child("multicast_that_would_abort_the_process_is_refused", || {
        let context = Context::new().unwrap();
        for (endpoint, capability) in [
            ("epgm://127.0.0.1;239.192.1.1:5566", Capability::Pgm),
            ("pgm://127.0.0.1;239.192.1.1:5566", Capability::Pgm),
            ("norm://", Capability::Norm),
            ("norm://nowhere", Capability::Norm),
            ("norm://nowhere;239.192.1.1:5566", Capability::Norm),
        ] {
            let publisher = context.socket(zmq::PUB).unwrap();
            publisher.set_linger(common::NO_TIME).unwrap();
            publisher.set_multicast_maxtpdu(1).unwrap();
            for result in [publisher.bind(endpoint), publisher.connect(endpoint)] {
                let error = result.unwrap_err();
                assert_eq!(error.subject(), Some(endpoint));
                let expected = match zmq::has(capability) {
                    _ if endpoint == "norm://" => ErrorKind::InvalidInput,
                    true => ErrorKind::NotSupported,
                    false => ErrorKind::MissingCapability(capability),
                };
                assert_eq!(error.kind(), expected);
            }
        }
    });
}

// ---- F27: what a context's threads need ----------------------------------------------------------

fn start(context: &Context) -> zmq::Result<()> {
    let socket = context.socket(zmq::PULL)?;
    socket.bind("tcp://127.0.0.1:*")
}

#[cfg(unix)]
#[test]
fn without_descriptors_a_context_starts_with_an_error_and_no_abort() {
    in_child(
        "without_descriptors_a_context_starts_with_an_error_and_no_abort",
        || {
            const ENOUGH: u64 = 16;
            let mut refused = 0;
            for free in 0..=ENOUGH {
                limit_descriptors(256);
                let context = Context::new().unwrap();
                let lowest = std::fs::File::open("/dev/null").unwrap();
                let lowest = std::os::fd::AsRawFd::as_raw_fd(&lowest).unsigned_abs();
                limit_descriptors(u64::from(lowest) + free);
                match start(&context) {
                    Ok(()) => assert!(free > 4, "{free} are not enough"),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::TooManyOpen, "{error}");
                        assert!(free < ENOUGH, "{free} are enough");
                        refused += 1;
                    }
                }
            }
            assert!(refused > 4);

            limit_descriptors(256);
            let context = Context::new().unwrap();
            context.set_io_threads(1000).unwrap();
            assert_eq!(start(&context).unwrap_err().kind(), ErrorKind::TooManyOpen);
            context.set_io_threads(i32::MAX as u32).unwrap();
            assert_eq!(start(&context).unwrap_err().kind(), ErrorKind::TooManyOpen);
            context.set_io_threads(2).unwrap();
            start(&context).unwrap();
        },
    );
}

/// Makes this process, which is the test's own, one of a user without privileges, for whom the limit of
/// processes counts.
#[cfg(target_os = "linux")]
fn without_privileges() {
    // SAFETY: numbers only; it fails where they are not to be had, as for whoever has none.
    unsafe { libc::setgid(65534) };
    // SAFETY: as above.
    unsafe { libc::setuid(65534) };
}

#[cfg(target_os = "linux")]
#[test]
fn without_threads_a_context_starts_with_an_error_and_no_abort() {
    in_child(
        "without_threads_a_context_starts_with_an_error_and_no_abort",
        || {
            let context = Context::new().unwrap();
            without_privileges();
            let none = libc::rlimit {
                rlim_cur: 0,
                rlim_max: 0,
            };
            // SAFETY: `none` is readable.
            let set = unsafe { libc::setrlimit(libc::RLIMIT_NPROC, &raw const none) };
            assert_eq!(set, 0);
            let error = start(&context).unwrap_err();
            assert_eq!(error.errno(), libc::EAGAIN);
            assert!(error.to_string().contains("threads"), "{error}");
        },
    );
}

#[cfg(target_os = "linux")]
#[test]
fn threads_that_may_not_run_as_told_are_an_error_and_no_abort() {
    in_child(
        "threads_that_may_not_run_as_told_are_an_error_and_no_abort",
        || {
            let refuses = |option, prepare: fn(&Context) -> zmq::Result<()>| {
                let context = Context::new().unwrap();
                prepare(&context).unwrap();
                let error = start(&context).unwrap_err();
                assert_eq!(error.subject(), Some(option), "{error}");
                assert!(matches!(
                    error.kind(),
                    ErrorKind::InvalidInput | ErrorKind::PermissionDenied
                ));
            };
            const AFFINITY: &str = "ZMQ_THREAD_AFFINITY_CPU_ADD";
            refuses(AFFINITY, |context| context.add_thread_affinity_cpu(1000));
            refuses(AFFINITY, |context| context.add_thread_affinity_cpu(1024));
            refuses(AFFINITY, |context| {
                context.add_thread_affinity_cpu(i32::MAX as u32)
            });
            const POLICY: &str = "ZMQ_THREAD_SCHED_POLICY";
            refuses(POLICY, |context| context.set_thread_sched_policy(77));
            refuses(POLICY, |context| {
                context.set_thread_sched_policy(libc::SCHED_FIFO)
            });
            refuses(POLICY, |context| {
                context.set_thread_priority(100)?;
                context.set_thread_sched_policy(libc::SCHED_RR)
            });
            without_privileges();
            refuses(POLICY, |context| {
                context.set_thread_priority(50)?;
                context.set_thread_sched_policy(libc::SCHED_RR)
            });
            refuses("ZMQ_THREAD_PRIORITY", |context| {
                context.set_thread_priority(1)
            });

            let context = Context::new().unwrap();
            context.set_thread_sched_policy(libc::SCHED_OTHER).unwrap();
            context.add_thread_affinity_cpu(1000).unwrap();
            context.remove_thread_affinity_cpu(1000).unwrap();
            // SAFETY: no precondition.
            let here = unsafe { libc::sched_getcpu() };
            context.add_thread_affinity_cpu(here as u32).unwrap();
            start(&context).unwrap();
        },
    );
}

/// A thread that is tried must not take a signal from the one that waits for it.
#[cfg(unix)]
#[test]
fn a_context_that_starts_leaves_signals_as_they_were() {
    fn blocked() -> Vec<bool> {
        let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: the null pointer asks for no change; `set` is writable.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), set.as_mut_ptr()) };
        // SAFETY: written by the call, which fails on an unknown first argument only.
        let set = unsafe { set.assume_init() };
        // SAFETY: `set` is a set, and these are signals.
        (1..32)
            .map(|signal| unsafe { libc::sigismember(&raw const set, signal) } == 1)
            .collect()
    }
    let before = blocked();
    start(&Context::new().unwrap()).unwrap();
    assert_eq!(blocked(), before);
}

// ---- endpoints and answers that are not what they should be ----------------------------------------

#[test]
fn odd_endpoints_may_fail_but_nothing_aborts() {
    in_child("odd_endpoints_may_fail_but_nothing_aborts", || {
        let folder = tempfile::tempdir().unwrap();
        let long = "a".repeat(300);
        let ipc = |path: &str| format!("ipc://{}/{path}", folder.path().display());
        let binds = [
            ipc(&long),
            ipc("a\nb"),
            ipc(""),
            "ipc://@".into(),
            format!("ipc://@{}", folder.path().display()),
            format!("inproc://{long}{long}{long}{long}"),
            "inproc:// ".into(),
            "tcp://lo:*".into(),
            "tcp://nowhere:*".into(),
            "tcp://[::1]:*".into(),
            "tcp://[::1%lo]:*".into(),
            "tcp://[fe80::1%nowhere]:*".into(),
            "tcp://[:*".into(),
            "tcp://]:*".into(),
            "tcp://127.0.0.1:*;127.0.0.1:*".into(),
            "ws://127.0.0.1:*/a/b c".into(),
            "ws://lo:*".into(),
            "ws://[::1]:*/".into(),
            "tipc://{5560,0,0}".into(),
            "tipc://<1.2.3:4>".into(),
            "tipc://".into(),
            "udp://127.0.0.1:*".into(),
        ];
        let connects = [
            ipc(&long),
            ipc("nobody"),
            ipc(""),
            "ipc://@".into(),
            "ipc://@nobody".into(),
            "tcp://127.0.0.1:0".into(),
            "tcp://0.0.0.0:1".into(),
            "tcp://[::1]:1".into(),
            "tcp://[::1%nowhere]:1".into(),
            "tcp://127.0.0.1:0;127.0.0.1:1".into(),
            "tcp://lo:0;127.0.0.1:1".into(),
            "tcp://nowhere:0;127.0.0.1:1".into(),
            "tcp://[::1]:0;127.0.0.1:1".into(),
            "ws://127.0.0.1:1/a/b c".into(),
            "ws://[::1]:1".into(),
            "tipc://<*>".into(),
            "tipc://{1,2,3}@1.2.3".into(),
            "tipc://{5560,0}".into(),
            "udp://127.0.0.1:1".into(),
        ];
        let context = Context::new().unwrap();
        let mut sockets = Vec::new();
        for kind in [
            SocketKind::Pub,
            SocketKind::Sub,
            SocketKind::Router,
            SocketKind::Stream,
            SocketKind::Pair,
            SocketKind::Req,
        ] {
            for ipv6 in [false, true] {
                let socket = context.socket_of(kind).unwrap();
                socket.set_linger(common::NO_TIME).unwrap();
                socket.set_ipv6(ipv6).unwrap();
                for endpoint in &binds {
                    if socket.bind(endpoint).is_ok() {
                        let _ = socket.last_endpoint();
                    }
                }
                for endpoint in &connects {
                    let _ = socket.connect(endpoint);
                }
                sockets.push(socket);
            }
        }
        // Connections are tried meanwhile, and again.
        let idle = context.socket(zmq::PULL).unwrap();
        idle.set_rcvtimeo(Some(Duration::from_millis(300))).unwrap();
        assert_eq!(idle.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
        for socket in &sockets {
            for endpoint in binds.iter().chain(&connects) {
                let _ = (socket.unbind(endpoint), socket.disconnect(endpoint));
            }
        }
    });
}

#[test]
fn a_handler_that_answers_nonsense_aborts_nothing() {
    in_child("a_handler_that_answers_nonsense_aborts_nothing", || {
        let context = Context::new().unwrap();
        let mut handler = bound(&context, zmq::REP, "inproc://zeromq.zap.01");
        let server = patient(context.socket(zmq::PULL).unwrap());
        server.set_plain_server(true).unwrap();
        server.bind("tcp://127.0.0.1:*").unwrap();
        let endpoint = server.last_endpoint().unwrap();
        // Each answer is for a client of its own: some do not come again.
        let client = || {
            let client = context.socket(zmq::PUSH).unwrap();
            client.set_linger(common::NO_TIME).unwrap();
            client.set_plain_username(Some("alice")).unwrap();
            client.connect(&endpoint).unwrap();
            client
        };

        let good = ["1.0", "1", "200", "OK", "alice", ""];
        let mut answers: Vec<Vec<Vec<u8>>> = Vec::new();
        for length in [0, 1, 3, 5] {
            answers.push(
                good[..length.max(1)]
                    .iter()
                    .map(|&frame| frame.into())
                    .collect(),
            );
        }
        for (frame, nonsense) in [
            (0, &b"2.0"[..]),
            (1, b"another"),
            (2, b""),
            (2, b"20"),
            (2, b"2000"),
            (2, b"100"),
            (2, b"600"),
            (2, b"2\0\0"),
            (5, b"\xff"),
            (5, b"\x01a\xff\xff\xff\xff"),
            (5, b"\x01a\0\0\0\x09short"),
            (5, b"\0\0\0\0\0"),
        ] {
            let mut answer: Vec<Vec<u8>> = good.iter().map(|&frame| frame.into()).collect();
            answer[frame] = nonsense.into();
            answers.push(answer);
        }
        answers.push(vec![b"1.0".into(); 100]);
        answers.push(vec![vec![0xff; 1 << 20]; 6]);
        for answer in answers {
            let _client = client();
            let request = handler.next_request().unwrap();
            request.reply_multipart(answer).unwrap();
        }
        let client = patient(client());
        client.try_send("let in at last").unwrap();
        loop {
            let items = [handler.poll_in(), server.poll_in()];
            let [asked, heard] = zmq::poll(items, Some(LONG)).unwrap();
            if heard.is_readable() {
                break;
            }
            assert!(asked.is_readable(), "nobody asks any more");
            let request = handler.next_request().unwrap();
            request.reply_multipart(good).unwrap();
        }
        assert_eq!(server.recv().unwrap(), "let in at last");
    });
}
