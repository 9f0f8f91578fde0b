//! The patterns of the tour.
//!
//! Each opens its sockets in one thread, where the order of binding and connecting is plain, and
//! then sends them to the threads that use them.

mod pipeline;
mod publish;
mod queue;
mod request;

use crate::crew::{Outcome, Role};
use crate::meter::Meter;
use crate::site::Site;

/// Makes the threads of a pattern.
type Roles = for<'m> fn(&Site, &'m Meter) -> Outcome<Vec<Role<'m>>>;

/// A pattern of the tour.
#[derive(Debug)]
pub struct Pattern {
    pub name: &'static str,
    pub roles: Roles,
}

/// All of them, in the order of the tour.
pub const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "REQ/REP",
        roles: request::roles,
    },
    Pattern {
        name: "PUB/SUB",
        roles: publish::roles,
    },
    Pattern {
        name: "PUSH/PULL",
        roles: pipeline::roles,
    },
    Pattern {
        name: "ROUTER/DEALER",
        roles: queue::roles,
    },
];
