/*  A C library that gives its contexts, sockets and messages to Rust, and one that gets Rust's.  */

#include "report.h"

/*  What Rust does in between; 0 is success.  */
typedef int (*guest_t) (void *context, void *socket, void *hint);

#define LARGE 1000000
static char large[LARGE];

static void count (void *data, void *hint)
{
    (void) data;
    ++*(int *) hint;
}

/*  "from C", an empty part, and `large` without a copy.  */
static int send_large (void *socket, int *freed, report_t *report)
{
    zmq_msg_t part;
    memset (large, 7, LARGE);
    CHECK (zmq_send (socket, "from C", 6, ZMQ_SNDMORE) == 6);
    CHECK (zmq_send (socket, "", 0, ZMQ_SNDMORE) == 0);
    CHECK (zmq_msg_init_data (&part, large, LARGE, count, freed) == 0);
    CHECK (zmq_msg_send (&part, socket, 0) == LARGE);
    return 0;
}

/*  A part of this size comes; its bytes are those at `data`, if that is not NULL.  */
static int expect_part (void *socket, size_t size, const void *data, int more, report_t *report)
{
    zmq_msg_t part;
    CHECK (zmq_msg_init (&part) == 0);
    CHECK (zmq_msg_recv (&part, socket, 0) != -1);
    CHECK (zmq_msg_size (&part) == size);
    CHECK (data == NULL || zmq_msg_data (&part) == data);
    CHECK (zmq_msg_more (&part) == more);
    CHECK (zmq_msg_close (&part) == 0);
    return 0;
}

/*  Makes a context, lends it to Rust, which is to pass the message on as it is, and ends it.  */
int zmq_c_lends_context (guest_t guest, void *hint, report_t *report)
{
    int freed = 0;
    void *push, *pull;
    void *context = zmq_ctx_new ();
    CHECK (context != NULL);
    CHECK (open_socket (context, ZMQ_PUSH, "inproc://from-c", 1, &push, report) == 0);
    CHECK (open_socket (context, ZMQ_PULL, "inproc://to-c", 1, &pull, report) == 0);
    CHECK (guest (context, NULL, hint) == 0);
    if (send_large (push, &freed, report) == -1)
        return -1;
    if (expect_part (pull, 6, NULL, 1, report) == -1
        || expect_part (pull, 0, NULL, 1, report) == -1
        || expect_part (pull, LARGE, large, 0, report) == -1)
        return -1;
    CHECK (freed == 1);
    CHECK (zmq_close (push) == 0);
    CHECK (zmq_close (pull) == 0);
    CHECK (zmq_ctx_term (context) == 0);
    return 0;
}

/*  Lends a DEALER that has two messages waiting, of which Rust is to begin the first.  */
int zmq_c_lends_socket (void *context, guest_t guest, void *hint, report_t *report)
{
    void *peer, *dealer;
    CHECK (open_socket (context, ZMQ_DEALER, "inproc://lent", 1, &dealer, report) == 0);
    CHECK (open_socket (context, ZMQ_DEALER, "inproc://lent", 0, &peer, report) == 0);
    CHECK (zmq_send (peer, "begun", 5, ZMQ_SNDMORE) == 5);
    CHECK (zmq_send (peer, "and left", 8, 0) == 8);
    CHECK (zmq_send (peer, "next", 4, 0) == 4);
    CHECK (guest (context, dealer, hint) == 0);
    if (expect_part (dealer, 4, NULL, 0, report) == -1
        || expect_part (peer, 9, NULL, 0, report) == -1)
        return -1;
    CHECK (zmq_close (dealer) == 0);
    CHECK (zmq_close (peer) == 0);
    return 0;
}

/*  Makes a context and a PULL with a message, which are Rust's from then on.  */
int zmq_c_gives (void **context, void **pull, int *freed, report_t *report)
{
    void *push;
    *context = zmq_ctx_new ();
    CHECK (*context != NULL);
    CHECK (open_socket (*context, ZMQ_PULL, "inproc://given", 1, pull, report) == 0);
    CHECK (open_socket (*context, ZMQ_PUSH, "inproc://given", 0, &push, report) == 0);
    if (send_large (push, freed, report) == -1)
        return -1;
    CHECK (zmq_close (push) == 0);
    return 0;
}

/*  Takes what Rust made: a PULL with a message of one part, and its context, if that comes along.  */
int zmq_c_takes (void *context, void *pull, size_t size, const void *data, report_t *report)
{
    if (expect_part (pull, size, data, 0, report) == -1)
        return -1;
    CHECK (zmq_close (pull) == 0);
    CHECK (context == NULL || zmq_ctx_term (context) == 0);
    return 0;
}

/*  A message over `large`.  */
int zmq_c_message (zmq_msg_t *message, const void **data, int *freed, report_t *report)
{
    memset (large, 7, LARGE);
    *data = large;
    CHECK (zmq_msg_init_data (message, large, LARGE, count, freed) == 0);
    return 0;
}

/*  Closes a message, which has this size and data.  */
int zmq_c_close_message (zmq_msg_t *message, size_t size, const void *data, report_t *report)
{
    CHECK (zmq_msg_size (message) == size);
    CHECK (zmq_msg_data (message) == data);
    CHECK (zmq_msg_close (message) == 0);
    return 0;
}

int zmq_c_poll (zmq_pollitem_t *items, int length, int ready, report_t *report)
{
    CHECK (zmq_poll (items, length, LONG_MS) == ready);
    return 0;
}
