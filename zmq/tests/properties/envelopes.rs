//! Requests through chains of ROUTER and DEALER pairs, and their replies back.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::{bound, endpoint, patient, peer_of};
use crate::config;
use zmq::{CanReceive, Context, Dealer, Multipart, Rep, Req, Router, Socket};

type Body = Vec<Vec<u8>>;

#[derive(Debug, Clone)]
struct Client {
    /// Of its own choosing, or none.
    id: Option<Vec<u8>>,
    request: Body,
    reply: Body,
}

fn body() -> impl Strategy<Value = Body> {
    let part = prop_oneof![
        2 => Just(0..1usize),
        4 => Just(1..40),
        2 => Just(250..260), // where a length takes eight bytes
        1 => Just(8180..8200), // where a batch ends
        1 => Just(60_000..70_000),
    ];
    let part = part.prop_flat_map(|length| (length, any::<u8>()));
    vec(part.prop_map(|(length, byte)| vec![byte; length]), 1..8)
}

fn client() -> impl Strategy<Value = Client> {
    let id = (1..=255u8, vec(any::<u8>(), 0..255)).prop_map(|(first, rest)| {
        let mut id = vec![first];
        id.extend(rest);
        id
    });
    (proptest::option::of(id), body(), body()).prop_map(|(id, request, reply)| Client {
        id,
        request,
        reply,
    })
}

/// A ROUTER that clients connect to, and a DEALER that asks on their behalf.
struct Hop {
    router: Socket<Router>,
    dealer: Socket<Dealer>,
}

/// The REP, and before it the hops, the clients' side first.
struct Chain {
    hops: Vec<Hop>,
    rep: Socket<Rep>,
    context: Context,
}

impl Chain {
    fn new(transports: &[&str]) -> Chain {
        let context = Context::new().unwrap();
        let named = |index: usize| match transports[index] {
            "inproc" => format!("inproc://hop-{index}"),
            wildcard => endpoint(wildcard),
        };
        let rep = bound(&context, zmq::REP, &named(0));
        let mut hops: Vec<Hop> = Vec::new();
        for index in 1..transports.len() {
            let router = bound(&context, zmq::ROUTER, &named(index));
            let dealer = match hops.last() {
                Some(next) => peer_of(&next.router, zmq::DEALER),
                None => peer_of(&rep, zmq::DEALER),
            };
            hops.push(Hop { router, dealer });
        }
        hops.reverse();
        Chain { hops, rep, context }
    }

    fn connect(&self, id: Option<&[u8]>) -> Socket<Req> {
        let client = patient(self.context.socket(zmq::REQ).unwrap());
        if let Some(id) = id {
            client.set_routing_id(id).unwrap();
        }
        let front = match self.hops.first() {
            Some(hop) => hop.router.last_endpoint(),
            None => self.rep.last_endpoint(),
        };
        client.connect(&front.unwrap()).unwrap();
        client
    }

    /// Passes the request on from hop to hop, and gives what the REP received.
    fn forth(&mut self, client: &Client) -> Multipart {
        for (index, hop) in self.hops.iter_mut().enumerate() {
            let message = receive(&mut hop.router, index);
            check(&message, index + 1, client.id.as_deref(), &client.request);
            hop.dealer.send_multipart(message).unwrap();
        }
        receive(&mut self.rep, client.request.len())
    }

    fn back(&mut self, client: &Client) {
        for (index, hop) in self.hops.iter_mut().enumerate().rev() {
            let message = receive(&mut hop.dealer, index);
            check(&message, index + 1, client.id.as_deref(), &client.reply);
            hop.router.send_multipart(message).unwrap();
        }
    }
}

/// The ways of receiving are one.
fn receive<T: CanReceive>(socket: &mut Socket<T>, way: usize) -> Multipart {
    match way % 3 {
        0 => socket.recv_multipart().unwrap(),
        1 => socket
            .recv_frames()
            .unwrap()
            .collect::<zmq::Result<_>>()
            .unwrap(),
        _ => {
            let mut message = Multipart::from(["what was there"]);
            socket.recv_multipart_into(&mut message).unwrap();
            message
        }
    }
}

/// `[hop's id]…[client's id][empty][body…]`, with `depth` ids.
fn check(message: &Multipart, depth: usize, id: Option<&[u8]>, body: &Body) {
    assert_eq!(message.len(), depth + 1 + body.len());
    assert!(message[..depth].iter().all(|id| !id.is_empty()));
    if let Some(id) = id {
        assert_eq!(message[depth - 1], *id);
    }
    assert!(message[depth].is_empty());
    assert_eq!(message[depth + 1..], body[..]);
    let (more, last) = (&message[..message.len() - 1], &message[message.len() - 1]);
    assert!(more.iter().all(|part| part.more()) && !last.more());
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn envelopes_lead_back_and_bodies_stay_as_they_are(
        transports in vec(proptest::sample::select(vec!["inproc", "tcp://127.0.0.1:*", "ipc://*"]), 1..6),
        clients in vec(client(), 1..4),
        rounds in 1..3usize,
    ) {
        let mut chain = Chain::new(&transports);
        let sockets: Vec<Socket<Req>> =
            clients.iter().map(|client| chain.connect(client.id.as_deref())).collect();
        for _ in 0..rounds {
            for (client, socket) in clients.iter().zip(&sockets) {
                socket.send_multipart(client.request.clone()).unwrap();
                prop_assert_eq!(chain.forth(client), client.request.clone());
                chain.rep.send_multipart(client.reply.clone()).unwrap();
                chain.back(client);
                prop_assert_eq!(socket.recv_multipart().unwrap(), client.reply.clone());
            }
        }
    }
}
