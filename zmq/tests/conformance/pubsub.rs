//! Publishers and subscribers that part and meet again.

use crate::common::{LONG, bound, patient};
use zmq::{Context, Subscription};

#[test]
fn a_subscriber_that_disconnects_takes_its_subscriptions_along_and_brings_them_back() {
    for endpoint in ["inproc://meet", "tcp://127.0.0.1:*"] {
        let context = Context::new().unwrap();
        let publisher = bound(&context, zmq::XPUB, endpoint);
        let endpoint = publisher.last_endpoint().unwrap();
        let subscriber = patient(context.socket(zmq::XSUB).unwrap());
        subscriber.send(b"\x01news").unwrap();
        for _ in 0..3 {
            subscriber.connect(&endpoint).unwrap();
            assert_eq!(
                publisher.recv_subscription().unwrap(),
                Subscription::Subscribe(b"news".into())
            );
            publisher.send("weather").unwrap();
            publisher.send_multipart(["news", "good"]).unwrap();
            assert_eq!(subscriber.recv_multipart().unwrap(), ["news", "good"]);
            subscriber.disconnect(&endpoint).unwrap();
            // Over inproc the two take leave of each other in their own calls.
            let sockets = || [publisher.poll_in(), subscriber.poll_in()];
            while !zmq::poll(sockets(), Some(LONG)).unwrap()[0].is_readable() {}
            assert_eq!(
                publisher.recv_subscription().unwrap(),
                Subscription::Unsubscribe(b"news".into())
            );
            publisher.send("news that nobody hears").unwrap();
        }
        assert!(subscriber.try_recv_multipart().unwrap().is_none());
    }
}

/// Of several subscribers each is kept from what it asked for, and from nothing else.
#[test]
fn inverted_matching_keeps_from_each_subscriber_what_it_asked_for() {
    let context = Context::new().unwrap();
    let publisher = patient(context.socket(zmq::XPUB).unwrap());
    publisher.set_invert_matching(true).unwrap();
    publisher.bind("tcp://127.0.0.1:*").unwrap();
    let subscribers = [&["A"][..], &["A", "B"], &["unheard of"]].map(|topics| {
        let subscriber = patient(context.socket(zmq::SUB).unwrap());
        subscriber.set_invert_matching(true).unwrap();
        for topic in topics {
            subscriber.subscribe(topic).unwrap();
        }
        subscriber
            .connect(&publisher.last_endpoint().unwrap())
            .unwrap();
        subscriber
    });
    // A, of which the second is no news, B, and what is unheard of.
    for _ in 0..3 {
        publisher.recv_subscription().unwrap();
    }
    // The second A is told to nobody, so that another topic has to tell that it is there.
    subscribers[1].subscribe("C").unwrap();
    subscribers[0].subscribe("D").unwrap();
    for _ in 0..2 {
        publisher.recv_subscription().unwrap();
    }
    for text in ["A", "B", "end"] {
        publisher.send(text).unwrap();
    }
    let heard = subscribers.map(|subscriber| {
        let mut heard = Vec::new();
        while heard.last().is_none_or(|last| last != "end") {
            heard.push(subscriber.recv().unwrap().to_string());
        }
        heard.join(" ")
    });
    assert_eq!(heard, ["B end", "end", "A B end"]);
}
