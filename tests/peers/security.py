"""The Python side of the tests of security, with pyzmq and its zmq.auth.

    security.py create FOLDER NAME META     writes certificates
    security.py load FILE                   prints the keys of a certificate, "-" for none
    security.py list FOLDER                 prints the public keys of a folder, in order
    security.py curve-server FILE FOLDER    serves the clients whose certificates are in the folder
    security.py curve-client FILE SERVER ENDPOINT
    security.py plain-server NAME PASSWORD
    security.py plain-client NAME PASSWORD ENDPOINT

A server says what it has bound, answers one request of "alice" and ends; a client sends it and ends
when it is answered. Without pyzmq, or without CURVE in it, everything ends with 77; with no arguments
it only says which libzmq it uses.
"""

import sys

try:
    import zmq
    import zmq.auth
    from zmq.auth.thread import ThreadAuthenticator
except ImportError as error:
    print(f"Python peer: {error}", file=sys.stderr)
    sys.exit(77)

# Long enough for anything that is going to happen.
LONG_MS = 30_000

REQUEST = b"alice"
REPLY = b"welcome"


def create(folder, name, meta):
    zmq.auth.create_certificates(folder, name, metadata={"name": meta})


def load(file):
    public, secret = zmq.auth.load_certificate(file)
    print(public.decode())
    print(secret.decode() if secret else "-")


def list_folder(folder):
    for key in sorted(zmq.auth.load_certificates(folder)):
        print(key.decode())


def open_socket(context, kind):
    socket = context.socket(kind)
    socket.rcvtimeo = socket.sndtimeo = LONG_MS
    socket.linger = 0
    return socket


def serve(configure, secure):
    context = zmq.Context()
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    configure(authenticator)
    socket = open_socket(context, zmq.REP)
    socket.zap_domain = b"global"
    secure(socket)
    socket.bind("tcp://127.0.0.1:*")
    print("bound", socket.last_endpoint.rstrip(b"\0").decode(), flush=True)
    received = socket.recv_multipart()
    if received != [REQUEST]:
        sys.exit(f"Python peer: wrong message: {received}")
    socket.linger = LONG_MS
    socket.send(REPLY)
    socket.close()
    authenticator.stop()
    context.term()


def ask(secure, endpoint):
    context = zmq.Context()
    socket = open_socket(context, zmq.REQ)
    secure(socket)
    socket.connect(endpoint)
    socket.send(REQUEST)
    received = socket.recv_multipart()
    if received != [REPLY]:
        sys.exit(f"Python peer: wrong message: {received}")
    socket.close()
    context.term()


def curve_server(file, folder):
    def secure(socket):
        socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(file)
        socket.curve_server = True

    serve(lambda auth: auth.configure_curve(domain="global", location=folder), secure)


def curve_client(file, server, endpoint):
    def secure(socket):
        socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(file)
        socket.curve_serverkey, _ = zmq.auth.load_certificate(server)

    ask(secure, endpoint)


def plain_server(name, password):
    def secure(socket):
        socket.plain_server = True

    serve(lambda auth: auth.configure_plain("global", {name: password}), secure)


def plain_client(name, password, endpoint):
    def secure(socket):
        socket.plain_username = name.encode()
        socket.plain_password = password.encode()

    ask(secure, endpoint)


ROLES = {
    "create": create,
    "load": load,
    "list": list_folder,
    "curve-server": curve_server,
    "curve-client": curve_client,
    "plain-server": plain_server,
    "plain-client": plain_client,
}

if not zmq.has("curve"):
    print("Python peer: its libzmq has no CURVE", file=sys.stderr)
    sys.exit(77)
if len(sys.argv) == 1:
    print("pyzmq", zmq.__version__, "with libzmq", zmq.zmq_version())
else:
    ROLES[sys.argv[1]](*sys.argv[2:])
