//! Pages on what goes across single items: how the parts of ZeroMQ work together, in the order in which
//! chapter 2 of the ZeroMQ Guide teaches them. Every snippet runs.
//!
//! | page | what it is about |
//! |---|---|
//! | [`sockets`] | the four groups of calls, transports, patterns and which types go together |
//! | [`messages`] | the life of a message, copies and shared bytes, fixed buffers |
//! | [`multipart`] | messages of several frames, and the envelopes of ROUTER, REQ and REP |
//! | [`polling`] | waiting for several sockets: `poll`, `Poller`, `Reactor` |
//! | [`errors`] | what fails, what is no failure, and what ends a loop |
//! | [`signals`] | Ctrl-C: what a waiting call does, and how a program leaves |
//! | [`ending`] | linger, the order of drops, and ends that do not come |
//! | [`proxies`] | brokers and bridges; the devices of 2.x |
//! | [`threads`] | what may be shared between threads |
//! | [`pipes`] | signals between threads |
//! | [`coordination`] | starting nodes together, and stopping them |
//! | [`marks`] | high-water marks: how much waits, and what happens then |
//! | [`pubsub`] | subscriptions, late joiners, and the durable subscribers of 2.x |
//! | [`performance`] | what costs what, and what to try: forms, queues, I/O threads, builds of libzmq |
//! | [`security`] | NULL, PLAIN, CURVE and who decides; what they give, hostile peers, libzmq's known faults |
//! | [`calls`] | each call of libzmq, and those of czmq that the guide uses, in Rust |
//! | [`claims`] | where each of these statements is tested |

#[doc = include_str!("calls.md")]
pub mod calls {}
#[doc = include_str!("claims.md")]
pub mod claims {}
#[doc = include_str!("coordination.md")]
pub mod coordination {}
#[doc = include_str!("ending.md")]
pub mod ending {}
#[doc = include_str!("errors.md")]
pub mod errors {}
#[doc = include_str!("marks.md")]
pub mod marks {}
#[doc = include_str!("messages.md")]
pub mod messages {}
#[doc = include_str!("multipart.md")]
pub mod multipart {}
#[doc = include_str!("performance.md")]
pub mod performance {}
#[doc = include_str!("pipes.md")]
pub mod pipes {}
#[doc = include_str!("polling.md")]
pub mod polling {}
#[doc = include_str!("proxies.md")]
pub mod proxies {}
#[doc = include_str!("pubsub.md")]
pub mod pubsub {}
#[doc = include_str!("security.md")]
pub mod security {}
#[doc = include_str!("signals.md")]
pub mod signals {}
#[doc = include_str!("sockets.md")]
pub mod sockets {}
#[doc = include_str!("threads.md")]
pub mod threads {}
