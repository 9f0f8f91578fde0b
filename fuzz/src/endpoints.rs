//! Endpoints, good and bad, in programs of binds and connects: an error or not, and never an abort.
//!
//! Nothing goes beyond this machine: [`harmless`] says what reaches libzmq.

use std::net::Ipv4Addr;
use std::sync::LazyLock;

use tempfile::TempDir;
use zmq::{Any, ErrorKind, MonitorEvents, Socket};

use super::input::Input;
use super::peers::{KINDS, context, socket};

static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

pub fn run(data: &[u8]) {
    let context = context();
    let mut input = Input::new(data);
    let mut sockets: Vec<Socket<Any>> = Vec::new();
    let mut monitors = Vec::new();
    for line in input.rest().split(|&byte| byte == b'\n').take(8) {
        let mut line = Input::new(line);
        let (who, what) = (line.byte(), line.byte());
        let which = usize::from(who >> 5);
        while sockets.len() <= which.min(3) {
            sockets.push(socket(&context, KINDS[usize::from(who & 31) % KINDS.len()]));
        }
        let socket = &sockets[which.min(3)];
        let text = String::from_utf8_lossy(line.rest());
        let endpoint = match &*text {
            // What another one is bound to.
            "" => sockets[usize::from(what >> 4) % sockets.len()]
                .last_endpoint()
                .unwrap(),
            text => text.to_owned(),
        };
        let connects = matches!(what & 7, 1 | 4);
        let Some(endpoint) = harmless(&endpoint, connects) else {
            continue;
        };
        let result = match what & 7 {
            0 => socket.bind(&endpoint),
            1 => socket.connect(&endpoint),
            2 => socket.unbind(&endpoint),
            3 => socket.disconnect(&endpoint),
            4 => socket.connect_as([1 + (what >> 3)], &endpoint),
            5 => socket
                .monitor(MonitorEvents::ALL)
                .map(|monitor| monitors.push(monitor)),
            6 => socket.try_send("message").map_err(Into::into),
            _ => socket.try_recv_multipart().map(drop),
        };
        if let Err(error) = result {
            assert!(!error.to_string().is_empty());
            assert_ne!(error.kind(), ErrorKind::Terminated, "{error}");
        }
        assert!(!socket.last_endpoint().unwrap().contains('\0'));
        socket.events().unwrap();
    }
    // In an order that is not always the same.
    if data.len() % 2 == 0 {
        drop(monitors);
        drop(sockets);
    }
}

/// The endpoint as it may be given to libzmq, if it may: over tcp addresses of 127.83.0.0/16, where
/// nobody else listens, over ipc a name in a folder of our own, and all that libzmq is sure to refuse
/// before it asks the system.
fn harmless(endpoint: &str, connects: bool) -> Option<String> {
    let Some((transport, address)) = endpoint.split_once("://") else {
        return Some(endpoint.into());
    };
    match transport {
        "ipc" if matches!(address, "" | "*") => (address.is_empty()).then(|| endpoint.into()),
        "ipc" if address.starts_with(&*FOLDER.path().to_string_lossy()) => Some(endpoint.into()),
        "ipc" => {
            let name = address.replace('/', "_");
            Some(format!("ipc://{}/{name}", FOLDER.path().display()))
        }
        "tcp" | "udp" | "ws" | "wss" => {
            let ours = address.split(';').all(|part| {
                // Without a port it is refused.
                part.rsplit_once(':')
                    .is_none_or(|(host, _)| is_ours(host, connects))
            });
            ours.then(|| endpoint.into())
        }
        // Groups of machines, or of virtual ones.
        "pgm" | "epgm" | "norm" | "tipc" | "vmci" | "vsock" | "hyperv" => None,
        _ => Some(endpoint.into()),
    }
}

fn is_ours(host: &str, connects: bool) -> bool {
    let ours = host
        .parse::<Ipv4Addr>()
        .is_ok_and(|address| address.octets()[..2] == [127, 83]);
    // No address and no name of an interface or of a machine has such characters; but a name would be
    // asked for in the network.
    let cannot_be = |c: char| !c.is_ascii_alphanumeric() && !".:*%[]-_@\\".contains(c);
    ours || !connects && (matches!(host, "lo" | "[::1]" | "::1") || host.contains(cannot_be))
}
