//! A link between two machines that goes down and comes back.
//!
//! The machines are network namespaces, and the link is a pair of `veth` devices.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, EventKind, MonitorEvents};

use super::client::{answer_to, ask, requester};
use super::namespace::{command, starter};
use crate::parameters::parameter;
use crate::peer::{Peer, end_with_parent, patient, tell};
use crate::{Figures, LONG, Parameter, Result, Scenario, Skip, Values, ensure};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "lost-link",
    promise: "A link that is down for a moment costs a PUSH nothing. One that stays down is noticed \
              by heartbeats, and when it is back the sockets connect again: every request of a REQ \
              that repeats it is answered once.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("moments", "20", "1"),
    parameter("outages", "20", "1"),
];

const NEAR: &str = "10.9.8.1";
const FAR: &str = "10.9.8.2";

/// Told instead of figures.
const NO_LINK: &str = "no link";

/// After this long the request is sent again.
const RETRY: Duration = Duration::from_millis(300);

fn run(values: &Values, figures: &mut Figures) -> Result {
    let (short, long) = (values.text("moments")?, values.text("outages")?);
    let mut near = Peer::start_by(&starter(&["-Urn"])?, "near", &[short, long])?;
    while let Some(line) = near.line()? {
        let (name, value) = line.split_once('\t').ok_or("a figure has a value")?;
        if name == NO_LINK {
            return Err(Skip(format!("a link cannot be made here: {value}")).into());
        }
        figures.note(name, value);
    }
    near.good_end().map(drop)
}

fn link(state: &str) -> Result {
    command(&format!("ip link set near {state}"))
}

/// The machine at the near end, where everything is decided.
pub(super) fn near(arguments: &[String]) -> Result {
    let [short, long] = arguments else {
        return Err("near SHORT LONG".into());
    };
    end_with_parent();
    let mut far = Peer::start_by(&["unshare", "-n", "--"], "far", &[])?;
    far.expect_line()?; // it is there, in its own namespace
    let add = format!(
        "ip link add near type veth peer name far netns {}",
        far.id()
    );
    if let Err(error) = command(&add) {
        return tell(format!("{NO_LINK}\t{error}"));
    }
    command(&format!("ip addr add {NEAR}/24 dev near"))?;
    link("up")?;
    far.tell("the link is there")?;
    let (puller, replier) = (far.expect_line()?, far.expect_line()?);
    push(&puller, short.parse()?, &mut far)?;
    ask_all(&replier, long.parse()?)
}

/// Sends all the time while the link goes down and comes back.
fn push(endpoint: &str, outages: u64, far: &mut Peer) -> Result {
    let context = Context::new()?;
    let sender = patient(context.socket(zmq::PUSH)?)?;
    let monitor = sender.monitor(MonitorEvents::DISCONNECTED)?;
    sender.connect(endpoint)?;
    let (enough, sent) = (AtomicBool::new(false), AtomicU64::new(0));
    let number = |number: u64| number.to_string();
    thread::scope(|scope| -> Result {
        let pushing = scope.spawn(|| -> Result {
            let sender = sender;
            while !enough.load(Ordering::Relaxed) {
                sender.send(number(sent.fetch_add(1, Ordering::Relaxed)))?;
            }
            sender.set_linger(Some(LONG))?;
            Ok(sender.send("end")?)
        });
        let outages = (|| -> Result {
            for _ in 0..outages {
                let goal = sent.load(Ordering::Relaxed) + 1000;
                let deadline = Instant::now() + LONG;
                while sent.load(Ordering::Relaxed) < goal {
                    ensure!(Instant::now() < deadline, "sending has stopped");
                    thread::sleep(Duration::from_millis(1));
                }
                link("down")?;
                thread::sleep(Duration::from_millis(fastrand::u64(50..300)));
                link("up")?;
            }
            Ok(())
        })();
        enough.store(true, Ordering::Relaxed);
        outages.and(pushing.join().map_err(|_| "the sender panicked")?)
    })?;
    let sent = sent.into_inner();
    let arrived: u64 = far.expect_line()?.parse()?;
    ensure!(arrived == sent, "{arrived} of {sent} arrived");
    // The sender is closed; what happened before can still be read.
    let lost = matches!(monitor.try_recv(), Ok(Some(_)));
    ensure!(!lost, "the connection was lost");
    tell(format!("short outages\t{outages}"))?;
    tell(format!("sent meanwhile\t{sent}"))?;
    tell(format!("arrived\t{arrived}"))
}

/// Asks all the time while the link is down until that is noticed.
fn ask_all(endpoint: &str, outages: u64) -> Result {
    let context = Context::new()?;
    let client = requester(&context, RETRY)?;
    client.set_heartbeat_ivl(Duration::from_millis(100))?;
    client.set_heartbeat_timeout(Duration::from_millis(300))?;
    // While the link is down a connection is tried for so long, and then anew.
    client.set_connect_timeout(Duration::from_millis(300))?;
    let monitor =
        client.monitor(MonitorEvents::HANDSHAKE_SUCCEEDED | MonitorEvents::DISCONNECTED)?;
    client.connect(endpoint)?;
    let (enough, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut noticed = Duration::ZERO;
    let repeated = thread::scope(|scope| -> Result<u64> {
        let asking = scope.spawn(|| -> Result<u64> {
            let client = client;
            let mut repeated = 0;
            while !enough.load(Ordering::Relaxed) {
                let id = answered.load(Ordering::Relaxed);
                repeated += ask(&client, id)?;
                answered.store(id + 1, Ordering::Relaxed);
            }
            Ok(repeated)
        });
        let outages = (|| -> Result {
            let next = || -> Result<EventKind> {
                Ok(monitor
                    .recv_timeout(LONG)?
                    .ok_or("nothing is noticed")?
                    .kind)
            };
            ensure!(next()? == EventKind::HandshakeSucceeded, "no connection");
            for _ in 0..outages {
                link("down")?;
                let start = Instant::now();
                let event = next()?;
                let broke = matches!(event, EventKind::Disconnected { .. });
                ensure!(broke, "{event:?} while the link is down");
                noticed = noticed.max(start.elapsed());
                link("up")?;
                let event = next()?;
                ensure!(event == EventKind::HandshakeSucceeded, "{event:?}");
                // The next one goes over the new connection.
                let goal = answered.load(Ordering::Relaxed) + 2;
                let deadline = Instant::now() + LONG;
                while answered.load(Ordering::Relaxed) < goal && !asking.is_finished() {
                    ensure!(Instant::now() < deadline, "no answer any more");
                    thread::sleep(Duration::from_millis(1));
                }
            }
            Ok(())
        })();
        enough.store(true, Ordering::Relaxed);
        let repeated = asking.join().map_err(|_| "the client panicked")?;
        outages.and(repeated)
    })?;
    tell(format!("long outages\t{outages}"))?;
    tell(format!(
        "noticed after at most\t{:.1} s",
        noticed.as_secs_f64()
    ))?;
    tell(format!("requests answered\t{}", answered.into_inner()))?;
    tell(format!("sent again\t{repeated}"))?;
    tell("lost, or answered twice\t0")
}

/// The machine at the far end: takes what is pushed, then answers.
pub(super) fn far(_: &[String]) -> Result {
    let lines = end_with_parent();
    tell("here")?;
    lines.recv_timeout(LONG)?;
    command(&format!("ip addr add {FAR}/24 dev far"))?;
    command("ip link set far up")?;
    let context = Context::new()?;
    let puller = context.socket(zmq::PULL)?;
    puller.bind(&format!("tcp://{FAR}:*"))?;
    tell(puller.last_endpoint()?)?;
    let mut replier = context.socket(zmq::REP)?;
    replier.bind(&format!("tcp://{FAR}:*"))?;
    tell(replier.last_endpoint()?)?;
    let mut arrived: u64 = 0;
    loop {
        let message = puller.recv()?;
        if message == "end" {
            break;
        }
        ensure!(message == *arrived.to_string(), "{message} for {arrived}");
        arrived += 1;
    }
    tell(arrived)?;
    loop {
        let request = replier.next_request()?;
        let answer = answer_to(std::str::from_utf8(&request.message()[0])?);
        request.reply(answer)?;
    }
}
