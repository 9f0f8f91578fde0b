//! ROUTER/DEALER: a queue between clients (REQ) and workers (REP) that do not know each other.

use std::slice;

use zmq::{Dealer, Multipart, Pull, Rep, Router, Socket};

use crate::crew::{Outcome, Role};
use crate::meter::Meter;
use crate::site::{PATIENCE, Site};

const CLIENTS: usize = 2;
const WORKERS: usize = 2;
const SIZE: usize = 64;

pub(super) fn roles<'m>(site: &Site, meter: &'m Meter) -> Outcome<Vec<Role<'m>>> {
    let (frontend, front) = site.bind(zmq::ROUTER, "frontend")?;
    let (done, goodbye) = site.bind(zmq::PULL, "done")?;
    let mut roles = Vec::new();
    for _ in 0..CLIENTS {
        let mut client = site.connect(zmq::REQ, slice::from_ref(&front))?;
        let goodbye = site.connect(zmq::PUSH, slice::from_ref(&goodbye))?;
        roles.push(Role::new("client", move || {
            while meter.goes_on() {
                let reply = client.request(&[b'?'; SIZE])?.recv()?;
                meter.add(2, SIZE + reply.len());
            }
            goodbye.send("")?;
            Ok(())
        }));
    }
    let mut backs = Vec::new();
    for number in 0..WORKERS {
        let (mut worker, back) = site.bind(zmq::REP, &format!("worker-{number}"))?;
        roles.push(Role::new("worker", move || serve(&mut worker)));
        backs.push(back);
    }
    // It connects, so that it has a queue to each worker from the beginning, and takes turns.
    let backend = site.connect(zmq::DEALER, &backs)?;
    roles.push(Role::new("queue", move || {
        forward(&frontend, &backend, &done)
    }));
    Ok(roles)
}

fn serve(worker: &mut Socket<Rep>) -> Outcome {
    loop {
        let mut request = worker.next_request()?;
        let echo = request.take();
        let last = echo.byte_len() == 0;
        request.reply_multipart(echo)?;
        if last {
            return Ok(());
        }
    }
}

fn forward(frontend: &Socket<Router>, backend: &Socket<Dealer>, done: &Socket<Pull>) -> Outcome {
    let mut message = Multipart::new();
    let mut clients = CLIENTS;
    while clients > 0 {
        let items = [frontend.poll_in(), backend.poll_in(), done.poll_in()];
        let [request, reply, goodbye] = zmq::poll(items, Some(PATIENCE))?;
        if request.is_readable() {
            frontend.recv_multipart_into(&mut message)?;
            backend.send_multipart(std::mem::take(&mut message))?;
        }
        if reply.is_readable() {
            backend.recv_multipart_into(&mut message)?;
            frontend.send_multipart(std::mem::take(&mut message))?;
        }
        if goodbye.is_readable() {
            done.recv()?;
            clients -= 1;
        }
        if request.is_empty() && reply.is_empty() && goodbye.is_empty() {
            return Err("no request, no reply and no goodbye".into());
        }
    }
    // No request is under way: an empty one, in its envelope, sends each worker home.
    for _ in 0..WORKERS {
        backend.send_multipart(["", ""])?;
        backend.recv_multipart()?;
    }
    Ok(())
}
