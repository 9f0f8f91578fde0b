"""The Python side of the tests of the guide's reliable request-reply, with pyzmq.

    guide_reliable.py ROLE [ARGUMENT...]

A role plays one side of a pattern at the ports of the guide, checks each frame it gets, and ends with
0 when all was right. Without pyzmq everything ends with 77; with no arguments it only says which libzmq
it uses.
"""

import sys
import time

try:
    import zmq
except ImportError as error:
    print(f"Python peer: {error}", file=sys.stderr)
    sys.exit(77)

# Long enough for anything that is going to happen.
LONG_MS = 30_000

CLIENT = b"MDPC01"
WORKER = b"MDPW01"
READY, REQUEST, REPLY, HEARTBEAT, DISCONNECT = (bytes([code]) for code in range(1, 6))

context = zmq.Context()


def fail(why):
    sys.exit(f"Python peer: {why}")


def say(*words):
    print(*words, flush=True)


def check(received, expected):
    if received != expected:
        fail(f"got {received}, expected {expected}")


def open_socket(kind):
    socket = context.socket(kind)
    socket.rcvtimeo = socket.sndtimeo = LONG_MS
    socket.linger = LONG_MS
    return socket


def connect(kind, port):
    socket = open_socket(kind)
    socket.connect(f"tcp://localhost:{port}")
    return socket


def bind(kind, port):
    socket = open_socket(kind)
    socket.bind(f"tcp://*:{port}")
    say("bound")
    return socket


# ---- pirates -----------------------------------------------------------------------------------


def lazy_client(count):
    """Sends numbers, and tries again on a new socket; each reply has to be the number."""
    for number in range(1, int(count) + 1):
        for _ in range(3):
            client = open_socket(zmq.REQ)
            client.linger = 0
            client.connect("tcp://localhost:5555")
            client.send_string(str(number))
            if client.poll(2500):
                check(client.recv_multipart(), [str(number).encode()])
                say("reply", number)
                break
            client.close()
        else:
            fail("no reply")


def unreliable_server():
    """Ignores the first request, answers the second with nonsense, echoes two more."""
    server = bind(zmq.ROUTER, 5555)
    check(server.recv_multipart()[1:], [b"", b"1"])
    sender, _, request = server.recv_multipart()
    check(request, b"1")
    server.send_multipart([sender, b"", b"one", b"and more"])
    for number in (b"1", b"2"):
        sender, _, request = server.recv_multipart()
        check(request, number)
        server.send_multipart([sender, b"", request])


def simple_worker(count):
    worker = connect(zmq.REQ, 5556)
    worker.send(b"\x01")
    for _ in range(int(count)):
        client, empty, *request = worker.recv_multipart()
        check(empty, b"")
        worker.send_multipart([client, b"", *request])
    worker.close()


def simple_queue():
    """Has a worker echo requests of one frame, of two and of an empty one."""
    queue = bind(zmq.ROUTER, 5556)
    worker, *ready = queue.recv_multipart()
    check(ready, [b"", b"\x01"])
    for request in ([b"Hello"], [b"two", b"frames"], [b""], [b"\x00\xff\x01"]):
        message = [b"\x00cli\xff", b"", *request]
        queue.send_multipart([worker, b"", *message])
        check(queue.recv_multipart(), [worker, b"", *message])


def paranoid_worker(count):
    """Says nothing between requests but heartbeats, and wants the queue's."""
    worker = connect(zmq.DEALER, 5556)
    worker.send(b"\x01")
    requests = heartbeats = 0
    while requests < int(count) or not heartbeats:
        if not worker.poll(1000):
            worker.send(b"\x02")
            continue
        message = worker.recv_multipart()
        if len(message) == 1:
            check(message, [b"\x02"])
            heartbeats += 1
            worker.send(b"\x02")
        else:
            check(message[1], b"")
            worker.send_multipart(message)
            requests += 1
            say("request", requests)


def paranoid_queue():
    """Sends a worker nonsense and then a request, and wants its heartbeats."""
    queue = bind(zmq.ROUTER, 5556)
    worker, *ready = queue.recv_multipart()
    check(ready, [b"\x01"])
    check(queue.recv_multipart(), [worker, b"\x02"])
    for nonsense in ([b""], [b"two", b"frames"], [b"x"], [b"a", b"", b"b", b"c"]):
        queue.send_multipart([worker, *nonsense])
    message = [b"\x00cli\xff", b"", b"Hello"]
    queue.send_multipart([worker, *message])
    reply = queue.recv_multipart()
    while reply == [worker, b"\x02"]:
        reply = queue.recv_multipart()
    check(reply, [worker, *message])


# ---- Majordomo ---------------------------------------------------------------------------------


def call(client, service, *body):
    """One call through a DEALER."""
    client.send_multipart([b"", CLIENT, service, *body])
    empty, header, replier, *reply = client.recv_multipart()
    check([empty, header, replier], [b"", CLIENT, service])
    return reply


def majordomo_client(service, count):
    """Calls through a REQ."""
    client = connect(zmq.REQ, 5555)
    for number in range(int(count)):
        body = [b"request", str(number).encode(), b"", b"\x00\xff"]
        client.send_multipart([CLIENT, service.encode(), *body])
        check(client.recv_multipart(), [CLIENT, service.encode(), *body])
    say("all replies")


def majordomo_worker(service, count):
    worker = connect(zmq.DEALER, 5555)
    worker.send_multipart([b"", WORKER, READY, service.encode()])
    say("registered")
    requests = heartbeats = 0
    while requests < int(count) or not heartbeats:
        if not worker.poll(100):
            worker.send_multipart([b"", WORKER, HEARTBEAT])
            continue
        empty, header, command, *rest = worker.recv_multipart()
        check([empty, header], [b"", WORKER])
        if command == HEARTBEAT:
            check(rest, [])
            heartbeats += 1
        else:
            check(command, REQUEST)
            check(rest[1], b"")
            worker.send_multipart([b"", WORKER, REPLY, *rest])
            requests += 1
    worker.send_multipart([b"", WORKER, DISCONNECT])
    worker.close()
    say("all requests")


def majordomo_broker(count):
    """Takes one worker, and a client after another, and wants all their frames to be as specified.

    The first client makes 10 calls, each through a REQ. What it sends itself is not always so.
    """
    broker = bind(zmq.ROUTER, 5555)
    worker, *ready = broker.recv_multipart()
    check(ready, [b"", WORKER, READY, b"echo"])
    # What a worker has to survive.
    for nonsense in ([b""], [b"two", b"frames"], [b"", b"MDPX01", b"\x02"], [b"", WORKER, b""],
                     [b"", WORKER, REQUEST], [b"", WORKER, REQUEST, b"client", b"no empty frame"],
                     [b"", WORKER, READY, b"echo"], [b"", WORKER, HEARTBEAT]):
        broker.send_multipart([worker, *nonsense])
    # And the end of a session: another begins.
    broker.send_multipart([worker, b"", WORKER, DISCONNECT])
    while True:
        worker, *ready = broker.recv_multipart()
        if ready != [b"", WORKER, HEARTBEAT]:
            check(ready, [b"", WORKER, READY, b"echo"])
            break
    say("registered")
    served = 0
    replies = [[b"", CLIENT, b"echo"], [b"", CLIENT, b"other", b"Hello world"]]
    skipped = [[b""], [b"two", b"frames"], [CLIENT, b"echo", b"no empty frame"]]
    while served < int(count):
        sender, *message = broker.recv_multipart()
        if message == [b"", WORKER, HEARTBEAT]:
            broker.send_multipart([sender, *message])
        elif sender == worker:
            check(message[:3], [b"", WORKER, REPLY])
            check(message[3:], [client, b"", b"Hello world"])
            broker.send_multipart([client, b"", CLIENT, b"echo", b"Hello world"])
            served += 1
        else:
            client = sender
            check(message, [b"", CLIENT, b"echo", b"Hello world"])
            if replies:
                # A REQ takes it for its reply, and tries again.
                broker.send_multipart([client, *replies.pop(0)])
                continue
            while served == 10 and skipped:
                # The client that does not wait has to look further.
                broker.send_multipart([client, *skipped.pop()])
            broker.send_multipart([worker, b"", WORKER, REQUEST, client, b"", b"Hello world"])


def malformed():
    """Sends the broker what is no message of the protocol; valid calls come back all the same."""
    peer = connect(zmq.DEALER, 5555)
    for message in ([b""], [b"", b""], [b"two", b"frames"], [b"\x00\xff" * 500],
                    [b"", CLIENT], [b"", CLIENT, b"echo"], [b"", CLIENT, b"", b"body"],
                    [b"", b"MDPX01", b"echo", b"body"], [CLIENT, b"echo", b"body"],
                    [b"", WORKER], [b"", WORKER, b""], [b"", WORKER, b"\x09"],
                    [b"", WORKER, b"\x01\x01", b"echo"]):
        peer.send_multipart(message)
    check(call(peer, b"mmi.service", b"echo"), [b"404"])
    check(call(peer, b"mmi.unknown", b"echo"), [b"501"])
    check(call(peer, b"mmi.service", b"\xff\x00"), [b"404"])

    # Commands without a session, or out of place in one, are answered with DISCONNECT.
    for commands in ([[HEARTBEAT]], [[REPLY, b"client", b"", b"body"]], [[READY]], [[READY, b""]],
                     [[READY, b"mmi.service"]], [[READY, b"own"], [READY, b"own"]],
                     [[READY, b"own"], [REPLY, b"client", b"", b"body"]], [[REQUEST]]):
        worker = connect(zmq.DEALER, 5555)
        for command in commands:
            worker.send_multipart([b"", WORKER, *command])
        check(worker.recv_multipart(), [b"", WORKER, DISCONNECT])
        worker.close()

    # A reply that is none ends the session as well.
    worker = connect(zmq.DEALER, 5555)
    worker.send_multipart([b"", WORKER, READY, b"own"])
    peer.send_multipart([b"", CLIENT, b"own", b"body"])
    check(worker.recv_multipart()[:3], [b"", WORKER, REQUEST])
    worker.send_multipart([b"", WORKER, REPLY, b"client"])
    check(worker.recv_multipart(), [b"", WORKER, DISCONNECT])
    check(call(peer, b"mmi.service", b"own"), [b"404"])


def titanic_client(service):
    """Leaves a request, asks for the reply, and closes; names that cannot be are refused."""
    client = connect(zmq.DEALER, 5555)
    for name in (b"", b"../secret", b"0" * 31, b"\xff" * 32, b"A" * 32):
        check(call(client, b"titanic.reply", name), [b"400"])
    check(call(client, b"titanic.request", b"only a service"), [b"400"])

    code, uuid = call(client, b"titanic.request", service.encode(), b"Hello", b"", b"world")
    check([code, len(uuid)], [b"200", 32])
    say("left")
    for _ in range(LONG_MS // 100):
        code, *reply = call(client, b"titanic.reply", uuid)
        if code == b"200":
            break
        check([code, reply], [b"300", []])
        say("pending")
        time.sleep(0.1)
    check([code, *reply], [b"200", b"Hello", b"", b"world"])
    for _ in range(2):
        check(call(client, b"titanic.close", uuid), [b"200"])
    check(call(client, b"titanic.reply", uuid), [b"400"])


ROLES = {
    "lazy-client": lazy_client,
    "unreliable-server": unreliable_server,
    "simple-worker": simple_worker,
    "simple-queue": simple_queue,
    "paranoid-worker": paranoid_worker,
    "paranoid-queue": paranoid_queue,
    "majordomo-client": majordomo_client,
    "majordomo-worker": majordomo_worker,
    "majordomo-broker": majordomo_broker,
    "malformed": malformed,
    "titanic-client": titanic_client,
}

if len(sys.argv) == 1:
    print("pyzmq", zmq.__version__, "with libzmq", zmq.zmq_version())
else:
    ROLES[sys.argv[1]](*sys.argv[2:])
    context.destroy()
