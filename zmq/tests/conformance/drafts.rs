//! What is a draft in libzmq, as far as it has no tests of its own (zmq/tests/draft_*.rs).

use crate::common::{
    LONG, SHORT, bind_again, bound, connected, context_for, free_tcp, lacks_drafts, patient,
    peer_of, prepared,
};
use zmq::Context;

#[test]
fn what_an_application_says_of_itself_is_a_property_of_its_messages() {
    if lacks_drafts() {
        return;
    }
    let (_context, server, client) =
        prepared("tcp://127.0.0.1:*", zmq::REP, zmq::REQ, |server, client| {
            server.set_metadata("X-hello", "hello").unwrap();
            client.set_metadata("X-world", "world").unwrap();
            client.set_metadata("X-number", "7").unwrap();
        });
    client.send("question").unwrap();
    let question = server.recv().unwrap();
    assert_eq!(question.property("X-world"), Some("world"));
    assert_eq!(question.property("X-number"), Some("7"));
    assert_eq!(question.property("X-hello"), None);
    server.send("answer").unwrap();
    assert_eq!(client.recv().unwrap().property("X-hello"), Some("hello"));
}

#[test]
fn a_router_hears_of_each_dealer_that_goes() {
    if lacks_drafts() {
        return;
    }
    for endpoint in ["tcp://127.0.0.1:*", "ipc://*", "inproc://goes"] {
        let (context, router) = crate::common::context_and(zmq::ROUTER);
        router.set_disconnect_msg(b"it is gone").unwrap();
        router.bind(&crate::common::endpoint(endpoint)).unwrap();
        let endpoint = router.last_endpoint().unwrap();
        for disconnects in [true, false] {
            let dealer = patient(context.socket(zmq::DEALER).unwrap());
            let id = format!("dealer {disconnects}");
            dealer.set_routing_id(&id).unwrap();
            dealer.connect(&endpoint).unwrap();
            dealer.send("hello").unwrap();
            assert_eq!(router.recv_multipart().unwrap(), [&*id, "hello"]);
            if disconnects {
                dealer.disconnect(&endpoint).unwrap();
                // The connection goes when the DEALER comes to it, in a call.
                let sockets = || [router.poll_in(), dealer.poll_in()];
                while !zmq::poll(sockets(), Some(LONG)).unwrap()[0].is_readable() {}
            } else {
                drop(dealer);
            }
            assert_eq!(router.recv_multipart().unwrap(), [&*id, "it is gone"]);
        }
    }
}

#[test]
fn a_server_hears_of_each_client_that_goes() {
    if lacks_drafts() || zmq::version() < (4, 3, 5) {
        return;
    }
    let (_context, server, client) = prepared(
        "tcp://127.0.0.1:*",
        zmq::SERVER,
        zmq::CLIENT,
        |server, _| {
            server.set_disconnect_msg(b"it is gone").unwrap();
        },
    );
    client.send("hello").unwrap();
    let id = server.recv().unwrap().routing_id();
    drop(client);
    let gone = server.recv().unwrap();
    assert_eq!(gone, "it is gone");
    assert_eq!(gone.routing_id(), id);
}

#[test]
fn a_dealer_hears_of_a_server_that_came_back() {
    if lacks_drafts() || zmq::version() < (4, 3, 5) {
        return;
    }
    let other = Context::new().unwrap();
    let endpoint = free_tcp();
    let first = patient(other.socket(zmq::ROUTER).unwrap());
    bind_again(&first, &endpoint);
    let context = Context::new().unwrap();
    let dealer = patient(context.socket(zmq::DEALER).unwrap());
    dealer.set_hiccup_msg(b"connected anew").unwrap();
    dealer.connect(&endpoint).unwrap();
    dealer.send("hello").unwrap();
    first.recv_multipart().unwrap();
    assert!(dealer.try_recv().unwrap().is_none());
    drop(first);
    other.terminate().unwrap();
    let second = patient(context.socket(zmq::ROUTER).unwrap());
    bind_again(&second, &endpoint);
    assert_eq!(dealer.recv().unwrap(), "connected anew");
}

#[test]
fn the_number_of_topics_follows_the_subscriptions() {
    if lacks_drafts() || zmq::version() < (4, 3, 5) {
        return;
    }
    let (_context, publisher, subscriber) = connected(zmq::XPUB, zmq::SUB);
    let counts = || [publisher.topics_count(), subscriber.topics_count()].map(Result::unwrap);
    for (topic, count) in [("b", 1), ("bb", 2), ("bbbbbb", 3), ("a", 4), ("", 5)] {
        subscriber.subscribe(topic).unwrap();
        publisher.recv_subscription().unwrap();
        assert_eq!(counts(), [count; 2], "{topic}");
    }
    // A second time it is the same topic.
    subscriber.subscribe("bb").unwrap();
    subscriber.unsubscribe("bb").unwrap();
    assert_eq!(subscriber.topics_count().unwrap(), 5);
    for (topic, count) in [("bb", 4), ("b", 3), ("a", 2), ("", 1), ("bbbbbb", 0)] {
        subscriber.unsubscribe(topic).unwrap();
        publisher.recv_subscription().unwrap();
        assert_eq!(counts(), [count; 2], "{topic}");
    }
}

#[test]
fn a_dish_is_polled_for_its_groups_over_ipv4_and_ipv6() {
    if lacks_drafts() {
        return;
    }
    for endpoint in ["tcp://127.0.0.1:*", "tcp://[::1]:*"] {
        let Some(context) = context_for(endpoint) else {
            continue;
        };
        let radio = bound(&context, zmq::RADIO, endpoint);
        let dish = patient(context.socket(zmq::DISH).unwrap());
        dish.join("Movies").unwrap();
        dish.connect(&radio.last_endpoint().unwrap()).unwrap();
        // What is sent before the RADIO knows of the group is dropped.
        loop {
            radio.send_to_group("TV", "Friends").unwrap();
            radio.send_to_group("Movies", "Godfather").unwrap();
            let [came] = zmq::poll([dish.poll_in()], SHORT).unwrap();
            if came.is_readable() {
                break;
            }
        }
        while let Some(message) = dish.try_recv().unwrap() {
            assert_eq!(
                (message.group(), message.as_str()),
                (Some("Movies"), Ok("Godfather"))
            );
        }
    }
}

/// The kernel takes the option from those who may set it; messages come in either case.
#[test]
fn messages_come_to_a_socket_that_polls_busily() {
    if lacks_drafts() || zmq::version() < (4, 3, 5) {
        return;
    }
    let (_context, pull, push) =
        prepared("tcp://127.0.0.1:*", zmq::PULL, zmq::PUSH, |pull, push| {
            pull.set_busy_poll(true).unwrap();
            push.set_busy_poll(true).unwrap();
        });
    for number in 0..100_u8 {
        push.send(&[number]).unwrap();
        assert_eq!(pull.recv().unwrap(), [number]);
    }
}

#[test]
fn messages_come_whether_they_are_copied_or_not() {
    if lacks_drafts() {
        return;
    }
    for zero_copy in [true, false] {
        let context = Context::new().unwrap();
        assert!(context.zero_copy_recv().unwrap());
        context.set_zero_copy_recv(zero_copy).unwrap();
        assert_eq!(context.zero_copy_recv().unwrap(), zero_copy);
        let pull = bound(&context, zmq::PULL, "tcp://127.0.0.1:*");
        let push = peer_of(&pull, zmq::PUSH);
        for size in [0, 33, 34, 1000, 100_000] {
            push.send(vec![7; size]).unwrap();
            assert_eq!(pull.recv().unwrap(), vec![7; size]);
        }
    }
}
