/*  What the C functions of the tests have in common: each returns 0, or -1 after it has written what
    failed into `report`.  */

#include <stdio.h>
#include <string.h>
#include <zmq.h>

#if ZMQ_VERSION != PEER_ZMQ_VERSION
#error "this zmq.h is not the one that zmq-sys found"
#endif

/*  Long enough for anything that is going to happen.  */
#define LONG_MS 30000

typedef struct {
    char text[256];
} report_t;

static int fail (report_t *report, const char *what)
{
    snprintf (report->text, sizeof report->text, "%s: %s", what, zmq_strerror (zmq_errno ()));
    return -1;
}

#define CHECK(condition) \
    do { \
        if (!(condition)) \
            return fail (report, #condition); \
    } while (0)

/*  A socket that gives up after LONG_MS, and lingers no longer.  */
static inline int open_socket (
  void *context, int type, const char *endpoint, int binds, void **socket, report_t *report)
{
    const int patience = LONG_MS;
    *socket = zmq_socket (context, type);
    CHECK (*socket != NULL);
    CHECK (zmq_setsockopt (*socket, ZMQ_RCVTIMEO, &patience, sizeof patience) == 0);
    CHECK (zmq_setsockopt (*socket, ZMQ_SNDTIMEO, &patience, sizeof patience) == 0);
    /*  The subscribers' own linger is none: subscriptions are nothing to wait for.  */
    if (type != ZMQ_SUB)
        CHECK (zmq_setsockopt (*socket, ZMQ_LINGER, &patience, sizeof patience) == 0);
    if (binds)
        CHECK (zmq_bind (*socket, endpoint) == 0);
    else
        CHECK (zmq_connect (*socket, endpoint) == 0);
    return 0;
}
