//! What the header declares, the same on every platform. `build/generate.rs` makes it.

#![allow(
    missing_docs,
    reason = "the manual pages document these, zmq_msg_send(3) and so on"
)]
#![allow(non_camel_case_types, reason = "the names are those of C")]

use crate::platform::{iovec, zmq_fd_t, zmq_msg_t};

#[cfg(not(feature = "bindgen"))]
include!("stable.rs");
#[cfg(all(feature = "draft", not(feature = "bindgen")))]
include!("draft.rs");

#[cfg(feature = "bindgen")]
include!(concat!(env!("OUT_DIR"), "/stable.rs"));
#[cfg(all(feature = "draft", feature = "bindgen"))]
include!(concat!(env!("OUT_DIR"), "/draft.rs"));
