//! PUB/SUB: a feed of three topics, two subscribers with one topic each, and nothing lost.
//!
//! A publisher drops what nobody has subscribed to yet, and what a slow subscriber has no room
//! for. So this one is an XPUB, which receives the subscriptions and waits for them, and it gets a
//! credit back for every batch, which bounds the queues instead of a high-water mark.

use std::slice;
use std::time::Duration;

use crate::crew::{Outcome, Role};
use crate::meter::Meter;
use crate::site::Site;

const TOPICS: [&str; 2] = ["market", "weather"];
const UNHEARD: &str = "gossip";
const SIZE: usize = 256;
const BATCH: u64 = 250;
/// Batches that may be on their way.
const WINDOW: usize = 4;

pub(super) fn roles<'m>(site: &Site, meter: &'m Meter) -> Outcome<Vec<Role<'m>>> {
    let publisher = site.open(zmq::XPUB)?;
    publisher.set_sndhwm(0)?; // before the bind, whose connections have the mark it finds
    let feed = site.bind_as(&publisher, "feed")?;
    let (credits, bank) = site.bind(zmq::PULL, "credits")?;
    let mut roles = Vec::new();
    for topic in TOPICS {
        let subscriber = site.open(zmq::SUB)?;
        subscriber.set_rcvhwm(0)?;
        // When the publisher goes first, the subscription waits to be sent again, in vain.
        subscriber.set_linger(Some(Duration::ZERO))?;
        subscriber.connect(&feed)?;
        subscriber.subscribe(topic)?;
        let credit = site.connect(zmq::PUSH, slice::from_ref(&bank))?;
        roles.push(Role::new("subscriber", move || {
            subscribe(&subscriber, &credit, topic, meter)
        }));
    }

    let publish = move || {
        for _ in TOPICS {
            publisher.recv()?; // a subscription
        }
        let body = [b'.'; SIZE];
        let mut batches = 0;
        while meter.goes_on() {
            for _ in 0..BATCH {
                for topic in [TOPICS[0], UNHEARD, TOPICS[1]] {
                    publisher.send_multipart((topic, &body))?;
                }
            }
            batches += 1;
            if batches > WINDOW {
                for _ in TOPICS {
                    credits.recv()?;
                }
            }
        }
        for topic in TOPICS {
            publisher.send_multipart([topic, ""])?; // the end
        }
        for _ in 0..batches.min(WINDOW) * TOPICS.len() {
            credits.recv()?;
        }
        Ok(())
    };
    roles.push(Role::new("publisher", publish));
    Ok(roles)
}

fn subscribe(
    subscriber: &zmq::Socket<zmq::Sub>,
    credit: &zmq::Socket<zmq::Push>,
    topic: &str,
    meter: &Meter,
) -> Outcome {
    let mut message = zmq::Multipart::new();
    let mut received = 0;
    loop {
        subscriber.recv_multipart_into(&mut message)?;
        if message[0] != *topic {
            return Err(format!("asked for {topic}, got {}", message[0]).into());
        }
        if message[1].is_empty() {
            break;
        }
        meter.add(1, message.byte_len());
        received += 1;
        if received % BATCH == 0 {
            credit.send("")?;
        }
    }
    // Whole batches are sent, so a remainder is a loss.
    match received % BATCH {
        0 => Ok(()),
        rest => Err(format!("{} messages of {topic} were lost", BATCH - rest).into()),
    }
}
