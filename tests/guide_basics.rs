//! The guide's programs of chapters 1 and 2 that ask and answer, hand out work, or stand alone.
#![cfg(unix)]

mod common;

use std::time::{Duration, Instant};

use common::patient;
use common::program::{Program, listens, ports};
use zmq::{Context, Req, Socket};

/// What a server or a broker has to survive: `Hello` is what it is made for.
const SHAPES: [&[&str]; 3] = [&["Hello"], &["two", "frames"], &[""]];

/// The Python side in this role, if there is any Python.
fn peer(arguments: &[&str]) -> Option<Program> {
    Program::python("guide_basics.py", arguments)
}

fn client(context: &Context, endpoint: &str) -> Socket<Req> {
    let client = patient(context.socket(zmq::REQ).unwrap());
    client.connect(endpoint).unwrap();
    client
}

/// Asks in every shape, one after the other: each request is answered.
fn ask(endpoint: &str) {
    let context = Context::new().unwrap();
    let client = client(&context, endpoint);
    for shape in SHAPES {
        client.send_multipart(shape.to_vec()).unwrap();
        assert_eq!(client.recv().unwrap(), "World", "to {shape:?}");
    }
}

#[test]
fn version_says_which_libzmq_runs() {
    let (major, minor, patch) = zmq::version();
    assert_eq!(
        Program::example("version", &[]).succeeds(),
        [format!("Current 0MQ version is {major}.{minor}.{patch}")]
    );
}

#[test]
fn mtrelay_goes_from_step_to_step() {
    assert_eq!(
        Program::example("mtrelay", &[]).succeeds(),
        [
            "Step 1 ready, signaling step 2",
            "Step 2 ready, signaling step 3",
            "Test successful!"
        ]
    );
}

// ---- Hello World -------------------------------------------------------------------------------

#[test]
fn hwserver_and_hwclient_greet_each_other() {
    let _ports = ports();
    // In this order: the client waits for its server.
    let client = Program::example("hwclient", &["2"]);
    let server = Program::example("hwserver", &[]);
    assert_eq!(
        client.succeeds(),
        [
            "Connecting to hello world server...",
            "Sending Hello 0...",
            "Received World 0",
            "Sending Hello 1...",
            "Received World 1"
        ]
    );
    assert_eq!(server.leaves(), ["Received Hello", "Received Hello"]);
}

#[test]
fn hwserver_survives_requests_of_any_shape() {
    let _ports = ports();
    let server = Program::example("hwserver", &[]);
    ask("tcp://localhost:5555");
    assert_eq!(server.leaves(), ["Received Hello"; 3]);
}

#[test]
fn hwserver_leaves_at_a_signal_in_the_middle_of_its_work() {
    let _ports = ports();
    let mut server = Program::example("hwserver", &[]);
    let context = Context::new().unwrap();
    let client = client(&context, "tcp://localhost:5555");
    client.send("Hello").unwrap();
    server.says("Received Hello");
    server.leaves();
}

#[test]
fn a_python_client_talks_to_hwserver() {
    let _ports = ports();
    let Some(client) = peer(&["hello", "tcp://localhost:5555"]) else {
        return;
    };
    let server = Program::example("hwserver", &[]);
    client.succeeds();
    server.leaves();
}

#[test]
fn hwclient_talks_to_a_python_server() {
    let _ports = ports();
    let Some(server) = peer(&["world", "bind", "tcp://*:5555", "10"]) else {
        return;
    };
    let said = Program::example("hwclient", &[]).succeeds();
    assert_eq!(said.last().map(String::as_str), Some("Received World 9"));
    server.succeeds();
}

#[test]
fn mtserver_answers_five_clients_at_once() {
    let _ports = ports();
    let mut server = Program::example("mtserver", &[]);
    Program::example("hwclient", &["1"]).succeeds();
    server.says("Received request: [Hello]");

    let context = Context::new().unwrap();
    let clients = [(); 5].map(|()| client(&context, "tcp://localhost:5555"));
    let begin = Instant::now();
    for (client, shape) in clients.iter().zip(SHAPES.iter().cycle()) {
        client.send_multipart(shape.to_vec()).unwrap();
    }
    for client in &clients {
        assert_eq!(client.recv().unwrap(), "World");
    }
    // Each takes a second.
    let elapsed = begin.elapsed();
    assert!(
        elapsed < Duration::from_secs(5),
        "one after another: {elapsed:?}"
    );
    let said = server.leaves();
    for (request, times) in [("[Hello]", 3), ("[two]", 2), ("[]", 1)] {
        let requests = said.iter().filter(|line| line.ends_with(request));
        assert_eq!(requests.count(), times, "{request} in {said:?}");
    }
}

// ---- the brokers -------------------------------------------------------------------------------

/// With a client and two workers.
fn broker_passes_on(name: &str) {
    let _ports = ports();
    let broker = Program::example(name, &[]);
    let mut workers = [(); 2].map(|()| Program::example("rrworker", &[]));
    let client = Program::example("rrclient", &["2"]);
    assert_eq!(
        client.succeeds(),
        ["Received reply 0 [World]", "Received reply 1 [World]"]
    );
    ask("tcp://localhost:5559");
    // Five requests in turn.
    for worker in &mut workers {
        worker.says("Received request: [");
    }
    let said = workers.map(Program::leaves).concat();
    assert_eq!(said.len(), 5, "{said:?}");
    assert_eq!(broker.leaves(), [""; 0]);
}

#[test]
fn rrbroker_passes_requests_and_replies_on() {
    broker_passes_on("rrbroker");
}

#[test]
fn msgqueue_passes_requests_and_replies_on() {
    broker_passes_on("msgqueue");
}

/// A worker sends what is no reply, to nobody or to a stranger, and then works.
fn broker_survives_any_worker(name: &str) {
    let _ports = ports();
    let broker = Program::example(name, &[]);
    let context = Context::new().unwrap();
    let worker = patient(context.socket(zmq::DEALER).unwrap());
    worker.connect("tcp://localhost:5560").unwrap();
    worker.send("no address").unwrap();
    worker.send("").unwrap();
    worker.send_multipart(["stranger", "", "World"]).unwrap();

    let client = client(&context, "tcp://localhost:5559");
    client.send("Hello").unwrap();
    let mut request = worker.recv_multipart().unwrap();
    assert_eq!(request.pop_back().unwrap(), "Hello");
    request.push_back("World");
    worker.send_multipart(request).unwrap();
    assert_eq!(client.recv().unwrap(), "World");
    broker.leaves();
}

#[test]
fn rrbroker_survives_any_worker() {
    broker_survives_any_worker("rrbroker");
}

#[test]
fn msgqueue_survives_any_worker() {
    broker_survives_any_worker("msgqueue");
}

#[test]
fn a_python_client_talks_to_rrworker_through_rrbroker() {
    let _ports = ports();
    let Some(client) = peer(&["hello", "tcp://localhost:5559"]) else {
        return;
    };
    let worker = Program::example("rrworker", &[]);
    let broker = Program::example("rrbroker", &[]);
    client.succeeds();
    assert_eq!(
        worker.leaves(),
        ["Hello", "two", ""].map(|text| format!("Received request: [{text}]"))
    );
    broker.leaves();
}

#[test]
fn rrclient_talks_to_a_python_worker_through_msgqueue() {
    let _ports = ports();
    let Some(worker) = peer(&["world", "connect", "tcp://localhost:5560", "10"]) else {
        return;
    };
    let queue = Program::example("msgqueue", &[]);
    let said = Program::example("rrclient", &[]).succeeds();
    assert_eq!(
        said,
        Vec::from_iter((0..10).map(|n| format!("Received reply {n} [World]")))
    );
    worker.succeeds();
    queue.leaves();
}

// ---- ventilator, workers, sink -----------------------------------------------------------------

/// The number behind `Total …: ` in a line of ventilator, sink or worker.
fn total(line: &str) -> u64 {
    let (_, rest) = line.rsplit_once(": ").unwrap();
    rest.strip_suffix(" msec").unwrap().parse().unwrap()
}

#[test]
fn a_batch_goes_through_two_workers_to_the_sink() {
    let _ports = ports();
    let sink = Program::example("tasksink", &["20"]);
    let workers = [(); 2].map(|()| Program::example("taskwork", &[]));
    let mut ventilator = Program::example("taskvent", &["20"]);
    ventilator.type_line("");
    let said = ventilator.succeeds();
    assert!(
        said[0].ends_with("Press Enter when the workers are ready: Sending tasks to workers...")
    );

    let sunk = sink.succeeds().concat();
    assert!(sunk.starts_with(":.........:.........Total elapsed time: "));
    total(&sunk);
    let said_by_workers = workers.map(Program::leaves).concat().concat();
    let tasks: Vec<u64> = said_by_workers
        .split_terminator('.')
        .map(|task| task.parse().unwrap())
        .collect();
    assert_eq!(tasks.len(), 20);
    assert!(tasks.iter().all(|task| (1..=100).contains(task)));
    assert_eq!(tasks.iter().sum::<u64>(), total(&said[1]));
}

#[test]
fn workers_leave_when_the_sink_says_kill() {
    let _ports = ports();
    let sink = Program::example("tasksink2", &["40"]);
    // Before it is bound a worker would come back only after a while, and might miss the word.
    listens(5559);
    let workers = [(); 2].map(|()| Program::example("taskwork2", &[]));
    let mut ventilator = Program::example("taskvent", &["40"]);
    ventilator.type_line("");
    let expected = total(&ventilator.succeeds()[1]);
    let sunk = sink.succeeds().concat();
    assert!(sunk.starts_with(&":.........".repeat(4)));
    assert!(total(&sunk) >= expected / 2);
    assert_eq!(
        workers.map(Program::succeeds).concat().concat(),
        ".".repeat(40)
    );
}

#[test]
fn taskwork2_leaves_at_any_word_and_at_a_signal() {
    let _ports = ports();
    let context = Context::new().unwrap();
    let controller = patient(context.socket(zmq::XPUB).unwrap());
    controller.bind("tcp://*:5559").unwrap();
    let worker = Program::example("taskwork2", &[]);
    controller.recv_subscription().unwrap();
    controller.send_multipart(["go", "home"]).unwrap();
    worker.succeeds();

    let worker = Program::example("taskwork2", &[]);
    controller.recv().unwrap(); // that the first has gone
    controller.recv().unwrap();
    worker.leaves();
}

#[test]
fn tasksink_takes_messages_of_any_shape_for_results() {
    let _ports = ports();
    let sink = Program::example("tasksink", &["3"]);
    let context = Context::new().unwrap();
    let worker = patient(context.socket(zmq::PUSH).unwrap());
    worker.connect("tcp://localhost:5558").unwrap();
    worker.send_multipart(["begin", "now"]).unwrap();
    worker.send("").unwrap();
    worker.send_multipart(["two", "frames"]).unwrap();
    worker.send(vec![0xff; 100_000]).unwrap();
    assert!(sink.succeeds().concat().starts_with(":..Total"));
}

#[test]
fn taskwork_survives_any_task_and_leaves_without_a_sink() {
    let _ports = ports();
    let mut worker = Program::example("taskwork", &[]);
    let context = Context::new().unwrap();
    let ventilator = patient(context.socket(zmq::PUSH).unwrap());
    ventilator.bind("tcp://*:5557").unwrap();
    ventilator.send_multipart(["two", "frames"]).unwrap();
    ventilator.send("").unwrap();
    ventilator.send("18446744073709551615").unwrap();
    ventilator.send(vec![0xff, b'\n']).unwrap();
    ventilator.send("last\n").unwrap();
    // The results of all but the last wait by now for a sink that never comes.
    worker.says("last");
    worker.leaves();
}

#[test]
fn taskwork_works_for_python() {
    let _ports = ports();
    let Some(batch) = peer(&["batch", "5"]) else {
        return;
    };
    let worker = Program::example("taskwork", &[]);
    batch.succeeds();
    assert_eq!(worker.leaves(), ["1.1.1.1.1."]);
}

#[test]
fn python_works_for_taskvent_until_tasksink2_says_kill() {
    let _ports = ports();
    let Some(mut worker) = peer(&["worker"]) else {
        return;
    };
    let sink = Program::example("tasksink2", &["100"]);
    let mut ventilator = Program::example("taskvent", &[]);
    worker.says("ready");
    ventilator.type_line("");
    let expected = total(&ventilator.succeeds()[1]);
    assert!(
        sink.succeeds()
            .concat()
            .starts_with(&":.........".repeat(10))
    );
    assert_eq!(total(&worker.succeeds()[1]), expected);
}
