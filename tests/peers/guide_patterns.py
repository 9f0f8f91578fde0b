"""Companions for the programs of the guide's third chapter, with pyzmq: one role, played to the end.

    guide_patterns.py ROLE [ARGUMENT...]

Endpoints of ipc are in the working directory. A role that succeeds ends with 0, and nothing here
waits without end. Without pyzmq it ends with 77, and with no arguments it only says which libzmq it
uses.
"""

import select
import sys

try:
    import zmq
except ImportError as error:
    print(f"Python peer: {error}", file=sys.stderr)
    sys.exit(77)

# Long enough for anything that is going to happen.
LONG_MS = 30_000
# How often a peer tries again that cannot know whether it is heard.
ASK_MS = 20


def fail(why):
    sys.exit(f"Python peer: {why}")


def expect(what, received, wanted):
    if received != wanted:
        fail(f"{what}: {received!r} instead of {wanted!r}")


def say(*words):
    print(*words, flush=True)


def open_socket(context, kind, routing_id=None):
    socket = context.socket(kind)
    socket.rcvtimeo = socket.sndtimeo = LONG_MS
    if routing_id:
        socket.routing_id = routing_id
    return socket


def connected(context, kind, endpoint, routing_id=None):
    socket = open_socket(context, kind, routing_id)
    socket.connect(endpoint)
    return socket


def bound(context, kind, endpoint, routing_id=None):
    socket = open_socket(context, kind, routing_id)
    socket.bind(endpoint)
    return socket


# ---- Hello World ---------------------------------------------------------------------------------


def hello_req(context):
    """Asks a server, in all the shapes a REQ can send."""
    client = connected(context, zmq.REQ, "tcp://localhost:5555")
    for request in ([b"Hello"], [b"two", b"frames"], [b""], [b"\x00\xff" * 50]):
        client.send_multipart(request)
        expect("reply", client.recv_multipart(), [b"World"])


def hello_rep(context):
    """Serves ten requests."""
    server = bound(context, zmq.REP, "tcp://*:5555")
    for _ in range(10):
        expect("request", server.recv_multipart(), [b"Hello"])
        server.send(b"World")


def hello_router(context, name):
    """Serves ten requests of a client of this name, `-` for none."""
    server = bound(context, zmq.ROUTER, "tcp://*:5555")
    for _ in range(10):
        client, *request = server.recv_multipart()
        if name == "-":
            expect("first byte of the identity", client[:1], b"\x00")
        else:
            expect("identity", client, name.encode())
        expect("request", request, [b"", b"Hello"])
        server.send_multipart([client, b"", b"World"])


def hello_scrambled(context):
    """Serves ten requests, but the reply to every other one has no delimiter."""
    server = bound(context, zmq.ROUTER, "tcp://*:5555")
    for number in range(10):
        client, *request = server.recv_multipart()
        expect("request", request, [b"", b"Hello"])
        server.send_multipart([client, b"", b"World"] if number % 2 else [client, b"no", b"World"])


# ---- routing -------------------------------------------------------------------------------------


def worker(context, kind):
    """Works until it is fired."""
    boss = connected(context, getattr(zmq, kind), "tcp://localhost:5671")
    delimiter = [b""] if kind == "DEALER" else []
    say("asks")
    for _ in range(1_000_000):
        boss.send_multipart([*delimiter, b"Hi Boss"])
        workload = boss.recv_multipart()
        if workload == [*delimiter, b"Fired!"]:
            say("fired")
            return
        expect("workload", workload, [*delimiter, b"Work harder"])
        say("working")
    fail("never fired")


def async_client(context):
    """Asks until there is a reply: a request may have none."""
    client = connected(context, zmq.DEALER, "tcp://localhost:5570", b"Python")
    for number in range(100):
        client.send(b"request %d" % number)
        if client.poll(100):
            break
    said, number = client.recv_multipart()[0].split()
    expect("reply", said, b"request")
    say("answered")


# ---- brokers -------------------------------------------------------------------------------------


def lb_client(context):
    client = connected(context, zmq.REQ, "ipc://frontend.ipc")
    for _ in range(3):
        client.send(b"HELLO")
        expect("reply", client.recv_multipart(), [b"OK"])


def lb_worker(context):
    """Answers three requests in its own words."""
    free = connected(context, zmq.REQ, "ipc://backend.ipc")
    free.send(b"\x01")
    for _ in range(3):
        client, empty, request = free.recv_multipart()
        expect("delimiter and request", [empty, request], [b"", b"HELLO"])
        free.send_multipart([client, b"", b"OK from Python"])


def state(context, name):
    """The peer `Python` of peering1: tells the broker `name` about seven workers until a line is
    typed, since a broker that hears something says nothing, and then hears of its workers."""
    ours = bound(context, zmq.PUB, "ipc://Python-state.ipc")
    theirs = open_socket(context, zmq.SUB)
    theirs.subscribe(b"")
    theirs.connect(f"ipc://{name}-state.ipc")
    for _ in range(LONG_MS // ASK_MS):
        ours.send_multipart([b"one frame"])
        ours.send_multipart([b"Python", b"7"])
        if select.select([sys.stdin], [], [], ASK_MS / 1000)[0]:
            break
    told = theirs.recv_multipart()
    expect("frames, and name", [len(told), told[0]], [2, name.encode()])
    expect("number", told[1] in [b"%d" % number for number in range(10)], True)


def ask_cloud(context, name, request, wanted):
    """As the peer `Python`, has a request done by the workers of the broker `name`."""
    cloud = open_socket(context, zmq.ROUTER, b"Python")
    cloud.router_mandatory = True
    cloud.connect(f"ipc://{name}-cloud.ipc")
    message = [name.encode(), b"client", b"", request]
    for _ in range(LONG_MS // ASK_MS):
        try:
            cloud.send_multipart(message)
            break
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            cloud.poll(ASK_MS)
    expect("reply", cloud.recv_multipart(), [name.encode(), b"client", b"", wanted])


def peer2(context, name):
    """The peer `Python` of peering2: does three requests, and has one done."""
    cloud = bound(context, zmq.ROUTER, "ipc://Python-cloud.ipc", b"Python")
    say("bound")
    ask_cloud(context, name, b"HELLO", b"OK")
    for _ in range(3):
        broker, client, empty, request = cloud.recv_multipart()
        expect("request", [broker, empty, request], [name.encode(), b"", b"HELLO"])
        cloud.send_multipart([broker, client, empty, b"OK from Python"])


def peer3(context, name):
    """The peer `Python` of peering3: has a request done, hears of free workers, says that it has
    some of its own, and does three requests."""
    cloud = bound(context, zmq.ROUTER, "ipc://Python-cloud.ipc", b"Python")
    ours = bound(context, zmq.PUB, "ipc://Python-state.ipc")
    theirs = open_socket(context, zmq.SUB)
    theirs.subscribe(b"")
    theirs.connect(f"ipc://{name}-state.ipc")
    say("bound")
    ask_cloud(context, name, b"task", b"task")
    told = theirs.recv_multipart()
    expect("frames, and name", [len(told), told[0]], [2, name.encode()])
    expect("number", told[1] in [b"%d" % number for number in range(6)], True)
    for _ in range(3):
        for _ in range(LONG_MS // ASK_MS):
            ours.send_multipart([b"Python", b"1"])
            if cloud.poll(ASK_MS):
                break
        broker, client, empty, request = cloud.recv_multipart()
        expect("request", [broker, empty, len(request)], [name.encode(), b"", 4])
        cloud.send_multipart([broker, client, empty, request])


ROLES = {
    "hello-req": hello_req,
    "hello-rep": hello_rep,
    "hello-router": hello_router,
    "hello-scrambled": hello_scrambled,
    "worker": worker,
    "async-client": async_client,
    "lb-client": lb_client,
    "lb-worker": lb_worker,
    "state": state,
    "peer2": peer2,
    "peer3": peer3,
}


def main(role, *arguments):
    context = zmq.Context()
    ROLES[role](context, *arguments)
    # What was sent last gets its time to arrive.
    context.destroy(linger=LONG_MS)


if len(sys.argv) == 1:
    print("pyzmq", zmq.__version__, "with libzmq", zmq.zmq_version())
else:
    main(*sys.argv[1:])
