//! What hostile connections send.

use fastrand::Rng;

/// The bytes of a greeting.
pub(super) const GREETING: usize = 64;

fn random(rng: &mut Rng, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; rng.usize(..most)];
    rng.fill(&mut bytes);
    bytes
}

/// ZMTP 3.1 (RFC 37): signature, version, mechanism, as-server, filler.
fn greeting(mechanism: &str, minor: u8) -> Vec<u8> {
    let mut bytes = vec![0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, minor];
    bytes.extend(mechanism.as_bytes());
    bytes.resize(GREETING, 0);
    bytes
}

fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![flags, body.len() as u8];
    if body.len() > 255 {
        bytes = vec![flags | 2];
        bytes.extend((body.len() as u64).to_be_bytes());
    }
    bytes.extend(body);
    bytes
}

fn ready(rng: &mut Rng) -> Vec<u8> {
    let kinds = [
        "REQ", "REP", "DEALER", "ROUTER", "PUB", "SUB", "XPUB", "XSUB", "PUSH", "PULL", "PAIR",
    ];
    let mut body = b"\x05READY".to_vec();
    let kind = rng.choice(kinds).unwrap_or("PAIR");
    for (name, value) in [
        ("Socket-Type", kind.as_bytes()),
        ("Identity", &random(rng, 300)),
    ] {
        body.push(name.len() as u8);
        body.extend(name.as_bytes());
        body.extend((value.len() as u32).to_be_bytes());
        body.extend(value);
    }
    frame(4, &body)
}

/// The bytes of one connection: its part of the handshake, whether that is a good one, and what
/// follows.
pub(super) fn nasty(rng: &mut Rng) -> (Vec<u8>, bool, Vec<u8>) {
    let mut handshake = match rng.u8(..8) {
        // Nothing but noise.
        0 => return (random(rng, 600), false, Vec::new()),
        // The older protocols.
        1 => vec![
            0xff,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            0x7f,
            rng.u8(..4),
            rng.u8(..12),
        ],
        2 => vec![rng.u8(1..), 0],
        // Mechanisms that the target does not have.
        3 => greeting(["PLAIN", "CURVE", "GSSAPI", ""][rng.usize(..4)], 0),
        4 => greeting("NULL", rng.u8(..3)),
        // A peer like others, until here.
        _ => [greeting("NULL", rng.u8(..2)), ready(rng)].concat(),
    };
    let mut bytes = Vec::new();
    for _ in 0..rng.u8(..5) {
        match rng.u8(..6) {
            0 => bytes.extend(random(rng, 600)),
            1 => bytes.extend(ready(rng)),
            // Frames of any flags, good or bad.
            2 => bytes.extend(frame(rng.u8(..), &random(rng, 40))),
            3 => bytes.extend(frame(rng.u8(..2), &random(rng, 400))),
            // Subscriptions, and commands that heartbeats and newer peers have.
            4 => {
                let command = [
                    "\x04PING",
                    "\x04PONG",
                    "\x09SUBSCRIBE",
                    "\x06CANCEL",
                    "\x05ERROR",
                ];
                let mut body = command[rng.usize(..5)].as_bytes().to_vec();
                body.extend(random(rng, 40));
                bytes.extend(frame(4, &body));
            }
            // More than anybody has.
            _ => {
                bytes.push(2 | rng.u8(..2));
                bytes.extend((rng.u64(..) >> rng.u8(..64)).to_be_bytes());
                bytes.extend(random(rng, 100));
            }
        }
    }
    // Now and then a bit is wrong.
    let place = rng.usize(..4 * handshake.len());
    let mut is_good = handshake.len() > GREETING;
    if let Some(byte) = handshake.get_mut(place) {
        *byte ^= 1 << rng.u8(..8);
        is_good = false;
    }
    (handshake, is_good, bytes)
}
