//! Options that are for the system reach it: a libzmq that was built without them takes them in silence.

#![cfg(target_os = "linux")]

use std::fs;

use zmq::{Context, Result};

/// The CPUs that the thread with this directory below `/proc` may run on.
fn cpus(directory: &str) -> String {
    let status = fs::read_to_string(format!("{directory}/status")).expect("a status");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    line.expect("CPUs").trim().to_owned()
}

#[test]
fn io_threads_have_the_name_and_the_cpu_that_they_were_given() -> Result<()> {
    let allowed = cpus("/proc/self");
    let first = allowed.split([',', '-']).next().expect("a CPU");
    let context = Context::new()?;
    context.add_thread_affinity_cpu(first.parse().expect("its number"))?;
    context.set_thread_name_prefix(4711)?;
    let (pull, push) = (context.socket(zmq::PULL)?, context.socket(zmq::PUSH)?);
    pull.bind("tcp://127.0.0.1:*")?;
    push.connect(&pull.last_endpoint()?)?;
    push.send("through the I/O thread")?;
    pull.recv()?;

    let threads = fs::read_dir("/proc/self/task").expect("threads");
    let io_threads: Vec<_> = threads
        .map(|thread| thread.expect("a thread").path().display().to_string())
        .filter(|thread| {
            // Threads of other tests may end meanwhile.
            fs::read_to_string(format!("{thread}/comm"))
                .is_ok_and(|name| name.starts_with("4711/ZMQbg/IO"))
        })
        .collect();
    assert_eq!(io_threads.len(), 1);
    assert_eq!(cpus(&io_threads[0]), first);
    Ok(())
}

#[test]
fn tcp_keep_alive_sets_a_timer_on_the_connection() -> Result<()> {
    let context = Context::new()?;
    let (server, client) = (context.socket(zmq::REP)?, context.socket(zmq::REQ)?);
    server.bind("tcp://127.0.0.1:*")?;
    let endpoint = server.last_endpoint()?;
    client.set_tcp_keepalive(Some(true))?;
    client.connect(&endpoint)?;
    client.send("acknowledged by the reply")?;
    server.recv()?;
    server.send("nothing of the client's is under way any more")?;
    client.recv()?;

    let port = endpoint.rsplit(':').next().expect("a port");
    let peer = format!("0100007F:{:04X}", port.parse::<u16>().expect("a number"));
    let connections = fs::read_to_string("/proc/self/net/tcp").expect("connections");
    let timer = connections.lines().find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        // Established; the timer is 2 when it is that of keep-alive.
        (fields[2] == peer && fields[3] == "01").then(|| fields[5][..2].to_owned())
    });
    assert_eq!(timer.as_deref(), Some("02"));
    Ok(())
}
