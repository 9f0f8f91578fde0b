/*  The C side of the interoperability tests: one role, played to the end in a process of its own.

        peer ROLE bind|connect ENDPOINT REPORT

    ROLE is the name of a socket type in lower case. A peer that binds prints "bound ENDPOINT" with
    the wildcards filled in. REPORT is the endpoint of a PAIR by which a subscriber says that it
    hears its publisher. Any surprise ends the process with 1 and a message on stderr.

    The messages are those of `script` in tests/common/mod.rs and in peer.py.  */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#if ZMQ_VERSION != PEER_ZMQ_VERSION
#error "this zmq.h is not the one that zmq-sys found"
#endif

/*  Long enough for anything that is going to happen.  */
#define LONG_MS 30000
/*  How often a publisher asks whether it is heard.  */
#define ASK_MS 10

#define MEBIBYTE ((size_t) 1 << 20)

#define HELLO "news?"
#define ROUTING_ID "dealer \xff\x01"

/*  A text, or a pattern of that many bytes, or the end of the message.  */
typedef struct {
    const char *text;
    size_t pattern;
} frame_t;

#define TEXT(text) {text, 0}
#define PATTERN(size) {NULL, size}
#define END {NULL, 0}

/*  255 and 256 bytes are the longest short frame and the shortest long one on the wire.  */
static const frame_t script[][6] = {
    {TEXT ("single"), END},
    {TEXT (""), END},
    {TEXT ("two"), TEXT ("frames"), END},
    {TEXT (""), TEXT ("between empty frames"), TEXT (""), END},
    {TEXT (""), TEXT (""), TEXT (""), TEXT (""), END},
    {PATTERN (MEBIBYTE), END},
    {PATTERN (255), PATTERN (256), TEXT (""), PATTERN (MEBIBYTE), TEXT ("last"), END},
};
#define MESSAGES (sizeof script / sizeof script[0])

static const frame_t hello[] = {TEXT (HELLO), END};
static const frame_t here[] = {TEXT ("here"), END};
static const frame_t old_news[] = {TEXT ("old news"), END};
static const frame_t fresh_news[] = {TEXT ("news!"), END};

static void fail (const char *what, const char *why)
{
    fprintf (stderr, "C peer: %s: %s\n", what, why);
    exit (1);
}

#define CHECK(call) \
    do { \
        if ((call) == -1) \
            fail (#call, zmq_strerror (zmq_errno ())); \
    } while (0)

static int is_end (const frame_t *frame)
{
    return frame->text == NULL && frame->pattern == 0;
}

static size_t frame_size (const frame_t *frame)
{
    return frame->text ? strlen (frame->text) : frame->pattern;
}

static unsigned char frame_byte (const frame_t *frame, size_t index)
{
    if (frame->text)
        return (unsigned char) frame->text[index];
    return (unsigned char) ((index + frame->pattern) % 251);
}

/*  Before the frames goes a part of its own, unless it is NULL.  */
static void send_message (void *socket, const char *first, const frame_t *frame)
{
    if (first)
        CHECK (zmq_send (socket, first, strlen (first), ZMQ_SNDMORE));
    for (; !is_end (frame); frame++) {
        const size_t size = frame_size (frame);
        zmq_msg_t part;
        CHECK (zmq_msg_init_size (&part, size));
        unsigned char *data = zmq_msg_data (&part);
        for (size_t index = 0; index < size; index++)
            data[index] = frame_byte (frame, index);
        CHECK (zmq_msg_send (&part, socket, is_end (frame + 1) ? 0 : ZMQ_SNDMORE));
    }
}

static int is_frame (zmq_msg_t *part, const frame_t *frame)
{
    const size_t size = frame_size (frame);
    const unsigned char *data = zmq_msg_data (part);
    if (zmq_msg_size (part) != size)
        return 0;
    for (size_t index = 0; index < size; index++)
        if (data[index] != frame_byte (frame, index))
            return 0;
    return 1;
}

/*  The rest of a message whose part before these frames has been received.  */
static void expect_rest (void *socket, zmq_msg_t *part, const frame_t *frame)
{
    for (; !is_end (frame); frame++) {
        if (!zmq_msg_more (part))
            fail ("wrong message", "it has too few frames");
        CHECK (zmq_msg_recv (part, socket, 0));
        if (!is_frame (part, frame))
            fail ("wrong frame", frame->text ? frame->text : "the pattern differs");
    }
    if (zmq_msg_more (part))
        fail ("wrong message", "it has too many frames");
    CHECK (zmq_msg_close (part));
}

static void expect_message (void *socket, const char *first, const frame_t *frame)
{
    const frame_t first_frame = {first, 0};
    zmq_msg_t part;
    CHECK (zmq_msg_init (&part));
    CHECK (zmq_msg_recv (&part, socket, 0));
    if (!is_frame (&part, first ? &first_frame : frame))
        fail ("wrong first frame", first ? first : "the content differs");
    expect_rest (socket, &part, first ? frame : frame + 1);
}

static void *open_socket (void *context, int type)
{
    const int patience = LONG_MS;
    void *socket = zmq_socket (context, type);
    if (!socket)
        fail ("zmq_socket", zmq_strerror (zmq_errno ()));
    CHECK (zmq_setsockopt (socket, ZMQ_RCVTIMEO, &patience, sizeof patience));
    CHECK (zmq_setsockopt (socket, ZMQ_SNDTIMEO, &patience, sizeof patience));
    /*  The subscribers' own linger is none: subscriptions are nothing to wait for.  */
    if (type != ZMQ_SUB)
        CHECK (zmq_setsockopt (socket, ZMQ_LINGER, &patience, sizeof patience));
    return socket;
}

static void meet (void *socket, const char *how, const char *endpoint)
{
    if (strcmp (how, "connect") == 0) {
        CHECK (zmq_connect (socket, endpoint));
        return;
    }
    if (strcmp (how, "bind") != 0)
        fail (how, "neither bind nor connect");
    char bound[1024];
    size_t size = sizeof bound;
    CHECK (zmq_bind (socket, endpoint));
    CHECK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, bound, &size));
    printf ("bound %s\n", bound);
    fflush (stdout);
}

/*  A PUB cannot see its subscribers, so it asks until one says that it hears.  */
static void ask_until_heard (void *publisher, void *report)
{
    zmq_pollitem_t item = {report, 0, ZMQ_POLLIN, 0};
    for (int asked = 0; asked < LONG_MS / ASK_MS; asked++) {
        send_message (publisher, NULL, hello);
        CHECK (zmq_poll (&item, 1, ASK_MS));
        if (item.revents & ZMQ_POLLIN) {
            expect_message (report, NULL, here);
            return;
        }
    }
    fail ("no subscriber", "nobody hears");
}

static void publish (void *publisher)
{
    send_message (publisher, NULL, old_news);
    send_message (publisher, NULL, fresh_news);
    for (size_t index = 0; index < MESSAGES; index++) {
        send_message (publisher, "weather", script[index]);
        send_message (publisher, "news", script[index]);
    }
}

static void subscribe (void *subscriber, void *report)
{
    expect_message (subscriber, NULL, hello);
    send_message (report, NULL, here);
    zmq_msg_t part;
    CHECK (zmq_msg_init (&part));
    do
        CHECK (zmq_msg_recv (&part, subscriber, 0));
    while (is_frame (&part, hello));
    if (!is_frame (&part, fresh_news))
        fail ("wrong frame", "no news");
    expect_rest (subscriber, &part, fresh_news + 1);
    for (size_t index = 0; index < MESSAGES; index++)
        expect_message (subscriber, "news", script[index]);
}

/*  A ROUTER finds the routing id in front, and puts it there to answer.  */
static void serve_routed (void *router)
{
    for (size_t index = 0; index < MESSAGES; index++) {
        expect_message (router, ROUTING_ID, script[index]);
        send_message (router, ROUTING_ID, script[index]);
    }
}

static void send_all (void *socket)
{
    for (size_t index = 0; index < MESSAGES; index++)
        send_message (socket, NULL, script[index]);
}

static void expect_all (void *socket)
{
    for (size_t index = 0; index < MESSAGES; index++)
        expect_message (socket, NULL, script[index]);
}

static int type_of (const char *role)
{
    static const struct {
        const char *role;
        int type;
    } types[] = {
        {"req", ZMQ_REQ},       {"rep", ZMQ_REP},       {"pub", ZMQ_PUB},
        {"xpub", ZMQ_XPUB},     {"sub", ZMQ_SUB},       {"push", ZMQ_PUSH},
        {"pull", ZMQ_PULL},     {"dealer", ZMQ_DEALER}, {"router", ZMQ_ROUTER},
        {"pair", ZMQ_PAIR},
    };
    for (size_t index = 0; index < sizeof types / sizeof types[0]; index++)
        if (strcmp (role, types[index].role) == 0)
            return types[index].type;
    fail (role, "no such role");
    return -1;
}

int zmq_c_peer_main (int argc, char **argv)
{
    if (argc != 5)
        fail ("usage", "peer ROLE bind|connect ENDPOINT REPORT");
    const int type = type_of (argv[1]);

    void *context = zmq_ctx_new ();
    if (!context)
        fail ("zmq_ctx_new", zmq_strerror (zmq_errno ()));
    void *report = open_socket (context, ZMQ_PAIR);
    CHECK (zmq_connect (report, argv[4]));
    void *socket = open_socket (context, type);
    if (type == ZMQ_DEALER)
        CHECK (zmq_setsockopt (socket, ZMQ_ROUTING_ID, ROUTING_ID, strlen (ROUTING_ID)));
    if (type == ZMQ_SUB)
        CHECK (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "news", strlen ("news")));
    meet (socket, argv[2], argv[3]);

    switch (type) {
        case ZMQ_PUSH:
            send_all (socket);
            break;
        case ZMQ_PULL:
            expect_all (socket);
            break;
        case ZMQ_REQ:
            for (size_t index = 0; index < MESSAGES; index++) {
                send_message (socket, NULL, script[index]);
                expect_message (socket, NULL, script[index]);
            }
            break;
        case ZMQ_REP:
            for (size_t index = 0; index < MESSAGES; index++) {
                expect_message (socket, NULL, script[index]);
                send_message (socket, NULL, script[index]);
            }
            break;
        case ZMQ_ROUTER:
            serve_routed (socket);
            break;
        case ZMQ_DEALER:
        case ZMQ_PAIR:
            send_all (socket);
            expect_all (socket);
            break;
        case ZMQ_XPUB: {
            const frame_t subscription[] = {TEXT ("\x01news"), END};
            expect_message (socket, NULL, subscription);
            send_message (socket, NULL, hello);
            expect_message (report, NULL, here);
            publish (socket);
            break;
        }
        case ZMQ_PUB:
            ask_until_heard (socket, report);
            publish (socket);
            break;
        case ZMQ_SUB:
            subscribe (socket, report);
            break;
    }

    CHECK (zmq_close (socket));
    CHECK (zmq_close (report));
    CHECK (zmq_ctx_term (context));
    return 0;
}
