"""The other side of the guide's programs of chapters 1 and 2: one role, played to the end.

    guide_basics.py ROLE [ARGUMENT...]

Without pyzmq it ends with 77, and with no arguments it only says which libzmq it uses.
"""

import re
import sys

try:
    import zmq
    from zmq.utils.monitor import recv_monitor_message
except ImportError as error:
    print(f"Python peer: {error}", file=sys.stderr)
    sys.exit(77)

# Long enough for anything that is going to happen.
LONG_MS = 30_000

context = zmq.Context()


def expect(received, wanted):
    if received != wanted:
        sys.exit(f"Python peer: received {received!r}, expected {wanted!r}")


def say(line):
    print(line, flush=True)


def open_socket(kind, how, endpoint):
    socket = context.socket(kind)
    socket.rcvtimeo = socket.sndtimeo = socket.linger = LONG_MS
    getattr(socket, how)(endpoint)
    return socket


def publisher(endpoint, topic):
    """A publisher that somebody hears who wants exactly this topic."""
    socket = open_socket(zmq.XPUB, "bind", endpoint)
    expect(socket.recv_multipart(), [b"\x01" + topic])
    return socket


def subscriber(endpoint, topic):
    """A subscriber that is connected: its subscription leaves before anything it does later."""
    socket = context.socket(zmq.SUB)
    socket.rcvtimeo = LONG_MS
    socket.subscribe(topic)
    monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    monitor.rcvtimeo = LONG_MS
    socket.connect(endpoint)
    recv_monitor_message(monitor)
    socket.disable_monitor()
    return socket


def hello(endpoint):
    """A client whose requests have all kinds of shapes."""
    socket = open_socket(zmq.REQ, "connect", endpoint)
    for request in [b"Hello"], [b"two", b"frames"], [b""]:
        socket.send_multipart(request)
        expect(socket.recv_multipart(), [b"World"])


def world(how, endpoint, requests):
    """A server or worker."""
    socket = open_socket(zmq.REP, how, endpoint)
    for _ in range(int(requests)):
        expect(socket.recv_multipart(), [b"Hello"])
        socket.send(b"World")


def weather_server():
    socket = publisher("tcp://*:5556", b"10001 ")
    for temperature in -80, -11, 134:
        socket.send(b"10002 0 10")
        socket.send(b"10001 %d 59" % temperature)


def weather_client():
    socket = subscriber("tcp://localhost:5556", b"1")
    for _ in range(500):
        text = socket.recv().decode()
        zipcode, temperature, relhumidity = re.fullmatch(
            r"(1\d{4}) (-?\d+) (\d+)", text
        ).groups()
        if not (-80 <= int(temperature) <= 134 and 10 <= int(relhumidity) <= 59):
            sys.exit(f"Python peer: {text!r} would not fool the boss")


def batch(tasks):
    """Ventilator and sink in one."""
    sender = open_socket(zmq.PUSH, "bind", "tcp://*:5557")
    receiver = open_socket(zmq.PULL, "bind", "tcp://*:5558")
    for _ in range(int(tasks)):
        sender.send(b"1")
    for _ in range(int(tasks)):
        expect(receiver.recv_multipart(), [b""])


def worker():
    """A worker that leaves when it is told to."""
    controller = subscriber("tcp://localhost:5559", b"")
    receiver = open_socket(zmq.PULL, "connect", "tcp://localhost:5557")
    sender = open_socket(zmq.PUSH, "connect", "tcp://localhost:5558")
    say("ready")
    total = 0
    poller = zmq.Poller()
    poller.register(receiver, zmq.POLLIN)
    poller.register(controller, zmq.POLLIN)
    while True:
        ready = dict(poller.poll(LONG_MS))
        if not ready:
            sys.exit("Python peer: neither task nor end")
        if receiver in ready:
            workload = int(receiver.recv())
            if not 1 <= workload <= 100:
                sys.exit(f"Python peer: {workload} ms is no task")
            total += workload
            sender.send(b"")
        elif controller in ready:
            expect(controller.recv_multipart(), [b"KILL"])
            break
    say(f"Total cost: {total} msec")


def envelope_publisher():
    socket = publisher("tcp://*:5563", b"B")
    for contents in b"first", b"second", b"last":
        socket.send_multipart([b"A", contents])
        socket.send_multipart([b"B", contents])


def envelope_subscriber():
    socket = subscriber("tcp://localhost:5563", b"")
    received = [socket.recv_multipart() for _ in range(2)]
    contents = {
        b"A": [b"A", b"We don't want to see this"],
        b"B": [b"B", b"We would like to see this"],
    }
    for message in received:
        expect(message, contents[message[0]])


def synchronized(updates):
    updates_from = subscriber("tcp://localhost:5561", b"")
    syncclient = open_socket(zmq.REQ, "connect", "tcp://localhost:5562")
    syncclient.send(b"")
    expect(syncclient.recv_multipart(), [b""])
    for _ in range(int(updates)):
        expect(updates_from.recv_multipart(), [b"Rhubarb"])
    expect(updates_from.recv_multipart(), [b"END"])


def durable():
    """A publisher of two updates."""
    sync = open_socket(zmq.PULL, "bind", "tcp://*:5564")
    socket = publisher("tcp://*:5565", b"")
    expect(sync.recv_multipart(), [b""])
    for update in b"Update 0", b"Update 1", b"END":
        socket.send(update)


ROLES = {
    role.__name__: role
    for role in (
        hello,
        world,
        weather_server,
        weather_client,
        batch,
        worker,
        envelope_publisher,
        envelope_subscriber,
        synchronized,
        durable,
    )
}

if len(sys.argv) == 1:
    print("pyzmq", zmq.__version__, "with libzmq", zmq.zmq_version())
else:
    ROLES[sys.argv[1]](*sys.argv[2:])
    context.destroy()  # each socket has its own linger, and a subscriber none
