//! Clients that must not get in.

use std::time::Duration;

use zmq::auth::{Audit, Authenticator, Policy};
use zmq::curve::{self, KeyPair};
use zmq::{Capability, Context, EventKind, Monitor, MonitorEvents, Pull, Push, Socket, plain};

use crate::parameters::parameter;
use crate::peer::{open_in_turn, patient};
use crate::{Figures, LONG, Parameter, Result, Scenario, Skip, Values, ensure};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "strangers",
    promise: "Of clients with the wrong server key, without a key, with a password instead, or \
              that the authenticator denies, no message ever arrives; the server's monitor tells \
              of each, and the audit of each denial.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[parameter("tries", "1000", "25")];

/// So often a client that is welcome comes in between.
const WELCOME: u64 = 25;

struct Server {
    context: Context,
    socket: Socket<Pull>,
    monitor: Monitor,
    audit: Audit,
    _auth: Authenticator,
}

impl Server {
    fn new(keys: &KeyPair, policy: Policy) -> Result<Server> {
        let context = Context::new()?;
        let auth = Authenticator::start(&context)?;
        auth.set_policy("global", policy)?;
        let audit = auth.audit()?;
        let socket = patient(context.socket(zmq::PULL)?)?;
        curve::ServerConfig::new(&keys.secret).apply(&socket)?;
        let monitor = socket.monitor(
            MonitorEvents::HANDSHAKE_SUCCEEDED
                | MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL
                | MonitorEvents::HANDSHAKE_FAILED_PROTOCOL
                | MonitorEvents::HANDSHAKE_FAILED_AUTH,
        )?;
        socket.bind("tcp://127.0.0.1:*")?;
        Ok(Server {
            context,
            socket,
            monitor,
            audit,
            _auth: auth,
        })
    }

    /// A client, and what its handshake came to.
    fn visit(&self, secure: &Secure<'_>, text: &str) -> Result<(Socket<Push>, EventKind)> {
        let client = open_in_turn(&self.context, zmq::PUSH)?;
        // It tries once.
        client.set_reconnect_ivl(Duration::from_secs(3600))?;
        secure(&client)?;
        client.connect(&self.socket.last_endpoint()?)?;
        client.send(text)?;
        let event = self.monitor.recv_timeout(LONG)?.ok_or("no event")?;
        Ok((client, event.kind))
    }
}

type Secure<'a> = dyn Fn(&Socket<Push>) -> zmq::Result<()> + 'a;

fn run(values: &Values, figures: &mut Figures) -> Result {
    if !zmq::has(Capability::Curve) {
        return Err(Skip("this libzmq was built without CURVE".to_owned()).into());
    }
    let tries = values.get("tries")?;
    let (ours, known, unknown) = (KeyPair::new()?, KeyPair::new()?, KeyPair::new()?);
    let elsewhere = KeyPair::new()?;
    let server = Server::new(&ours, Policy::new().curve_keys([known.public]))?;
    let welcome =
        |client: &Socket<Push>| curve::ClientConfig::new(ours.public, &known).apply(client);

    let strangers: [(&str, bool, &Secure<'_>); 4] = [
        ("with the wrong server key", false, &|client| {
            curve::ClientConfig::new(elsewhere.public, &known).apply(client)
        }),
        ("without a key", false, &|_| Ok(())),
        ("with a password", false, &|client| {
            plain::ClientConfig::new("admin", "secret").apply(client)
        }),
        ("denied", true, &|client| {
            curve::ClientConfig::new(ours.public, &unknown).apply(client)
        }),
    ];
    let (mut audited, mut welcomed) = (0_u64, 0_u64);
    for (who, is_asked, secure) in strangers {
        for number in 0..tries {
            let (_client, event) = server.visit(secure, "let me in")?;
            let failed = match event {
                EventKind::HandshakeFailedAuth { .. } => is_asked,
                EventKind::HandshakeFailedProtocol { .. }
                | EventKind::HandshakeFailedNoDetail { .. } => !is_asked,
                _ => false,
            };
            ensure!(failed, "{who}: {event:?}");
            if is_asked {
                let told = server.audit.recv_timeout(LONG)?.ok_or("no audit")?;
                ensure!(!told.is_allowed(), "{who}: {told:?}");
                audited += 1;
            }
            if number % WELCOME == WELCOME - 1 {
                // Whatever had come before would be received first.
                let (_client, event) = server.visit(&welcome, "hello")?;
                ensure!(event == EventKind::HandshakeSucceeded, "{event:?}");
                let message = server.socket.recv()?;
                ensure!(message == "hello", "{who}: {message} has arrived");
                let told = server.audit.recv_timeout(LONG)?.ok_or("no audit")?;
                ensure!(told.is_allowed(), "{told:?}");
                welcomed += 1;
            }
        }
        ensure!(server.socket.try_recv()?.is_none(), "{who}: something came");
        ensure!(
            server.monitor.try_recv()?.is_none(),
            "{who}: one event too many"
        );
        figures.note(who, tries);
    }
    figures.note("events", 4 * tries);
    figures.note("denials in the audit", audited);
    figures.note("messages of theirs", 0);
    figures.note("clients that were welcome in between", welcomed);
    Ok(())
}
