//! Options of any value on sockets of any type, which are then used: an error or not, and never an
//! abort.

use std::time::Duration;

use zmq::curve::{PublicKey, SecretKey};
use zmq::{Any, Error, ErrorKind, GssapiNameType, Mechanism, Result, Socket, SocketKind};

use super::input::Input;
use super::peers::{KINDS, context, peer_of, socket};

type Number = fn(&Socket<Any>, u64) -> Result<()>;
type Bytes = fn(&Socket<Any>, &[u8]) -> Result<()>;

/// Up to the largest that there is.
fn time(value: u64) -> Duration {
    Duration::new(value, (value >> 32) as u32 % 1_000_000_000)
}

/// Milliseconds, so that small values are small.
fn millis(value: u64) -> Duration {
    if value >> 63 == 1 {
        time(value)
    } else {
        Duration::from_millis(value)
    }
}

fn perhaps<V>(value: u64, of: impl FnOnce(u64) -> V) -> Option<V> {
    (value != u64::MAX).then(|| of(value))
}

fn flag(value: u64) -> bool {
    value & 1 != 0
}

/// With a 0 in front, 32 bits are cut off; a count keeps what is more than a C int holds.
fn count(value: u64) -> u32 {
    value as u32
}

const NUMBERS: &[Number] = &[
    |s, v| s.set_affinity(v),
    |s, v| s.set_rcvtimeo(perhaps(v, millis)),
    |s, v| s.set_sndtimeo(perhaps(v, millis)),
    |s, v| s.set_maxmsgsize(perhaps(v, |v| v)),
    |s, v| s.set_rcvhwm(count(v)),
    |s, v| s.set_sndhwm(count(v)),
    |s, v| s.set_router_mandatory(flag(v)),
    |s, v| s.set_router_handover(flag(v)),
    |s, v| s.set_probe_router(flag(v)),
    |s, v| s.set_xpub_verbose(flag(v)),
    |s, v| s.set_xpub_verboser(flag(v)),
    |s, v| s.set_xpub_nodrop(flag(v)),
    |s, v| s.set_invert_matching(flag(v)),
    |s, v| s.set_stream_notify(flag(v)),
    |s, v| s.set_req_relaxed(flag(v)),
    |s, v| s.set_req_correlate(flag(v)),
    |s, v| s.set_plain_server(flag(v)),
    |s, v| s.set_curve_server(flag(v)),
    |s, v| s.set_zap_enforce_domain(flag(v)),
    |s, v| s.set_gssapi_server(flag(v)),
    |s, v| s.set_gssapi_plaintext(flag(v)),
    |s, v| s.set_gssapi_principal_nametype(GssapiNameType::Other(v as i32)),
    |s, v| s.set_gssapi_service_principal_nametype(GssapiNameType::Other(v as i32)),
    |s, v| s.set_backlog(count(v)),
    |s, v| s.set_connect_timeout(millis(v)),
    |s, v| s.set_immediate(flag(v)),
    |s, v| s.set_ipv6(flag(v)),
    |s, v| s.set_rcvbuf(perhaps(v, count)),
    |s, v| s.set_sndbuf(perhaps(v, count)),
    |s, v| s.set_reconnect_ivl(millis(v)),
    |s, v| s.set_reconnect_ivl_max(millis(v)),
    |s, v| s.set_handshake_ivl(millis(v)),
    |s, v| s.set_heartbeat_ivl(millis(v)),
    |s, v| s.set_heartbeat_ttl(millis(v)),
    |s, v| s.set_heartbeat_timeout(millis(v)),
    |s, v| s.set_tcp_keepalive(perhaps(v, flag)),
    |s, v| s.set_tcp_keepalive_cnt(perhaps(v, count)),
    |s, v| s.set_tcp_keepalive_idle(perhaps(v, time)),
    |s, v| s.set_tcp_keepalive_intvl(perhaps(v, time)),
    |s, v| s.set_tcp_maxrt(millis(v)),
    |s, v| s.set_tos(v as u8),
    |s, v| s.set_rate(count(v)),
    |s, v| s.set_recovery_ivl(millis(v)),
    |s, v| s.set_multicast_hops(count(v)),
    |s, v| s.set_multicast_maxtpdu(count(v)),
    |s, v| s.set_vmci_buffer_size(v),
    |s, v| s.set_vmci_buffer_min_size(v),
    |s, v| s.set_vmci_buffer_max_size(v),
    |s, v| s.set_vmci_connect_timeout(perhaps(v, millis)),
];

const BYTES: &[Bytes] = &[
    |s, b| s.set_routing_id(b),
    |s, b| s.set_xpub_welcome_msg(b),
    |s, b| s.subscribe(b),
    |s, b| s.unsubscribe(b),
    |s, b| s.set_zap_domain(&String::from_utf8_lossy(b)),
    |s, b| s.set_plain_username(credential(b).as_deref()),
    |s, b| s.set_plain_password(credential(b).as_deref()),
    |s, b| s.set_gssapi_principal(&String::from_utf8_lossy(b)),
    |s, b| s.set_gssapi_service_principal(&String::from_utf8_lossy(b)),
    |s, b| s.set_bindtodevice(&String::from_utf8_lossy(b)),
    |s, b| s.set_curve_publickey(PublicKey::from(key(b))),
    |s, b| s.set_curve_serverkey(PublicKey::from(key(b))),
    |s, b| s.set_curve_secretkey(&SecretKey::from_bytes(&key(b))),
];

fn credential(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
}

fn key(bytes: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let length = bytes.len().min(32);
    key[..length].copy_from_slice(&bytes[..length]);
    key
}

pub fn run(data: &[u8]) {
    let context = context();
    let mut input = Input::new(data);
    let kind = KINDS[input.below(KINDS.len())];
    let inproc = input.flag();
    let binder = socket(&context, kind);
    let connecter = socket(&context, peer_of(kind));
    set_some(&mut input, &binder);
    set_some(&mut input, &connecter);
    for socket in [&binder, &connecter] {
        read_all(socket);
    }
    // GSSAPI would ask the network for the names it is given.
    if [&binder, &connecter]
        .iter()
        .any(|s| s.mechanism().unwrap() == Mechanism::Gssapi)
    {
        return;
    }
    let endpoint = if inproc {
        "inproc://options"
    } else {
        "tcp://127.83.0.1:*"
    };
    if binder.bind(endpoint).is_err() {
        return;
    }
    if connecter.connect(&binder.last_endpoint().unwrap()).is_err() {
        return;
    }
    // Options that count at once, or are refused from here on.
    set_some(&mut input, &binder);
    set_some(&mut input, &connecter);
    for socket in [&connecter, &binder] {
        // Its kind of message; those of other types are refused.
        let _ = socket.try_send_multipart(["a", "b"]);
        let _ = socket.try_send("one");
    }
    // Connections are made or given up meanwhile, on another thread.
    let wait = Duration::from_millis(1);
    for socket in [&binder, &connecter] {
        if !matches!(socket.kind(), SocketKind::Pub | SocketKind::Push) {
            let _ = zmq::poll([socket.poll_in()], Some(wait)).unwrap();
            while let Ok(Some(_)) = socket.try_recv_multipart() {}
        }
    }
}

/// A byte says how many.
fn set_some(input: &mut Input<'_>, socket: &Socket<Any>) {
    for _ in 0..input.below(8) {
        let which = input.below(NUMBERS.len() + BYTES.len());
        let result = match NUMBERS.get(which) {
            Some(set) => set(socket, input.number()),
            None => BYTES[which - NUMBERS.len()](socket, input.bytes()),
        };
        if let Err(error) = result {
            check(&error);
        }
    }
}

fn check(error: &Error) {
    assert_eq!(error.call(), "zmq_setsockopt", "{error}");
    assert!(!error.to_string().contains('\0'), "{error}");
    assert_ne!(error.kind(), ErrorKind::Terminated, "{error}");
}

/// What was set can be read.
fn read_all(socket: &Socket<Any>) {
    socket.linger().unwrap();
    socket.rcvhwm().unwrap();
    socket.rcvtimeo().unwrap();
    socket.maxmsgsize().unwrap();
    socket.heartbeat_ttl().unwrap();
    socket.tcp_keepalive_idle().unwrap();
    socket.zap_domain().unwrap();
    socket.plain_username().unwrap();
    socket.routing_id().unwrap();
    socket.bindtodevice().unwrap();
}
