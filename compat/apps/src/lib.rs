//! What the programs in `tests/` share: a peer in Python.

use std::process::{Child, Command};
use std::time::Duration;

/// Long enough for anything that is going to happen.
pub const LONG: Duration = Duration::from_secs(30);

/// What the programs send; the last message ends the peer.
pub fn script() -> Vec<Vec<Vec<u8>>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    vec![
        texts(&["one"]),
        texts(&["one", "", "three"]),
        vec![vec![7; 1 << 20], b"tail".to_vec()],
        texts(&["end"]),
    ]
}

/// What was sent, of what the peer sent back: the same parts the other way round.
pub fn reversed<'m>(parts: impl Iterator<Item = &'m zmq::Message>) -> Vec<Vec<u8>> {
    let mut parts: Vec<_> = parts.map(|part| part.to_vec()).collect();
    parts.reverse();
    parts
}

/// A peer that runs on pyzmq, and is not outlived by a test.
#[derive(Debug)]
pub struct Peer(Child);

impl Peer {
    /// Starts `peer.py` in a role, which connects to the endpoints. `None` without pyzmq, which is a
    /// failure where `CI` is set.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(role: &str, endpoints: &[&str]) -> Option<Peer> {
        let python = std::env::var("ZMQ_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
        let has_pyzmq = Command::new(&python)
            .args(["-c", "import zmq; zmq.zmq_version()"])
            .status()
            .is_ok_and(|status| status.success());
        if !has_pyzmq {
            assert!(std::env::var_os("CI").is_none(), "no pyzmq for {python}");
            println!("skipped: no pyzmq for {python}");
            return None;
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peer.py");
        let child = Command::new(python)
            .arg(script)
            .arg(role)
            .args(endpoints)
            .spawn()
            .expect("a peer in Python");
        Some(Peer(child))
    }

    /// Waits for the peer, which ends when it has done its part.
    ///
    /// # Panics
    /// If it failed.
    pub fn ends_well(mut self) {
        let status = self.0.wait().expect("the peer's status");
        assert!(status.success(), "the peer ended with {status}");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
