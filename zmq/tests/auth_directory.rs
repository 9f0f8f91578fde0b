//! A directory of certificates decides who may connect, as it is at that moment.

mod common;

use std::fs;

use common::{LONG, NO_TIME, patient};
use zmq::auth::{Authenticator, Policy};
use zmq::curve::{
    Certificate, CertificateDirectory, ClientConfig, KeyPair, PublicKey, ServerConfig,
};
use zmq::{Capability, Context, Push, Socket};

fn client(context: &Context, server: PublicKey, own: &Certificate, endpoint: &str) -> Socket<Push> {
    let client = patient(context.socket(zmq::PUSH).unwrap());
    client.set_linger(NO_TIME).unwrap();
    let own = own.key_pair().unwrap();
    ClientConfig::new(server, own).apply(&client).unwrap();
    client.connect(endpoint).unwrap();
    client
}

#[test]
fn clients_come_and_go_with_their_files_and_bring_their_metadata() {
    if !zmq::has(Capability::Curve) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let context = Context::new().unwrap();
    let auth = Authenticator::start(&context).unwrap();
    let clients = CertificateDirectory::open(folder.path()).unwrap();
    auth.set_policy("global", Policy::new().curve_directory(clients))
        .unwrap();
    let audit = auth.audit().unwrap();

    let keys = KeyPair::new().unwrap();
    let server = patient(context.socket(zmq::PULL).unwrap());
    ServerConfig::new(&keys.secret).apply(&server).unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = server.last_endpoint().unwrap();

    let mut alice = Certificate::new().unwrap();
    alice.set_meta("name", "Alice").unwrap();
    alice.set_meta("e@mail", "left out").unwrap();
    let decided = |is_allowed| {
        let event = audit.recv_timeout(LONG).unwrap().expect("a decision");
        assert_eq!(event.is_allowed(), is_allowed, "{event}");
    };

    let too_early = client(&context, keys.public, &alice, &endpoint);
    too_early.send("before the file").unwrap();
    decided(false);
    drop(too_early);

    let file = folder.path().join("alice.txt");
    alice.save_public(&file).unwrap();
    let known = client(&context, keys.public, &alice, &endpoint);
    known.send("Hello").unwrap();
    decided(true);
    let message = server.recv().unwrap();
    assert_eq!(message, "Hello");
    assert_eq!(message.user_id(), Some(&*alice.public_key().to_string()));
    assert_eq!(message.property("name"), Some("Alice"));
    assert_eq!(message.property("e@mail"), None);

    fs::remove_file(file).unwrap();
    let too_late = client(&context, keys.public, &alice, &endpoint);
    too_late.send("after the file").unwrap();
    decided(false);
    // Who is in stays in.
    known.send("still here").unwrap();
    assert_eq!(server.recv().unwrap(), "still here");
    assert_eq!(server.try_recv().unwrap(), None);
}
