//! A STREAM and programs that know nothing of ZeroMQ: a plain TCP client and server, and curl.

mod common;

use std::env;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{LONG, patient};
use zmq::{Context, Message, Socket, Stream};

fn stream() -> (Context, Socket<Stream>) {
    let context = Context::new().unwrap();
    let stream = patient(context.socket(zmq::STREAM).unwrap());
    (context, stream)
}

/// A STREAM bound to a free port, and the address.
fn server() -> (Context, Socket<Stream>, String) {
    let (context, stream) = stream();
    stream.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = stream.last_endpoint().unwrap();
    let address = endpoint.strip_prefix("tcp://").unwrap().to_owned();
    (context, stream, address)
}

fn plain(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.set_write_timeout(Some(LONG)).unwrap();
    stream
}

/// The peer of the next message, which has to be the empty one that says it came or went.
fn notified(stream: &Socket<Stream>) -> Message {
    let [id, notice] = stream.recv_array().unwrap();
    assert_eq!(notice, "");
    id
}

/// What comes from this peer until it ends as expected; TCP has no frames.
fn read_until(stream: &Socket<Stream>, id: &Message, end: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        let [from, part] = stream.recv_array().unwrap();
        assert_eq!(&from, id);
        assert_ne!(part, "", "it went before its end: {}", bytes.escape_ascii());
        bytes.extend_from_slice(&part);
    }
    bytes
}

/// Waits for messages, none of which come: libzmq closes a connection while its socket is used.
fn serve_until(stream: &Socket<Stream>, done: impl FnMut() -> bool) {
    let mut done = done;
    let start = Instant::now();
    while !done() {
        let [ready] = zmq::poll([stream.poll_in()], Some(Duration::from_millis(5))).unwrap();
        assert!(!ready.is_readable());
        assert!(start.elapsed() < LONG);
    }
}

#[test]
fn a_plain_tcp_client_is_heard_answered_and_seen_to_go() {
    let (_context, stream, address) = server();
    let mut client = plain(TcpStream::connect(address).unwrap());
    let id = notified(&stream);
    assert!(!id.is_empty());

    client.write_all(b"Hello\n").unwrap();
    assert_eq!(read_until(&stream, &id, b"\n"), b"Hello\n");

    let long = vec![7; 1 << 20];
    stream.send_more(&id[..]).send(long.clone()).unwrap();
    let mut received = vec![0; long.len()];
    client.read_exact(&mut received).unwrap();
    assert!(received == long);

    client.shutdown(Shutdown::Both).unwrap();
    assert_eq!(notified(&stream), id);
}

#[test]
fn an_empty_part_closes_the_connection_of_one_client_and_leaves_the_other() {
    let (_context, stream, address) = server();
    let mut first = plain(TcpStream::connect(&address).unwrap());
    let first_id = notified(&stream);
    let mut second = plain(TcpStream::connect(&address).unwrap());
    let second_id = notified(&stream);
    assert_ne!(first_id, second_id);

    stream.send_multipart([&first_id[..], b""]).unwrap();
    stream.send_multipart([&second_id[..], b"stay\n"]).unwrap();
    let end = thread::spawn(move || first.read(&mut [0; 8]).unwrap());
    serve_until(&stream, || end.is_finished());
    assert_eq!(end.join().unwrap(), 0, "bytes before the end of the stream");
    let mut line = [0; 5];
    second.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"stay\n");
}

#[test]
fn a_plain_tcp_server_is_talked_to_by_the_id_that_came_with_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (_context, stream) = stream();
    let address = listener.local_addr().unwrap();
    stream.connect(&format!("tcp://{address}")).unwrap();
    let echo = thread::spawn(move || {
        let mut client = plain(listener.accept().unwrap().0);
        let mut line = [0; 6];
        client.read_exact(&mut line).unwrap();
        client.write_all(&line).unwrap();
    });
    let id = notified(&stream);
    stream.send_more(&id[..]).send("Hello\n").unwrap();
    assert_eq!(read_until(&stream, &id, b"\n"), b"Hello\n");
    assert_eq!(notified(&stream), id);
    echo.join().unwrap();
}

/// Curl asking for a page, or `None` where there is no curl; under CI it has to be there.
fn curl(address: &str) -> Option<Child> {
    let asked = Command::new("curl")
        .args(["--silent", "--fail", "--max-time", "30", "--noproxy", "*"])
        .arg(format!("http://{address}/index.html"))
        .stdout(Stdio::piped())
        .spawn();
    match asked {
        Ok(child) => Some(child),
        Err(error) if error.kind() == ErrorKind::NotFound && env::var_os("CI").is_none() => None,
        Err(error) => panic!("curl: {error}"),
    }
}

#[test]
fn curl_gets_a_page_over_http() {
    let (_context, stream, address) = server();
    let Some(mut curl) = curl(&address) else {
        eprintln!("skipped: no curl");
        return;
    };
    let id = notified(&stream);
    let request = read_until(&stream, &id, b"\r\n\r\n");
    assert!(request.starts_with(b"GET /index.html HTTP/1.1\r\n"));
    let page =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nHello, World!";
    stream.send_more(&id[..]).send(page).unwrap();
    stream.send_more(&id[..]).send("").unwrap();
    serve_until(&stream, || curl.try_wait().unwrap().is_some());
    let output = curl.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"Hello, World!");
}
