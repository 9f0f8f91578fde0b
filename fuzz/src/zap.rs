//! Requests to the authenticator, as libzmq sends them and as it never would: each is answered, in
//! the form that libzmq wants, and so is the next one.

use std::sync::{LazyLock, Mutex, PoisonError};

use zmq::auth::{Authenticator, Credentials, Identity, Policy};
use zmq::{Context, Dealer, Multipart, Socket};

use super::input::Input;
use super::peers::{LONG, context};

struct Asked {
    dealer: Socket<Dealer>,
    _authenticator: Authenticator,
    _context: Context,
}

static ASKED: LazyLock<Mutex<Asked>> = LazyLock::new(|| {
    let context = context();
    let authenticator = Authenticator::start(&context).unwrap();
    authenticator.set_default_policy(policy()).unwrap();
    authenticator
        .set_policy("open", Policy::new().allow_null())
        .unwrap();
    let listed = policy().allow_address("127.0.0.0/8").deny_address("::1");
    authenticator.set_policy("listed", listed).unwrap();
    let dealer = context.socket(zmq::DEALER).unwrap();
    dealer.set_rcvtimeo(Some(LONG)).unwrap();
    dealer.connect("inproc://zeromq.zap.01").unwrap();
    Mutex::new(Asked {
        dealer,
        _authenticator: authenticator,
        _context: context,
    })
});

/// Looks at everything there is, so that whatever is decoded is looked at.
fn policy() -> Policy {
    Policy::new()
        .allow_null()
        .allow_ipc()
        .plain_user("alice", "secret")
        .curve_any()
        .gssapi_any()
        .other_with(|mechanism, frames| (frames.len() == mechanism.len()).then(Identity::default))
        .decide_with(|request| {
            let _ = (request.ip(), request.ipc_peer(), request.routing_id);
            let name = request.credentials.name();
            match request.credentials {
                Credentials::Null => Identity::default(),
                _ => Identity::new(name).with("Mechanism", request.credentials.mechanism()),
            }
        })
}

pub fn run(data: &[u8]) {
    let asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut input = Input::new(data);
    while !input.is_empty() {
        let frames = frames(&mut input);
        let envelope: Multipart = (0..input.below(3))
            .map(|hop| format!("hop {hop}"))
            .collect();
        let request: Multipart = frames.iter().copied().collect();
        asked.dealer.send_multipart(request.wrap(envelope)).unwrap();
        check(&asked.dealer, &frames);
    }
    // Without a delimiter there is nobody to answer.
    let bare = frames(&mut Input::new(data));
    if !bare.is_empty() && bare.iter().all(|frame| !frame.is_empty()) {
        asked.dealer.send_multipart(bare).unwrap();
    }
    let good: [&[u8]; 6] = [b"1.0", b"good", b"open", b"127.0.0.1", b"", b"NULL"];
    let request = Multipart::from(good).wrap(Multipart::new());
    asked.dealer.send_multipart(request).unwrap();
    assert_eq!(check(&asked.dealer, &good), "200");
}

/// The frames that libzmq always sends have their usual values where the input does not say
/// otherwise.
fn frames<'d>(input: &mut Input<'d>) -> Vec<&'d [u8]> {
    let usual: [&[u8]; 6] = [b"1.0", b"1", b"listed", b"127.0.0.1", b"id", b"PLAIN"];
    let count = input.below(16);
    let given = input.byte();
    (0..count)
        .map(|index| match usual.get(index) {
            Some(usual) if given & 1 << index == 0 => usual,
            _ => input.bytes(),
        })
        .collect()
}

/// The status of the reply.
fn check(dealer: &Socket<Dealer>, request: &[&[u8]]) -> String {
    let reply = dealer.recv_multipart().expect("an answer");
    let (_, reply) = reply.unwrap_envelope().expect("an envelope");
    assert_eq!(reply.len(), 6, "{reply:?}");
    assert_eq!(reply[0], "1.0");
    let id = request.get(1).copied().filter(|id| id.len() < 256);
    assert_eq!(reply[1], *id.unwrap_or_default());
    let status = reply[2].to_string();
    assert!(["200", "300", "400", "500"].contains(&&*status), "{status}");
    if status != "200" {
        assert!(reply[4].is_empty() && reply[5].is_empty(), "{reply:?}");
    } else {
        assert_eq!(request[0], b"1.0");
        assert!(request.len() >= 6);
    }
    status
}
