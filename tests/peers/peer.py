"""The Python side of the interoperability tests: one role, played to the end.

    peer.py ROLE bind|connect ENDPOINT REPORT

It is what peer.c is, with pyzmq. Without pyzmq it ends with 77, and with no arguments it only says
which libzmq it uses.
"""

import sys

try:
    import zmq
except ImportError as error:
    print(f"Python peer: {error}", file=sys.stderr)
    sys.exit(77)

# Long enough for anything that is going to happen.
LONG_MS = 30_000
# How often a publisher asks whether it is heard.
ASK_MS = 10

HELLO = [b"news?"]
HERE = [b"here"]
ROUTING_ID = b"dealer \xff\x01"


def pattern(size):
    return bytes((index + size) % 251 for index in range(size))


# 255 and 256 bytes are the longest short frame and the shortest long one on the wire.
SCRIPT = [
    [b"single"],
    [b""],
    [b"two", b"frames"],
    [b"", b"between empty frames", b""],
    [b"", b"", b"", b""],
    [pattern(1 << 20)],
    [pattern(255), pattern(256), b"", pattern(1 << 20), b"last"],
]


def fail(why):
    sys.exit(f"Python peer: {why}")


def expect(socket, message):
    compare(socket.recv_multipart(), message)


def compare(received, message):
    if received != message:
        shapes = [[len(frame) for frame in frames] for frames in (received, message)]
        fail("wrong message: sizes {}, expected {}, or the content differs".format(*shapes))


def ask_until_heard(publisher, report):
    """A PUB cannot see its subscribers, so it asks until one says that it hears."""
    for _ in range(LONG_MS // ASK_MS):
        publisher.send_multipart(HELLO)
        if report.poll(ASK_MS):
            expect(report, HERE)
            return
    fail("no subscriber hears")


def publish(publisher):
    publisher.send(b"old news")
    publisher.send(b"news!")
    for message in SCRIPT:
        publisher.send_multipart([b"weather", *message])
        publisher.send_multipart([b"news", *message])


def push(socket, report):
    for message in SCRIPT:
        socket.send_multipart(message)


def pull(socket, report):
    for message in SCRIPT:
        expect(socket, message)


def req(socket, report):
    for message in SCRIPT:
        socket.send_multipart(message)
        expect(socket, message)


def rep(socket, report):
    for message in SCRIPT:
        expect(socket, message)
        socket.send_multipart(message)


def router(socket, report):
    for message in SCRIPT:
        expect(socket, [ROUTING_ID, *message])
        socket.send_multipart([ROUTING_ID, *message])


def both_ways(socket, report):
    push(socket, report)
    pull(socket, report)


def pub(socket, report):
    ask_until_heard(socket, report)
    publish(socket)


def xpub(socket, report):
    expect(socket, [b"\x01news"])
    socket.send_multipart(HELLO)
    expect(report, HERE)
    publish(socket)


def sub(socket, report):
    expect(socket, HELLO)
    report.send_multipart(HERE)
    received = HELLO
    while received == HELLO:
        received = socket.recv_multipart()
    compare(received, [b"news!"])
    for message in SCRIPT:
        expect(socket, [b"news", *message])


ROLES = {
    "req": (zmq.REQ, req),
    "rep": (zmq.REP, rep),
    "pub": (zmq.PUB, pub),
    "xpub": (zmq.XPUB, xpub),
    "sub": (zmq.SUB, sub),
    "push": (zmq.PUSH, push),
    "pull": (zmq.PULL, pull),
    "dealer": (zmq.DEALER, both_ways),
    "router": (zmq.ROUTER, router),
    "pair": (zmq.PAIR, both_ways),
}


def open_socket(context, kind):
    socket = context.socket(kind)
    socket.rcvtimeo = socket.sndtimeo = LONG_MS
    # The subscribers' own linger is none: subscriptions are nothing to wait for.
    socket.linger = 0 if kind == zmq.SUB else LONG_MS
    return socket


def main(role, how, endpoint, report_endpoint):
    kind, play = ROLES[role]
    context = zmq.Context()
    report = open_socket(context, zmq.PAIR)
    report.connect(report_endpoint)
    socket = open_socket(context, kind)
    if kind == zmq.DEALER:
        socket.routing_id = ROUTING_ID
    if kind == zmq.SUB:
        socket.subscribe(b"news")
    if how == "bind":
        socket.bind(endpoint)
        print("bound", socket.last_endpoint.rstrip(b"\0").decode(), flush=True)
    elif how == "connect":
        socket.connect(endpoint)
    else:
        fail(f"{how} is neither bind nor connect")
    play(socket, report)
    socket.close()
    report.close()
    context.term()


if len(sys.argv) == 1:
    print("pyzmq", zmq.__version__, "with libzmq", zmq.zmq_version())
else:
    main(*sys.argv[1:])
