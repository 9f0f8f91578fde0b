"""The other side of the guide's programs of chapter 5, with pyzmq.

    guide_pubsub.py ROLE

A role is named after the program that it meets. It says "ready" when it has bound what it binds, and
ends with 0 when everything came as it should. Without pyzmq it ends with 77, and with no arguments it
only says which libzmq it uses.
"""

import struct
import sys
import time

try:
    import zmq
except ImportError as error:
    print(f"Python peer: {error}", file=sys.stderr)
    sys.exit(77)

# Long enough for anything that is going to happen.
LONG_MS = 30_000

KTHXBAI = b"KTHXBAI"


def check(condition, what):
    if not condition:
        sys.exit(f"Python peer: {what}")


def ready():
    print("ready", flush=True)


def number(value):
    return struct.pack(">q", value)


def sequence(frame):
    return struct.unpack(">q", frame)[0]


class Peer:
    def __init__(self):
        self.context = zmq.Context()

    def open(self, kind):
        socket = self.context.socket(kind)
        socket.sndhwm = 0  # a ROUTER drops what is above it
        socket.rcvtimeo = socket.sndtimeo = LONG_MS
        socket.linger = LONG_MS if kind in (zmq.PUB, zmq.XPUB, zmq.PUSH, zmq.ROUTER) else 0
        return socket

    def bind(self, kind, port):
        socket = self.open(kind)
        socket.bind(f"tcp://127.0.0.1:{port}")
        return socket

    def connect(self, kind, port, *topics):
        socket = self.open(kind)
        for topic in topics:
            socket.subscribe(topic)
        socket.connect(f"tcp://127.0.0.1:{port}")
        return socket

    def snapshot(self, *request):
        """Everything a clone server knows, as a table of its messages, and the last number."""
        dealer = self.connect(zmq.DEALER, 5556)
        dealer.send_multipart([b"ICANHAZ?", *request])
        table = {}
        while True:
            key, *rest = dealer.recv_multipart()
            if key == KTHXBAI:
                check(rest[-1] == b"", "KTHXBAI with a body")
                return table, sequence(rest[0])
            table[key] = rest


def random_pair(key, body, before=b""):
    check(key.startswith(before) and 0 <= int(key[len(before) :]) < 10_000, f"key {key}")
    check(0 <= int(body) < 1_000_000, f"body {body}")


# ---- servers under test ------------------------------------------------------------------------


def clonesrv1(peer):
    updates = peer.connect(zmq.SUB, 5556, b"")
    last = 0
    for _ in range(500):
        key, counter, body = updates.recv_multipart()
        check(sequence(counter) > last, "numbers that do not rise")
        last = sequence(counter)
        random_pair(key, body)


def clonesrv2(peer):
    updates = peer.connect(zmq.SUB, 5557, b"")
    while sequence(updates.recv_multipart()[1]) < 20_000:
        pass
    table, last = peer.snapshot()
    check(len(table) > 5_000, f"a snapshot of {len(table)}")
    check(max(sequence(rest[0]) for rest in table.values()) == last, "not the last number")
    for key, (_, body) in table.items():
        random_pair(key, body)


def subscribed(peer, push, frames):
    """Pushes until the subscription has arrived: what comes back, and a number above it."""
    updates = peer.connect(zmq.SUB, 5557, b"")
    while True:
        push.send_multipart(frames)
        if updates.poll(50):
            return updates


def drain(updates):
    while updates.poll(200):
        last = updates.recv_multipart()
    return last


def clonesrv3(peer):
    push = peer.connect(zmq.PUSH, 5558)
    updates = subscribed(peer, push, [b"first", number(0), b"1"])
    last = sequence(drain(updates)[1])
    push.send_multipart([b"no update"])
    push.send_multipart([b"second", number(77), b"\x00\xff"])
    check(updates.recv_multipart() == [b"second", number(last + 1), b"\x00\xff"], "update")
    table, end = peer.snapshot()
    check(end == last + 1, f"snapshot of {end}")
    check(table.keys() == {b"first", b"second"}, f"keys {table.keys()}")
    check(table[b"second"] == [number(last + 1), b"\x00\xff"], "entry")


def clonesrv4(peer):
    push = peer.connect(zmq.PUSH, 5558)
    subscribed(peer, push, [b"/client/1", number(0), b"1"])
    push.send_multipart([b"/other/1", number(0), b"2"])
    # Both sockets are served in turn, so ask until it is there.
    while b"/other/1" not in peer.snapshot(b"")[0]:
        pass
    check(peer.snapshot(b"/client/")[0].keys() == {b"/client/1"}, "subtree")
    check(peer.snapshot(b"/none/")[0] == {}, "empty subtree")


def clonesrv5(peer):
    push = peer.connect(zmq.PUSH, 5558)
    uuid = bytes(range(16))
    updates = subscribed(peer, push, [b"stays", number(0), b"", b"", b"1"])
    last = sequence(drain(updates)[1])
    push.send_multipart([b"ends", number(0), uuid, b"owner=Joe\nttl=1\n", b"2"])
    received = updates.recv_multipart()
    check(received == [b"ends", number(last + 1), uuid, b"owner=Joe\nttl=1\n", b"2"], "update")
    table, _ = peer.snapshot(b"")
    properties = table[b"ends"][2].split(b"\n")
    check(b"owner=Joe" in properties, "a property is lost")
    end = next(int(line[4:]) for line in properties if line.startswith(b"ttl="))
    check(abs(end - 1000 * time.time()) < 10_000, f"ttl {end}")
    key, counter, same, _, body = updates.recv_multipart()
    check((key, sequence(counter), same, body) == (b"ends", last + 2, uuid, b""), "no deletion")
    check(peer.snapshot(b"")[0].keys() == {b"stays"}, "what stays")


def clonesrv6(peer):
    # A primary without a backup answers as soon as it is sure to be alone.
    dealer = peer.connect(zmq.DEALER, 5556)
    dealer.send(b"bad request")
    while not dealer.poll(100):
        dealer.send_multipart([b"ICANHAZ?", b""])
    check(dealer.recv_multipart() == [KTHXBAI, number(0), b"", b"", b""], "not empty at first")
    push = peer.connect(zmq.PUB, 5558)
    uuid = bytes(range(16))
    updates = peer.connect(zmq.SUB, 5557, b"key", b"HUGZ")
    key, counter, *rest = updates.recv_multipart()
    check((key, rest) == (b"HUGZ", [b"", b"", b""]), "heartbeat")
    while key != b"key":
        push.send_multipart([b"bad update"])
        push.send_multipart([b"key", number(0), uuid, b"ttl=1\n", b"body"])
        key, counter, *rest = updates.recv_multipart()
    check(rest == [uuid, b"ttl=1\n", b"body"], f"update {rest}")
    while b"key" in peer.snapshot(b"k")[0]:
        time.sleep(0.1)
    while rest[-1] != b"" or key != b"key":
        key, counter, *rest = updates.recv_multipart()


def pathopub(peer):
    topics = peer.connect(zmq.SUB, 5556, b"")
    first = [topics.recv_multipart() for _ in range(1000)]
    check(first == [[b"%03d" % i, b"Save Roger"] for i in range(1000)], "the first thousand")
    topic, text = topics.recv_multipart()
    check(0 <= int(topic) < 1000 and text == b"Off with his head!", "the random one")


def lvcache(peer):
    publisher = peer.bind(zmq.XPUB, 5557)
    ready()
    check(publisher.recv() == b"\x01", "no subscription")
    publisher.send_multipart([b"weather", b"old"])
    publisher.send_multipart([b"weather", b"rain \xff"])
    publisher.send_multipart([b"no value"])
    publisher.send_multipart([b"sport", b"2:1"])
    # It has passed all of them on when the last is in its cache.
    while True:
        sport = peer.connect(zmq.SUB, 5558, b"sport")
        if sport.poll(200):
            break
    check(sport.recv_multipart() == [b"sport", b"2:1"], "sport")
    for _ in range(2):
        weather = peer.connect(zmq.SUB, 5558, b"weather")
        check(weather.recv_multipart() == [b"weather", b"rain \xff"], "weather")
    publisher.send_multipart([b"weather", b"sun"])
    while weather.recv_multipart() != [b"weather", b"sun"]:
        pass


# ---- clients under test ------------------------------------------------------------------------


def clonecli1(peer):
    publisher = peer.bind(zmq.XPUB, 5556)
    ready()
    check(publisher.recv() == b"\x01", "no subscription")
    for i in range(5):
        publisher.send_multipart([b"key", number(i), b"body"])
    publisher.send_multipart([b"not", b"that"])


def pathosub(peer):
    publisher = peer.bind(zmq.XPUB, 5556)
    ready()
    topic = publisher.recv()
    check(topic[:1] == b"\x01" and 0 <= int(topic[1:]) < 1000 and len(topic) == 4, "topic")
    publisher.send_multipart([topic[1:] + b"0", b"of a longer topic"])
    publisher.send_multipart([topic[1:], b"Save Roger"])


def clone_server(peer, subtree, entry, update):
    """Plays the server of clonecli2 to clonecli5 up to the first updates."""
    router = peer.bind(zmq.ROUTER, 5556)
    publisher = peer.bind(zmq.XPUB, 5557)
    ready()
    identity, *request = router.recv_multipart()
    check(request == [b"ICANHAZ?", *subtree], f"request {request}")
    topic = publisher.recv()
    check(topic == b"\x01" + b"".join(subtree), f"subscription {topic}")
    # What comes before the snapshot waits in the client.
    publisher.send_multipart(update(8))
    for i in range(2000):
        router.send_multipart([identity, *entry(i)])
    router.send_multipart([identity, KTHXBAI, number(7), *entry(0)[2:-1], b""])
    publisher.send_multipart(update(7))
    publisher.send_multipart(update(9))
    publisher.send_multipart([b"".join(subtree), b"no update"])


def clonecli2(peer):
    simple = lambda i: [b"%d" % i, number(i), b"body"]
    clone_server(peer, [], simple, simple)


def pushed(peer, before, frames):
    pull = peer.bind(zmq.PULL, 5558)
    for _ in range(3):
        message = pull.recv_multipart()
        check(len(message) == frames and message[1] == number(0), f"update {message}")
        random_pair(message[0], message[-1], before)
        yield message


def clonecli3(peer):
    simple = lambda i: [b"%d" % i, number(i), b"body"]
    clone_server(peer, [], simple, simple)
    list(pushed(peer, b"", 3))


def clonecli4(peer):
    simple = lambda i: [b"/client/%d" % i, number(i), b"body"]
    clone_server(peer, [b"/client/"], simple, simple)
    list(pushed(peer, b"/client/", 3))


def clonecli5(peer):
    full = lambda i: [b"/client/%d" % i, number(i), b"", b"ttl=9\n", b"body"]
    clone_server(peer, [b"/client/"], full, full)
    for message in pushed(peer, b"/client/", 5):
        check(message[3].startswith(b"ttl=") and 0 <= int(message[3][4:-1]) < 30, "ttl")


def clonecli6(peer):
    router = peer.bind(zmq.ROUTER, 5556)
    publisher = peer.bind(zmq.XPUB, 5557)
    collector = peer.bind(zmq.SUB, 5558)
    collector.subscribe(b"")
    ready()
    identity, *request = router.recv_multipart()
    check(request == [b"ICANHAZ?", b"/client/"], f"request {request}")
    topics = {publisher.recv(), publisher.recv()}
    check(topics == {b"\x01/client/", b"\x01HUGZ"}, f"subscriptions {topics}")
    for i in range(2000):
        router.send_multipart([identity, b"/client/%d" % i, number(i), b"", b"", b"body"])
    router.send_multipart([identity, KTHXBAI, number(7), b"", b"", b""])
    uuids = set()
    for _ in range(3):
        key, counter, uuid, properties, body = collector.recv_multipart()
        check(counter == number(0) and len(uuid) == 16, "update")
        check(properties.startswith(b"ttl=") and 0 <= int(properties[4:-1]) < 30, "ttl")
        random_pair(key, body, b"/client/")
        uuids.add(uuid)
    check(len(uuids) == 3, "uuids")
    for i in (7, 8):
        publisher.send_multipart([b"HUGZ", number(i), b"", b"", b""])
        publisher.send_multipart([b"/client/1", number(i), b"", b"", b"body"])


ROLES = [
    clonesrv1, clonesrv2, clonesrv3, clonesrv4, clonesrv5, clonesrv6,
    clonecli1, clonecli2, clonecli3, clonecli4, clonecli5, clonecli6,
    pathopub, pathosub, lvcache,
]  # fmt: skip

if len(sys.argv) == 1:
    print("pyzmq", zmq.__version__, "with libzmq", zmq.zmq_version())
else:
    the_peer = Peer()
    {role.__name__: role for role in ROLES}[sys.argv[1]](the_peer)
    the_peer.context.destroy()
