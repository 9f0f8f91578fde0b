//! RADIO and DISH: messages to groups.
#![cfg(feature = "draft")]

mod common;

use common::{SHORT, connected_over, context_and, lacks_drafts, patient};
use zmq::{Context, Dish, ErrorKind, Message, Radio, Socket};

/// Sends to the group until the DISH receives it: it has joined, and the RADIO knows.
fn reach(radio: &Socket<Radio>, dish: &Socket<Dish>, group: &str) {
    loop {
        radio.send_to_group(group, "probe").unwrap();
        let [ready] = zmq::poll([dish.poll_in()], SHORT).unwrap();
        if ready.is_readable() {
            break;
        }
    }
    // A join told later has overtaken none of these.
    while dish.try_recv().unwrap().is_some() {}
}

/// The next message that is no probe.
fn next(dish: &Socket<Dish>) -> Message {
    loop {
        let message = dish.recv().unwrap();
        if message != "probe" {
            return message;
        }
    }
}

#[test]
fn a_dish_receives_what_is_sent_to_the_groups_it_joined() {
    if lacks_drafts() {
        return;
    }
    for transport in ["tcp://127.0.0.1:*", "ipc://*"] {
        let (_context, radio, dish) = connected_over(transport, zmq::RADIO, zmq::DISH);
        dish.join("weather").unwrap();
        dish.join("news").unwrap();
        reach(&radio, &dish, "news");
        radio.send_to_group("sports", "not this").unwrap();
        radio.send_to_group("weather", "rain").unwrap();
        radio.send_to_group("news", vec![7; 10_000]).unwrap();
        let rain = next(&dish);
        assert_eq!((rain.group(), rain.as_str()), (Some("weather"), Ok("rain")));
        let news = next(&dish);
        assert_eq!((news.group(), news.len()), (Some("news"), 10_000));
        dish.leave("news").unwrap();
        dish.join("last").unwrap();
        reach(&radio, &dish, "last");
        radio.send_to_group("news", "no longer").unwrap();
        radio.send_to_group("last", "this").unwrap();
        assert_eq!(next(&dish), "this");
    }
}

#[test]
fn several_dishes_receive_the_same_message() {
    if lacks_drafts() {
        return;
    }
    let (context, radio) = context_and(zmq::RADIO);
    radio.bind("tcp://127.0.0.1:*").unwrap();
    // As long as a group can be.
    let group = "fourteen bytes";
    let dishes: Vec<_> = (0..3)
        .map(|_| {
            let dish = patient(context.socket(zmq::DISH).unwrap());
            dish.join(group).unwrap();
            dish.connect(&radio.last_endpoint().unwrap()).unwrap();
            dish
        })
        .collect();
    for dish in &dishes {
        reach(&radio, dish, group);
    }
    for length in [1, 33, 34, 10_000] {
        radio.send_to_group(group, vec![7; length]).unwrap();
        for dish in &dishes {
            let message = next(dish);
            assert_eq!((message.group(), message.len()), (Some(group), length));
        }
    }
}

#[test]
fn one_dish_listens_to_several_radios() {
    if lacks_drafts() {
        return;
    }
    let (context, dish) = context_and(zmq::DISH);
    let radios = [(); 2].map(|()| {
        let radio = patient(context.socket(zmq::RADIO).unwrap());
        radio.bind("tcp://127.0.0.1:*").unwrap();
        dish.connect(&radio.last_endpoint().unwrap()).unwrap();
        radio
    });
    dish.join("fourteen bytes").unwrap();
    for radio in &radios {
        reach(radio, &dish, "fourteen bytes");
    }
}

#[test]
fn a_message_is_passed_on_to_another_group() {
    if lacks_drafts() {
        return;
    }
    let (_context, radio, dish) = connected_over("tcp://127.0.0.1:*", zmq::RADIO, zmq::DISH);
    dish.join("from").unwrap();
    dish.join("to").unwrap();
    reach(&radio, &dish, "to");
    for length in [5, 10_000] {
        radio.send_to_group("from", vec![7; length]).unwrap();
        let mut message = next(&dish);
        assert_eq!(message.group(), Some("from"));
        let shared = message.share();
        assert_eq!(shared.group(), Some("from"));
        radio.send_to_group("to", message).unwrap();
        assert_eq!(next(&dish).group(), Some("to"));
        radio.send_to_group("to", shared).unwrap();
        assert_eq!(next(&dish).group(), Some("to"));
    }
}

#[test]
fn what_is_no_group_is_refused() {
    if lacks_drafts() {
        return;
    }
    let context = Context::new().unwrap();
    let (radio, dish) = (
        context.socket(zmq::RADIO).unwrap(),
        context.socket(zmq::DISH).unwrap(),
    );
    let long = "x".repeat(15);
    let longer = "x".repeat(256);
    for wrong in ["", "\0", "a\0b", &long, &longer] {
        for error in [
            dish.join(wrong).unwrap_err(),
            dish.leave(wrong).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{wrong:?}");
        }
        for refused in [
            radio.send_to_group(wrong, "a").unwrap_err(),
            radio.try_send_to_group(wrong, "a").unwrap_err(),
        ] {
            assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{wrong:?}");
            assert_eq!(refused.message, "a");
        }
    }
    dish.join(b"\xff\xfe").unwrap();
    let error = dish.join(b"\xff\xfe").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.subject(), Some(r"\xff\xfe"));
    dish.leave(b"\xff\xfe").unwrap();
    let error = dish.leave(b"\xff\xfe").unwrap_err();
    assert!(error.to_string().ends_with("the group is not joined"));
}
