//! Whatever values options are given, connections made with them may fail, but nothing aborts.

mod common;

use std::time::Duration;

use common::{endpoint, in_child};
use zmq::curve::SecretKey;
use zmq::{Context, Dealer, ErrorKind, Result, Socket};

const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

fn keepalive(socket: &Socket<Dealer>) -> Result<()> {
    socket.set_tcp_keepalive(Some(true))
}

type Set = fn(&Socket<Dealer>) -> Result<()>;

const SETTINGS: &[Set] = &[
    |s| keepalive(s).and_then(|()| s.set_tcp_keepalive_cnt(Some(1_000_000))),
    |s| keepalive(s).and_then(|()| s.set_tcp_keepalive_cnt(Some(0))),
    |s| keepalive(s).and_then(|()| s.set_tcp_keepalive_idle(Some(LONGEST))),
    |s| keepalive(s).and_then(|()| s.set_tcp_keepalive_idle(Some(Duration::ZERO))),
    |s| keepalive(s).and_then(|()| s.set_tcp_keepalive_intvl(Some(LONGEST))),
    |s| keepalive(s).and_then(|()| s.set_tcp_keepalive_intvl(Some(Duration::ZERO))),
    |s| s.set_tcp_maxrt(LONGEST),
    |s| s.set_tos(u8::MAX),
    |s| s.set_sndbuf(Some(i32::MAX as u32)),
    |s| s.set_sndbuf(Some(0)),
    |s| s.set_rcvbuf(Some(i32::MAX as u32)),
    |s| s.set_rcvbuf(Some(0)),
    |s| s.set_bindtodevice("no-such-device"),
    |s| s.set_backlog(0),
    |s| s.set_backlog(i32::MAX as u32),
    |s| s.set_maxmsgsize(Some(0)),
    |s| s.set_sndhwm(i32::MAX as u32),
    |s| s.set_rcvhwm(i32::MAX as u32),
    |s| s.set_affinity(1 << 63),
    |s| s.set_heartbeat_ivl(Duration::from_millis(1)),
    |s| {
        s.set_heartbeat_ivl(Duration::from_millis(1))?;
        s.set_heartbeat_timeout(Duration::from_millis(1))?;
        s.set_heartbeat_ttl(Duration::from_millis(100))
    },
    |s| {
        s.set_heartbeat_ivl(LONGEST)?;
        s.set_heartbeat_timeout(LONGEST)?;
        s.set_heartbeat_ttl(Duration::from_millis(6_553_500))
    },
    |s| s.set_handshake_ivl(Duration::from_millis(1)),
    |s| s.set_handshake_ivl(LONGEST),
    |s| s.set_handshake_ivl(Duration::ZERO),
    |s| s.set_connect_timeout(LONGEST),
    |s| s.set_connect_timeout(Duration::from_millis(1)),
    |s| s.set_reconnect_ivl(LONGEST),
    |s| {
        s.set_reconnect_ivl(Duration::from_millis(1))?;
        s.set_reconnect_ivl_max(LONGEST)
    },
    |s| {
        s.set_plain_server(true)?;
        s.set_plain_username(Some("both"))
    },
    |s| s.set_plain_password(Some("no name")),
    |s| s.set_zap_domain("nobody answers"),
    |s| s.set_curve_server(true), // without keys
    |s| s.set_curve_serverkey([0; 32].into()),
    |s| {
        s.set_curve_serverkey([1; 32].into())?;
        s.set_curve_publickey([0; 32].into())?;
        s.set_curve_secretkey(&SecretKey::from_bytes(&[0; 32]))
    },
    |s| s.set_ipv6(true),
    |s| s.set_immediate(true),
    |s| s.set_probe_router(true),
    |s| s.set_routing_id([1; 255]),
];

/// Makes connections with each setting on either side, and lets them be for a while.
fn connect_with(wildcard: &str, settings: &[Set]) {
    let context = Context::new().unwrap();
    let open = || {
        let socket = context.socket(zmq::DEALER).unwrap();
        socket.set_linger(Some(Duration::ZERO)).unwrap();
        socket
    };
    let mut sockets = Vec::new();
    for set in settings {
        for binder_has_it in [true, false] {
            let (binder, connecter) = (open(), open());
            for socket in [&binder, &connecter] {
                socket.set_ipv6(wildcard.contains('[')).unwrap();
            }
            // What this libzmq or this system lacks is refused, which is as good.
            let _ = set(if binder_has_it { &binder } else { &connecter });
            let endpoint = match wildcard {
                "inproc://extreme" => format!("{wildcard}-{}", sockets.len()),
                wildcard => endpoint(wildcard),
            };
            if binder.bind(&endpoint).is_ok() {
                let _ = connecter.connect(&binder.last_endpoint().unwrap());
                let _ = connecter.try_send("to be received or not");
                let _ = connecter.try_send(vec![7; 1000]); // with a head of 9 bytes
            }
            sockets.push([binder, connecter]);
        }
    }
    // Handshakes, heartbeats and reconnections take place meanwhile.
    let idle = open();
    idle.set_rcvtimeo(Some(Duration::from_millis(300))).unwrap();
    assert_eq!(idle.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    for [binder, connecter] in &sockets {
        let _ = (binder.try_recv_multipart(), connecter.try_recv_multipart());
    }
}

#[test]
fn connections_with_extreme_options_may_fail_but_nothing_aborts() {
    in_child(
        "connections_with_extreme_options_may_fail_but_nothing_aborts",
        || {
            // Where this machine has no IPv6, those binds fail.
            let wildcards = [
                "tcp://127.0.0.1:*",
                "tcp://[::1]:*",
                "ipc://*",
                "inproc://extreme",
            ];
            for wildcard in wildcards {
                connect_with(wildcard, SETTINGS);
            }
        },
    );
}

#[cfg(feature = "draft")]
#[test]
fn extreme_options_of_the_draft_api_abort_nothing() {
    in_child("extreme_options_of_the_draft_api_abort_nothing", || {
        const DRAFT: &[Set] = &[
            |s| s.set_in_batch_size(1),
            |s| s.set_in_batch_size(9),
            |s| s.set_in_batch_size(1 << 28),
            |s| s.set_out_batch_size(1),
            |s| s.set_out_batch_size(1 << 28),
            |s| s.set_busy_poll(true),
            |s| s.set_priority(6),
            |s| s.set_hiccup_msg(&[7; 100_000]),
        ];
        for wildcard in ["tcp://127.0.0.1:*", "ipc://*", "inproc://extreme"] {
            connect_with(wildcard, DRAFT);
        }
    });
}
