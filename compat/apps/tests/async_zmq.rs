//! A program with async_zmq talks to Python.

use async_zmq::{SinkExt, StreamExt, pull, push, request};
use compat_apps::{LONG, Peer, reversed, script};
use tokio::time::timeout;

const ANY: &str = "tcp://127.0.0.1:*";

fn endpoint(socket: &zmq::Socket) -> String {
    socket.get_last_endpoint().unwrap().unwrap()
}

#[tokio::test]
async fn messages_go_through_a_relay_in_python() {
    let mut push = push(ANY).unwrap().bind().unwrap();
    let mut pull = pull(ANY).unwrap().bind().unwrap();
    let (from, to) = (
        endpoint(push.as_raw_socket()),
        endpoint(pull.as_raw_socket()),
    );
    let Some(peer) = Peer::start("relay", &[&from, &to]) else {
        return;
    };
    for message in script() {
        timeout(LONG, push.send(message.clone().into()))
            .await
            .unwrap()
            .unwrap();
        let back = timeout(LONG, pull.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(reversed(back.iter()), message);
    }
    peer.ends_well();
}

#[tokio::test]
async fn a_server_in_python_answers() {
    let request = request(ANY).unwrap().bind().unwrap();
    let Some(peer) = Peer::start("rep", &[&endpoint(request.as_raw_socket().await)]) else {
        return;
    };
    for message in script() {
        timeout(LONG, request.send(message.clone()))
            .await
            .unwrap()
            .unwrap();
        let back = timeout(LONG, request.recv()).await.unwrap().unwrap();
        assert_eq!(reversed(back.iter()), message);
    }
    peer.ends_well();
}
