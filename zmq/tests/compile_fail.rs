//! What must not compile, and the words that say why.
//!
//! The compiler's output is that of one Rust version; `TRYBUILD=overwrite` writes it anew. The words
//! that are ours are looked for apart, so that they do not get lost in doing so.

// The cases are compiled anew, with a libzmq of their own where it is the bundled one; they say the
// same whichever it is.
#![cfg(not(feature = "vendored"))]

/// Without sockets for tasks: where there are two types of a name, rustc writes out which it means.
#[cfg(not(any(feature = "tokio", feature = "async-io")))]
#[test]
fn misuse_does_not_compile_and_says_why() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[cfg(all(unix, feature = "tokio"))]
#[test]
fn misuse_by_tasks_does_not_compile_and_says_why() {
    trybuild::TestCases::new().compile_fail("tests/ui_async/*.rs");
}

/// Words of ours that the compiler shows for each case.
macro_rules! our_words {
    ($module:ident, $folder:literal: $($case:ident: $($words:literal),+;)*) => {
        mod $module {
            $(
                #[test]
                fn $case() {
                    let shown = include_str!(concat!($folder, "/", stringify!($case), ".stderr"));
                    $(assert!(shown.contains($words), "{shown}");)+
                }
            )*
        }
    };
}

our_words! {
    our_words_explain, "ui":
    send_on_receivers:
        "a `zmq::Pull` socket cannot send", "a `zmq::Sub` socket cannot send",
        "this socket type only receives";
    receive_on_senders:
        "a `zmq::Push` socket cannot receive", "a `zmq::Pub` socket cannot receive",
        "this socket type only sends";
    polling_for_the_wrong_direction:
        "a `zmq::Push` socket cannot receive", "a `zmq::Pull` socket cannot send";
    registering_for_the_wrong_direction:
        "a `zmq::Push` socket cannot receive", "a `zmq::Pull` socket cannot send";
    poller_moved_to_another_thread:
        "what polls sockets stays on their thread",
        "borrows sockets, which are used by one thread at a time only",
        "move the sockets to the thread that polls them and make the `Poller` there";
    bare_frame_on_router:
        "one bare frame is not a message on a `zmq::Router` socket",
        "one bare frame is not a message on a `zmq::Stream` socket",
        "the first frame of every message here is the peer's routing id";
    subscribe_on_req:
        "a `zmq::Req` socket has no subscriptions", "only SUB and XSUB sockets subscribe",
        "a `zmq::Sub` socket does not receive subscriptions";
    latest_on_router:
        "a `zmq::Router` socket does not skip messages", "a `zmq::Rep` socket does not skip messages",
        "only SUB, XSUB, PULL, DEALER and PAIR sockets receive the latest alone";
    connect_as_on_dealer:
        "a `zmq::Dealer` socket does not name its peers",
        "only ROUTER and STREAM sockets send to a peer by its routing id";
    router_option_on_push:
        "a `zmq::Push` socket does not route by id", "only ROUTER sockets have this";
    routing_id_on_pull: "a `zmq::Pull` socket has no routing id to set";
    req_option_on_dealer:
        "a `zmq::Dealer` socket makes no requests", "only REQ sockets have this";
    xpub_option_on_sub:
        "a `zmq::Sub` socket does not receive subscriptions", "only XPUB sockets have this",
        "a `zmq::Sub` socket has no subscribers", "only PUB, XPUB and RADIO sockets have this";
    stream_option_on_dealer:
        "a `zmq::Dealer` socket does not talk plain TCP", "only STREAM sockets have this",
        "a `zmq::Stream` socket does not talk ZMTP";
    probe_router_on_rep:
        "a `zmq::Rep` socket does not probe a ROUTER", "a `zmq::Rep` socket does not filter by topic";
    socket_shared_between_threads:
        "a `zmq::Push` socket cannot be shared between threads",
        "open one for each thread from a clone of the context";
    socket_in_an_arc_spawned: "a `zmq::Any` socket cannot be shared between threads";
    sending_a_borrowed_message:
        "`&Message` cannot be sent as one frame", "send `message.share()`",
        "`&Multipart` cannot be sent as a multipart message";
    parts_of_a_wrong_type:
        "`{integer}` cannot be sent as one frame",
        "`&str` cannot be sent as a multipart message";
    reactor_outlives_a_socket:
        "a `zmq::Push` socket cannot receive", "a handler of this reactor cannot return `{integer}`";
    actor_pipe_before_ready: "a `zmq::Pull` socket cannot be shared between threads";
    proxy_between_wrong_types:
        "a `zmq::Push` frontend and a `zmq::Push` backend do not make a proxy",
        "a `zmq::Req` frontend and a `_` backend do not make a proxy",
        "a `zmq::Router` frontend and a `zmq::Rep` backend do not make a proxy",
        "what one side receives, the other cannot send";
    capture_that_cannot_send:
        "a `zmq::Sub` socket cannot capture what goes through a proxy";
    immediate_on_router:
        "a `zmq::Router` socket cannot wait for its connections with `immediate`";
    unused_send_more: "nothing is sent before the last frame is given to `send`";
}

our_words! {
    our_words_explain_to_tasks, "ui_async":
    roles_of_tasks_sockets:
        "a `zmq::Push` socket cannot receive", "a `zmq::Pull` socket cannot send",
        "one bare frame is not a message on a `zmq::Router` socket";
    socket_shared_between_tasks:
        "a `zmq::Push` socket cannot be shared between threads";
}
