//! REQ/REP: a client asks a service, one request at a time, and gets its words back.

use std::slice;

use crate::crew::{Outcome, Role};
use crate::meter::Meter;
use crate::site::Site;

const SIZE: usize = 64;

pub(super) fn roles<'m>(site: &Site, meter: &'m Meter) -> Outcome<Vec<Role<'m>>> {
    let (mut service, endpoint) = site.bind(zmq::REP, "service")?;
    let mut client = site.connect(zmq::REQ, slice::from_ref(&endpoint))?;

    let serve = move || {
        loop {
            let mut request = service.next_request()?;
            let echo = request.take();
            let last = echo.byte_len() == 0; // an empty request says goodbye
            request.reply_multipart(echo)?;
            if last {
                return Ok(());
            }
        }
    };
    let ask = move || {
        while meter.goes_on() {
            let reply = client.request(&[b'?'; SIZE])?.recv()?;
            meter.add(2, SIZE + reply.len());
        }
        client.request("")?.recv()?;
        Ok(())
    };
    Ok(vec![Role::new("service", serve), Role::new("client", ask)])
}
