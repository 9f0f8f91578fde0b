//! What is survived: processes, links, files and descriptors that go away.

mod common;

use common::short;

#[test]
fn every_request_is_answered_once_although_servers_are_killed() {
    let Some(figures) = short("killed-servers") else {
        return;
    };
    assert_eq!(figures.count("kills"), 8);
    assert!(figures.count("requests answered") > 8);
}

#[test]
fn what_a_push_loses_with_a_killed_receiver_is_counted() {
    let Some(figures) = short("killed-receivers") else {
        return;
    };
    assert_eq!(
        figures.count("sent"),
        figures.count("arrived") + figures.count("lost")
    );
    assert!(figures.count("arrived") > 0);
}

#[test]
fn a_link_that_comes_back_loses_nothing_that_is_repeated() {
    let Some(figures) = short("lost-link") else {
        return;
    };
    assert_eq!(figures.count("sent meanwhile"), figures.count("arrived"));
    assert!(figures.count("requests answered") > 2);
}

#[test]
fn files_that_cannot_be_are_errors_with_the_endpoint() {
    let Some(figures) = short("ipc-files") else {
        return;
    };
    assert_eq!(figures.count("errors"), 5);
}

#[test]
fn calls_without_descriptors_are_errors_and_no_abort() {
    let Some(figures) = short("few-descriptors") else {
        return;
    };
    assert!(figures.count("refused") > 0);
    assert!(figures.count("worked") > 0);
}
