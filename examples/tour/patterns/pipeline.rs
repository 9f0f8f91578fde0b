//! PUSH/PULL: a ventilator hands tasks to workers, and a sink collects their results.
//!
//! The ventilator tells the sink how many tasks there were, and when all results are there the
//! sink tells the workers to stop.

use std::slice;

use std::mem;

use zmq::{Message, Multipart, Pull, Push, Socket};

use crate::crew::{Outcome, Role};
use crate::meter::Meter;
use crate::site::{PATIENCE, Site};

const WORKERS: usize = 2;
const SIZE: usize = 1024;

pub(super) fn roles<'m>(site: &Site, meter: &'m Meter) -> Outcome<Vec<Role<'m>>> {
    let (sink, results) = site.bind(zmq::PULL, "sink")?;
    let mut roles = Vec::new();
    let (mut inboxes, mut controls) = (Vec::new(), Vec::new());
    for number in 0..WORKERS {
        let (tasks, inbox) = site.bind(zmq::PULL, &format!("tasks-{number}"))?;
        let (stop, control) = site.bind(zmq::PULL, &format!("stop-{number}"))?;
        let results = site.connect(zmq::PUSH, slice::from_ref(&results))?;
        roles.push(Role::new("worker", move || work(&tasks, &stop, &results)));
        inboxes.push(inbox);
        controls.push(control);
    }
    let ventilator = site.connect(zmq::PUSH, &inboxes)?;
    let total = site.connect(zmq::PUSH, slice::from_ref(&results))?;
    // It connects, so that it has a queue to each worker from the beginning, and takes turns.
    let stop = site.connect(zmq::PUSH, &controls)?;

    roles.push(Role::new("ventilator", move || {
        let task = [b'#'; SIZE];
        let mut tasks = 0_u64;
        while meter.goes_on() {
            ventilator.send(&task)?;
            tasks += 1;
        }
        total.send_multipart(["total", &tasks.to_string()])?;
        Ok(())
    }));
    roles.push(Role::new("sink", move || collect(&sink, &stop, meter)));
    Ok(roles)
}

fn work(tasks: &Socket<Pull>, stop: &Socket<Pull>, results: &Socket<Push>) -> Outcome {
    let mut task = Message::new();
    loop {
        // Waiting for two sockets is a system call, so it is done only when there is no task.
        if tasks.try_recv_message_into(&mut task)? {
            results.send(mem::take(&mut task))?; // handed on without a copy
            continue;
        }
        let [more, end] = zmq::poll([tasks.poll_in(), stop.poll_in()], Some(PATIENCE))?;
        if end.is_readable() {
            return Ok(());
        }
        if more.is_empty() {
            return Err("no task and no word of the end".into());
        }
    }
}

fn collect(sink: &Socket<Pull>, stop: &Socket<Push>, meter: &Meter) -> Outcome {
    let mut message = Multipart::new();
    let (mut results, mut total) = (0_u64, None);
    while total != Some(results) {
        sink.recv_multipart_into(&mut message)?;
        match &message[..] {
            [result] => {
                meter.add(1, result.len());
                results += 1;
            }
            [_, number] => total = Some(number.as_str()?.parse()?),
            other => return Err(format!("{} frames are no result", other.len()).into()),
        }
    }
    for _ in 0..WORKERS {
        stop.send("")?;
    }
    Ok(())
}
