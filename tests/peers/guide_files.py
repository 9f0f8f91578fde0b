"""Peers of the guide's programs of chapters 7 and 8, with pyzmq and plain sockets.

    guide_files.py ROLE ARGUMENT...

Without pyzmq it ends with 77, and with no arguments it only says which libzmq it uses.
"""

import select
import socket
import sys

try:
    import zmq
except ImportError as error:
    print(f"Python peer: {error}", file=sys.stderr)
    sys.exit(77)

# Long enough for anything that is going to happen.
LONG_MS = 30_000
# How often something is said again that may not be heard yet.
AGAIN_MS = 50


def say(text):
    print(text, flush=True)


def expect(received, expected):
    if received != expected:
        sys.exit(f"Python peer: {received}, expected {expected}")


def open_socket(kind):
    opened = zmq.Context.instance().socket(kind)
    opened.rcvtimeo = opened.sndtimeo = LONG_MS
    opened.linger = 0
    return opened


def fetch():
    """A client of fileio2 and fileio3, whose file is long and zero."""
    dealer = open_socket(zmq.DEALER)
    dealer.reconnect_ivl = 10
    dealer.connect("tcp://127.0.0.1:6000")
    for size in [1, 250_000, 0, 100_000]:
        dealer.send_multipart([b"fetch", b"1000", str(size).encode()])
        expect(dealer.recv_multipart(), [bytes(size)])
    say("fetched")


def chat():
    """Another one who chats, at 127.0.0.3."""
    publisher = open_socket(zmq.PUB)
    publisher.bind("tcp://127.0.0.3:9000")
    subscriber = open_socket(zmq.SUB)
    subscriber.subscribe("")
    subscriber.connect("tcp://127.0.0.1:9000")
    while True:
        publisher.send(b"carol: hello from Python\n")
        if subscriber.poll(AGAIN_MS):
            say(f"heard {subscriber.recv_multipart()}")


def udp_socket():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return udp


def ping(broadcast):
    """Pings, and says what it hears, but for itself."""
    udp = udp_socket()
    udp.bind(("", 9999))
    own = bytes(range(16))
    while True:
        udp.sendto(own, (broadcast, 9999))
        while select.select([udp], [], [], AGAIN_MS / 1000)[0]:
            message, _ = udp.recvfrom(100)
            if message != own:
                say(f"heard {message.hex().upper()}")


def ping_once(address):
    """Pings a single time, from a port of its own."""
    udp = udp_socket()
    udp.sendto(b"!", (address, 9999))
    say(f"from {udp.getsockname()[1]}")


ROLES = [fetch, chat, ping, ping_once]

if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(f"libzmq {zmq.zmq_version()}")
    else:
        {role.__name__: role for role in ROLES}[sys.argv[1]](*sys.argv[2:])
        # At the end of the interpreter nothing would wait for what is still to be sent.
        zmq.Context.instance().destroy(linger=LONG_MS)
