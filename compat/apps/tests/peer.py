"""A pyzmq peer: `peer.py rep ENDPOINT` answers, `peer.py relay FROM TO` passes on; each ends with "end"."""

import sys

import zmq


def patient(context, kind, endpoint):
    socket = context.socket(kind)
    socket.rcvtimeo = socket.sndtimeo = socket.linger = 30_000
    socket.connect(endpoint)
    return socket


def main(role, *endpoints):
    with zmq.Context() as context:
        kinds = {"rep": [zmq.REP], "relay": [zmq.PULL, zmq.PUSH]}[role]
        sockets = [patient(context, kind, endpoint) for kind, endpoint in zip(kinds, endpoints, strict=True)]
        parts = []
        while parts != [b"end"]:
            parts = sockets[0].recv_multipart()
            sockets[-1].send_multipart(list(reversed(parts)))
        for socket in sockets:
            socket.close()


main(*sys.argv[1:])
