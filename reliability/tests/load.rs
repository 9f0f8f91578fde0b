//! What is carried: full queues, many sockets, big messages, signals all the time.

mod common;

use common::short;

#[test]
fn a_full_queue_refuses_exactly_then_and_memory_keeps_to_the_marks() {
    let Some(figures) = short("full-queues") else {
        return;
    };
    assert!(figures.count("fillings") > 0);
    assert!(figures.count("taken and received later") >= 200);
}

#[test]
fn a_sleeping_subscriber_never_blocks_its_publisher() {
    let Some(figures) = short("slow-subscribers") else {
        return;
    };
    // Over inproc it has room for both marks and no more.
    assert_eq!(
        figures.count("dropped"),
        figures.count("inproc: sent") - 200
    );
    assert_eq!(figures.count("with NODROP taken"), 200);
}

#[test]
fn many_sockets_leave_no_descriptor_behind() {
    let Some(figures) = short("many-sockets") else {
        return;
    };
    assert!(figures.count("descriptors then") >= figures.count("sockets at once"));
    assert_eq!(figures.count("descriptors before"), figures.count("after"));
}

#[test]
fn big_messages_arrive_whole() {
    let Some(figures) = short("big-messages") else {
        return;
    };
    assert_eq!(figures.count("bytes over tcp"), 16 << 20);
}

#[test]
fn every_order_of_drops_ends() {
    let Some(figures) = short("drop-orders") else {
        return;
    };
    assert_eq!(figures.count("rounds over inproc") % 24, 0);
}

#[test]
fn signals_interrupt_calls_and_lose_nothing() {
    let Some(figures) = short("signals") else {
        return;
    };
    assert!(figures.count("signals") > 0);
    assert!(figures.count("calls interrupted") > 0);
}

#[test]
fn memory_does_not_grow_with_the_number_of_messages() {
    assert!(short("flat-memory").is_some());
}
