//! The scenarios, and the peers that they start.

mod big;
mod client;
mod descriptors;
mod hostile;
mod ipc;
mod killed;
mod link;
mod memory;
mod namespace;
mod order;
mod pushed;
mod queues;
mod signals;
mod slow;
mod sockets;
mod strangers;

use crate::Scenario;
use crate::peer::Body;

/// All scenarios, in the order of the page.
pub const ALL: &[Scenario] = &[
    killed::SCENARIO,
    pushed::SCENARIO,
    link::SCENARIO,
    queues::SCENARIO,
    slow::SCENARIO,
    sockets::SCENARIO,
    descriptors::SCENARIO,
    ipc::SCENARIO,
    big::SCENARIO,
    order::SCENARIO,
    signals::SCENARIO,
    memory::SCENARIO,
    hostile::SCENARIO,
    strangers::SCENARIO,
];

/// The peers by name.
pub(crate) const PEERS: &[(&str, Body)] = &[
    ("replier", killed::replier),
    ("puller", pushed::puller),
    ("far", link::far),
    ("near", link::near),
    ("scarce", descriptors::scarce),
    ("crowded", descriptors::crowded),
    ("full", ipc::full),
    ("forbidden", ipc::forbidden),
    ("flow", memory::flow),
    ("target", hostile::target),
];

/// The scenario of that name.
pub fn named(name: &str) -> Option<&'static Scenario> {
    ALL.iter().find(|scenario| scenario.name == name)
}
