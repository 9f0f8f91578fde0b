//! RFC 27: whom a server asks, and what becomes of a client about whom the answer is no answer.

use std::time::Duration;

use zmq::curve::{self, KeyPair};
use zmq::{
    AuthStatus, Capability, Context, EventKind, Monitor, MonitorEvents, Multipart, ProtocolError,
    Pull, Push, Rep, Socket, plain,
};

use crate::common::{LONG, NO_TIME, context_and, patient};

/// A server that asks about its clients, and what becomes of their handshakes.
struct Place {
    monitor: Monitor,
    server: Socket<Pull>,
    keys: KeyPair,
    mechanism: &'static str,
    context: Context,
}

/// One for each mechanism that this libzmq has.
fn places() -> Vec<Place> {
    let mut all = vec!["NULL", "PLAIN"];
    if zmq::has(Capability::Curve) {
        all.push("CURVE");
    }
    all.into_iter().map(Place::new).collect()
}

impl Place {
    fn new(mechanism: &'static str) -> Place {
        let (context, server) = context_and(zmq::PULL);
        let zeros = curve::SecretKey::from_bytes(&[0; 32]);
        let mut keys = KeyPair {
            public: curve::PublicKey::from_bytes([0; 32]),
            secret: zeros,
        };
        match mechanism {
            "NULL" => {
                server.set_zap_domain("d").unwrap();
                server.set_zap_enforce_domain(true).unwrap();
            }
            "PLAIN" => plain::ServerConfig::new()
                .domain("d")
                .apply(&server)
                .unwrap(),
            _ => {
                keys = KeyPair::new().unwrap();
                let config = curve::ServerConfig::new(&keys.secret).domain("d");
                config.apply(&server).unwrap();
            }
        }
        Place {
            monitor: handshakes(&server),
            server,
            keys,
            mechanism,
            context,
        }
    }

    /// The REP that is asked.
    fn handler(&self) -> Socket<Rep> {
        let handler = patient(self.context.socket(zmq::REP).unwrap());
        handler.bind("inproc://zeromq.zap.01").unwrap();
        handler
    }

    /// A client that has something to say.
    fn visit(&self) -> Socket<Push> {
        self.server.bind("tcp://127.0.0.1:*").unwrap();
        let client = patient(self.context.socket(zmq::PUSH).unwrap());
        client.set_linger(NO_TIME).unwrap();
        let own;
        match self.mechanism {
            "NULL" => {}
            "PLAIN" => {
                let config = plain::ClientConfig::new("admin", "password");
                config.apply(&client).unwrap();
            }
            _ => {
                own = KeyPair::new().unwrap();
                let config = curve::ClientConfig::new(self.keys.public, &own);
                config.apply(&client).unwrap();
            }
        }
        client
            .connect(&self.server.last_endpoint().unwrap())
            .unwrap();
        client.send("let me in").unwrap();
        client
    }

    /// Why the client has not got in.
    #[track_caller]
    fn refusal(&self) -> EventKind {
        let kind = next(&self.monitor);
        assert_ne!(kind, EventKind::HandshakeSucceeded, "{}", self.mechanism);
        assert_eq!(self.server.try_recv().unwrap(), None);
        kind
    }
}

fn handshakes(server: &Socket<Pull>) -> Monitor {
    let events = MonitorEvents::HANDSHAKE_SUCCEEDED
        | MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL
        | MonitorEvents::HANDSHAKE_FAILED_PROTOCOL
        | MonitorEvents::HANDSHAKE_FAILED_AUTH;
    server.monitor(events).unwrap()
}

fn next(monitor: &Monitor) -> EventKind {
    monitor
        .recv_timeout(LONG)
        .unwrap()
        .expect("a handshake")
        .kind
}

/// What is asked has the form of RFC 27; its id is given back.
#[track_caller]
fn asked(handler: &Socket<Rep>, mechanism: &str) -> String {
    let request = handler.recv_multipart().unwrap();
    let credentials = match mechanism {
        "NULL" => 0,
        "PLAIN" => 2,
        _ => 1,
    };
    assert_eq!(request.len(), 6 + credentials);
    assert_eq!(request[0], "1.0");
    assert_eq!(request[2], "d");
    assert_eq!(request[3], "127.0.0.1");
    assert_eq!(request[5], *mechanism);
    request[1].to_string()
}

/// A client is let in if the answer is well formed, and the frame at each index can be another one.
#[track_caller]
fn after(change: impl Fn(&mut Vec<String>)) -> Vec<EventKind> {
    let mut kinds = Vec::new();
    for place in places() {
        let handler = place.handler();
        let _client = place.visit();
        let id = asked(&handler, place.mechanism);
        let mut answer = ["1.0", &id, "200", "OK", "me", ""]
            .map(String::from)
            .to_vec();
        change(&mut answer);
        let answer: Multipart = answer.into_iter().collect();
        handler.send_multipart(answer).unwrap();
        kinds.push(next(&place.monitor));
        if kinds.last() == Some(&EventKind::HandshakeSucceeded) {
            assert_eq!(place.server.recv().unwrap().user_id(), Some("me"));
        } else {
            assert_eq!(place.server.try_recv().unwrap(), None);
        }
    }
    kinds
}

#[track_caller]
fn assert_broken(kinds: Vec<EventKind>, rule: ProtocolError) {
    for kind in kinds {
        assert!(
            matches!(kind, EventKind::HandshakeFailedProtocol { error, .. } if error == rule),
            "{kind:?}"
        );
    }
}

#[test]
fn a_client_is_let_in_by_an_answer_that_is_well_formed() {
    for kind in after(|_| {}) {
        assert_eq!(kind, EventKind::HandshakeSucceeded);
    }
}

#[test]
fn an_answer_of_another_version_lets_nobody_in() {
    let kinds = after(|answer| answer[0] = "2.0".into());
    assert_broken(kinds, ProtocolError::ZapBadVersion);
}

#[test]
fn an_answer_to_another_question_lets_nobody_in() {
    let kinds = after(|answer| answer[1].push('x'));
    assert_broken(kinds, ProtocolError::ZapBadRequestId);
}

#[test]
fn an_answer_with_a_status_that_is_none_lets_nobody_in() {
    for status in ["666", "20", "2000", ""] {
        let kinds = after(|answer| answer[2] = status.into());
        assert_broken(kinds, ProtocolError::ZapInvalidStatusCode);
    }
}

#[test]
fn an_answer_of_too_few_or_too_many_frames_lets_nobody_in() {
    let kinds = after(|answer| answer.push("more".into()));
    assert_broken(kinds, ProtocolError::ZapMalformedReply);
    let kinds = after(|answer| answer.truncate(5));
    assert_broken(kinds, ProtocolError::ZapMalformedReply);
}

#[test]
fn each_refusal_is_told_with_its_status() {
    for (code, expected) in [
        ("300", AuthStatus::Temporary),
        ("400", AuthStatus::Denied),
        ("500", AuthStatus::InternalError),
    ] {
        for kind in after(|answer| answer[2] = code.into()) {
            assert!(
                matches!(kind, EventKind::HandshakeFailedAuth { status, .. } if status == expected),
                "{kind:?}"
            );
        }
    }
}

#[test]
fn where_there_is_no_handler_nobody_is_let_in() {
    for place in places() {
        let _client = place.visit();
        let kind = place.refusal();
        assert!(
            matches!(kind, EventKind::HandshakeFailedNoDetail { .. }),
            "{kind:?}"
        );
    }
}

/// How a handler leaves a question alone.
#[derive(Clone, Copy, PartialEq)]
enum Silence {
    DoesNotListen,
    DoesNotAnswer,
    Leaves,
}

#[test]
fn a_client_about_whom_no_answer_comes_is_given_up_after_the_handshake_interval() {
    for silence in [
        Silence::DoesNotListen,
        Silence::DoesNotAnswer,
        Silence::Leaves,
    ] {
        for place in places() {
            let time = Duration::from_millis(300);
            place.server.set_handshake_ivl(time).unwrap();
            let mut handler = Some(place.handler());
            let _client = place.visit();
            if silence != Silence::DoesNotListen {
                asked(handler.as_ref().unwrap(), place.mechanism);
            }
            if silence == Silence::Leaves {
                handler = None;
            }
            let kind = place.refusal();
            assert!(
                matches!(kind, EventKind::HandshakeFailedNoDetail { .. }),
                "{kind:?}"
            );
            drop(handler);
        }
    }
}

// ---- NULL ------------------------------------------------------------------------------------------

#[test]
fn without_a_domain_no_handler_is_asked_about_a_client_of_null() {
    let place = Place::new("NULL");
    let handler = place.handler();
    let open = patient(place.context.socket(zmq::PULL).unwrap());
    open.bind("tcp://127.0.0.1:*").unwrap();
    let client = patient(place.context.socket(zmq::PUSH).unwrap());
    client.connect(&open.last_endpoint().unwrap()).unwrap();
    client.send("in").unwrap();
    assert_eq!(open.recv().unwrap(), "in");
    assert!(handler.try_recv_multipart().unwrap().is_none());
}

#[test]
fn a_domain_that_is_not_enforced_is_open_where_there_is_no_handler() {
    let (context, server) = context_and(zmq::PULL);
    server.set_zap_domain("d").unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    let client = patient(context.socket(zmq::PUSH).unwrap());
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    client.send("in").unwrap();
    assert_eq!(server.recv().unwrap(), "in");
}
