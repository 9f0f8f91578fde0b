//! A program with tmq talks to Python.

use compat_apps::{LONG, Peer, reversed, script};
use futures::{SinkExt, StreamExt};
use tmq::{AsZmqSocket, Context, pull, push, request};
use tokio::time::timeout;

const ANY: &str = "tcp://127.0.0.1:*";

fn endpoint(socket: &impl AsZmqSocket) -> String {
    socket.get_socket().get_last_endpoint().unwrap().unwrap()
}

#[tokio::test]
async fn messages_go_through_a_relay_in_python() {
    let context = Context::new();
    let mut push = push(&context).bind(ANY).unwrap();
    let mut pull = pull(&context).bind(ANY).unwrap();
    let Some(peer) = Peer::start("relay", &[&endpoint(&push), &endpoint(&pull)]) else {
        return;
    };
    for message in script() {
        timeout(LONG, push.send(message.clone()))
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
    let mut request = request(&Context::new()).bind(ANY).unwrap();
    let Some(peer) = Peer::start("rep", &[&endpoint(&request)]) else {
        return;
    };
    for message in script() {
        let sent = timeout(LONG, request.send(message.clone().into()))
            .await
            .unwrap()
            .unwrap();
        let (reply, next) = timeout(LONG, sent.recv()).await.unwrap().unwrap();
        assert_eq!(reversed(reply.iter()), message);
        request = next;
    }
    peer.ends_well();
}
