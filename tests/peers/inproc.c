/*  C functions that share a context, and a process, with Rust.  */

#include "report.h"

int zmq_c_open (void *context,
                int type,
                const char *endpoint,
                int binds,
                void **socket,
                report_t *report)
{
    const int patience = LONG_MS;
    *socket = zmq_socket (context, type);
    CHECK (*socket != NULL);
    CHECK (zmq_setsockopt (*socket, ZMQ_RCVTIMEO, &patience, sizeof patience) == 0);
    CHECK (zmq_setsockopt (*socket, ZMQ_SNDTIMEO, &patience, sizeof patience) == 0);
    if (binds)
        CHECK (zmq_bind (*socket, endpoint) == 0);
    else
        CHECK (zmq_connect (*socket, endpoint) == 0);
    return 0;
}

int zmq_c_close (void *socket, report_t *report)
{
    CHECK (zmq_close (socket) == 0);
    return 0;
}

static int send_parts (void *socket, const char *const parts[3], report_t *report)
{
    for (int index = 0; index < 3; index++) {
        const int size = (int) strlen (parts[index]);
        CHECK (zmq_send (socket, parts[index], size, index < 2 ? ZMQ_SNDMORE : 0) == size);
    }
    return 0;
}

static int expect_parts (void *socket, const char *const parts[3], report_t *report)
{
    for (int index = 0; index < 3; index++) {
        char buffer[64];
        int more;
        size_t more_size = sizeof more;
        const int size = (int) strlen (parts[index]);
        CHECK (zmq_recv (socket, buffer, sizeof buffer, 0) == size);
        CHECK (memcmp (buffer, parts[index], size) == 0);
        CHECK (zmq_getsockopt (socket, ZMQ_RCVMORE, &more, &more_size) == 0);
        CHECK (more == (index < 2));
    }
    return 0;
}

/*  A whole conversation on a PAIR of its own.  */
int zmq_c_talk (void *context, const char *endpoint, int binds, report_t *report)
{
    static const char *const spoken[3] = {"from C", "", "to Rust"};
    static const char *const heard[3] = {"from Rust", "", "to C"};
    void *socket;
    if (zmq_c_open (context, ZMQ_PAIR, endpoint, binds, &socket, report) == -1)
        return -1;
    int result = send_parts (socket, spoken, report);
    if (result == 0)
        result = expect_parts (socket, heard, report);
    if (zmq_close (socket) == -1)
        result = fail (report, "zmq_close");
    return result;
}

/*  Receives one message, adds up its bytes, and closes it.  */
int zmq_c_take (void *socket, size_t *size, unsigned long *sum, report_t *report)
{
    zmq_msg_t message;
    CHECK (zmq_msg_init (&message) == 0);
    CHECK (zmq_msg_recv (&message, socket, 0) != -1);
    const unsigned char *data = zmq_msg_data (&message);
    *size = zmq_msg_size (&message);
    *sum = 0;
    for (size_t index = 0; index < *size; index++)
        *sum += data[index];
    CHECK (zmq_msg_close (&message) == 0);
    return 0;
}

static void count (void *data, void *hint)
{
    (void) data;
    ++*(int *) hint;
}

/*  Sends bytes that stay here; `*freed` counts how often they were given back.  */
int zmq_c_lend (void *socket, int *freed, report_t *report)
{
    static char lent[] = "lent by C, and not copied, for it is too long for that";
    zmq_msg_t message;
    CHECK (zmq_msg_init_data (&message, lent, strlen (lent), count, freed) == 0);
    CHECK (zmq_msg_send (&message, socket, 0) != -1);
    return 0;
}

/*  Says that it is there, waits for a message that never comes, and collects the errors that end
    the waiting, a later send, and the opening of another socket.  */
int zmq_c_outlive (void *context, const char *endpoint, int errors[3], report_t *report)
{
    char buffer[1];
    void *socket;
    if (zmq_c_open (context, ZMQ_PAIR, endpoint, 0, &socket, report) == -1)
        return -1;
    CHECK (zmq_send (socket, "waiting", 7, 0) == 7);
    errors[0] = zmq_recv (socket, buffer, sizeof buffer, 0) == -1 ? zmq_errno () : 0;
    errors[1] = zmq_send (socket, "late", 4, 0) == -1 ? zmq_errno () : 0;
    errors[2] = zmq_socket (context, ZMQ_PAIR) == NULL ? zmq_errno () : 0;
    CHECK (zmq_close (socket) == 0);
    return 0;
}
