//! The four sides, one function each. The clock runs from the first message that arrives.

use std::time::{Duration, Instant};

use zmq::{Message, MessageBuf, Pull, Push, Rep, Req, Socket};

use crate::Outcome;

/// Receives `count` messages; gives the time from the first to the last.
pub fn receive(pull: &Socket<Pull>, size: usize, count: u64) -> Outcome<Duration> {
    let mut message = Message::new();
    pull.recv_message_into(&mut message)?;
    let start = Instant::now();
    check(message.len(), size)?;
    for _ in 1..count {
        pull.recv_message_into(&mut message)?;
        check(message.len(), size)?;
    }
    Ok(start.elapsed())
}

/// Sends `count` messages, each made anew as C's remote_thr does.
pub fn send(push: &Socket<Push>, size: usize, count: u64) -> Outcome {
    for _ in 0..count {
        push.send(MessageBuf::zeroed(size))?;
    }
    Ok(())
}

/// Sends `count` requests back.
pub fn answer(rep: &Socket<Rep>, size: usize, count: u64) -> Outcome {
    let mut message = Message::new();
    for _ in 0..count {
        rep.recv_message_into(&mut message)?;
        check(message.len(), size)?;
        rep.send(std::mem::take(&mut message))?;
    }
    Ok(())
}

/// Sends a request and receives its reply, `count` times; gives the time of all.
pub fn ask(req: &Socket<Req>, size: usize, count: u64) -> Outcome<Duration> {
    let mut message = Message::from(MessageBuf::zeroed(size));
    let start = Instant::now();
    for _ in 0..count {
        req.send(std::mem::take(&mut message))?;
        req.recv_message_into(&mut message)?;
        check(message.len(), size)?;
    }
    Ok(start.elapsed())
}

fn check(got: usize, expected: usize) -> Outcome {
    if got == expected {
        Ok(())
    } else {
        Err(format!("a message of {got} bytes came, not {expected}").into())
    }
}
