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
