//! Peers that send anything, and peers that must not get in.

mod common;

use common::short;

#[test]
fn hostile_bytes_do_not_keep_a_socket_from_serving_a_good_peer() {
    let Some(figures) = short("hostile-bytes") else {
        return;
    };
    assert_eq!(figures.count("types"), 12);
    assert!(figures.count("exchanges with the good peers meanwhile") >= 12);
}

#[test]
fn nothing_of_a_stranger_arrives_and_every_one_is_told_of() {
    let Some(figures) = short("strangers") else {
        return;
    };
    assert_eq!(figures.count("messages of theirs"), 0);
    assert_eq!(
        figures.count("denials in the audit"),
        figures.count("denied")
    );
}
