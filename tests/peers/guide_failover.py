"""Peers of the guide's failover programs (chapter 4), with pyzmq.

    guide_failover.py ROLE ARGUMENT...

Without pyzmq it ends with 77, and with no arguments it only says which libzmq it uses.
"""

import sys
import threading

try:
    import zmq
except ImportError as error:
    print(f"Python peer: {error}", file=sys.stderr)
    sys.exit(77)

# Long enough for anything that is going to happen.
LONG_MS = 30_000


def say(text):
    print(text, flush=True)


def open_socket(kind, option=None):
    socket = zmq.Context.instance().socket(kind)
    socket.rcvtimeo = socket.sndtimeo = socket.linger = LONG_MS
    if option:
        socket.setsockopt(*option)
    return socket


def expect(received, expected):
    if received != expected:
        sys.exit(f"Python peer: {received}, expected {expected}")


def echo(endpoint, count):
    """A server of model 1."""
    server = open_socket(zmq.REP)
    server.bind(endpoint)
    say("ready")
    for _ in range(int(count)):
        server.send_multipart(server.recv_multipart())


def sequenced(endpoint, count):
    """A server of model 2. It sends late and strange replies, too."""
    server = open_socket(zmq.ROUTER)
    server.bind(endpoint)
    say("ready")
    for number in range(1, int(count) + 1):
        client, empty, sequence, body = server.recv_multipart()
        expect([empty, sequence, body], [b"", b"%d" % number, b"random name"])
        server.send_multipart([client, b"", b"%d" % (number - 1), b"OK"])
        server.send_multipart([client, b"", b"%d" % number])
        server.send_multipart([client, b"\xff"])
        server.send_multipart([client, b"", sequence, b"OK"])


def freelance(port, count):
    """A server of model 3. It sends late and strange replies, too."""
    server = open_socket(zmq.ROUTER, (zmq.ROUTING_ID, b"tcp://localhost:" + port.encode()))
    server.bind(f"tcp://*:{port}")
    say("ready")
    requests = 0
    while requests < int(count):
        client, control, *body = server.recv_multipart()
        if control == b"PING":
            server.send_multipart([client, b"PONG"])
            continue
        expect(body, [b"random name"])
        server.send_multipart([client, b"0", b"OK"])
        server.send_multipart([client, b""])
        server.send_multipart([client, control, b"OK"])
        requests += 1


def ask(endpoint, *frames):
    """A client of models 1 and 2, and of the binary star."""
    client = open_socket(zmq.REQ)
    client.connect(endpoint)
    client.send_multipart([frame.encode() for frame in frames])
    say("reply " + " ".join(frame.decode() for frame in client.recv_multipart()))


def ask_freelance(port):
    """A client of model 3."""
    client = open_socket(zmq.ROUTER, (zmq.ROUTER_MANDATORY, 1))
    server = b"tcp://localhost:" + port.encode()
    client.connect(server.decode())
    while True:
        try:
            client.send_multipart([server, b"PING"])
            break
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            # Not connected yet: nothing comes, and that takes a moment.
            client.poll(10)
    expect(client.recv_multipart(), [server, b"PONG"])
    client.send_multipart([server, b"7", b"random name"])
    expect(client.recv_multipart(), [server, b"7", b"OK"])
    client.send_multipart([server, b"", b"more", b"\xff"])
    expect(client.recv_multipart(), [server, b"", b"OK"])
    say("served")


def primary(heartbeat):
    """The active one of a binary star."""
    publisher = open_socket(zmq.PUB)
    publisher.bind("tcp://*:5003")
    subscriber = open_socket(zmq.SUB, (zmq.SUBSCRIBE, b""))
    subscriber.connect("tcp://localhost:5004")
    frontend = open_socket(zmq.ROUTER)
    frontend.bind("tcp://*:5001")

    def serve():
        while True:
            if frontend.poll(LONG_MS):
                frontend.send_multipart(frontend.recv_multipart())

    threading.Thread(target=serve, daemon=True).start()
    state = None
    while True:
        publisher.send(b"3")
        if subscriber.poll(int(heartbeat)):
            if state != (state := subscriber.recv()):
                say(f"the peer says {state.decode()}")


ROLES = [echo, sequenced, freelance, ask, ask_freelance, primary]

if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(f"libzmq {zmq.zmq_version()}")
    else:
        {role.__name__: role for role in ROLES}[sys.argv[1]](*sys.argv[2:])
        # At the end of the interpreter nothing would wait for what is still to be sent.
        zmq.Context.instance().destroy(linger=LONG_MS)
