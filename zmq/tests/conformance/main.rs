//! What libzmq's own tests see to, as far as no other test shows it: see tests/CONFORMANCE.md.

#[path = "../common/mod.rs"]
mod common;

mod any_values;
mod contexts;
mod credentials;
mod crowd;
mod dealer;
mod descriptors;
#[cfg(feature = "draft")]
mod drafts;
mod endpoints;
mod envelopes;
mod heartbeats;
mod inproc;
mod marks;
mod messages;
mod monitors;
mod pipeline;
mod plain_bytes;
mod proxies;
mod pubsub;
mod reconnect;
mod relay;
mod rep;
mod req;
mod reqrep;
mod router;
mod router_notify;
mod scatter;
mod shutdown;
mod subscribing;
mod unbind;
mod websocket;
mod wire;
mod zap;
mod zmtp;
