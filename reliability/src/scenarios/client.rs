//! A client that repeats its request until it is answered (the guide's lazy pirate).

use std::time::{Duration, Instant};

use zmq::{Context, ErrorKind, Req, Socket};

use crate::peer::patient;
use crate::{LONG, Result, ensure};

/// A REQ that may be asked again, after `retry`.
pub(super) fn requester(context: &Context, retry: Duration) -> Result<Socket<Req>> {
    let client = patient(context.socket(zmq::REQ)?)?;
    client.set_req_relaxed(true)?;
    client.set_req_correlate(true)?;
    client.set_rcvtimeo(Some(retry))?;
    Ok(client)
}

/// What a server answers to that request.
pub(super) fn answer_to(id: &str) -> String {
    format!("done {id}")
}

/// Asks until the answer comes, and returns how often it asked again.
pub(super) fn ask(client: &Socket<Req>, id: u64) -> Result<u64> {
    let (start, id) = (Instant::now(), id.to_string());
    for repeated in 0.. {
        ensure!(start.elapsed() < LONG, "request {id} was lost");
        // While no server is there, the send waits, too.
        client.send(&id)?;
        match client.recv() {
            Ok(answer) => {
                ensure!(answer == *answer_to(&id), "{answer} answers {id}");
                return Ok(repeated);
            }
            // Timed out, or the request was dropped along with its server.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::Dropped => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err("asked without end".into())
}
