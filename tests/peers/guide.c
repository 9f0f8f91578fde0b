/*  Programs of the guide in C, to meet those in Rust:

        peer ROLE [NUMBER...]

    ROLE is the name of a program; it has that program's endpoints and says much the same. Here each
    of them ends: after so many messages, or when its input ends. Any surprise ends the process with
    1 and a message on stderr.  */

#include <stdlib.h>

#include "report.h"

#define TEXT_MAX 255
/*  How often a publisher says everything again, and looks whether its input has ended.  */
#define PUBLISH_MS 10

#define TRY(call) \
    do { \
        if ((call) == -1) \
            return -1; \
    } while (0)

enum { LAST, MORE, ANY };

static int receive (void *socket, char *text, int more, report_t *report)
{
    int has_more;
    size_t size = sizeof has_more;
    const int length = zmq_recv (socket, text, TEXT_MAX, 0);
    CHECK (length != -1);
    CHECK (length <= TEXT_MAX);
    text[length] = '\0';
    CHECK (zmq_getsockopt (socket, ZMQ_RCVMORE, &has_more, &size) == 0);
    CHECK (more == ANY || more == has_more);
    return 0;
}

static int expect (void *socket, const char *wanted, int more, report_t *report)
{
    char text[TEXT_MAX + 1];
    TRY (receive (socket, text, more, report));
    CHECK (strcmp (text, wanted) == 0);
    return 0;
}

static int say (void *socket, const char *text, int more, report_t *report)
{
    const int length = (int) strlen (text);
    CHECK (zmq_send (socket, text, length, more == MORE ? ZMQ_SNDMORE : 0) == length);
    return 0;
}

/*  Whether somebody who holds the other end of the standard input has closed it.  */
static int input_ends (int *ends, report_t *report)
{
    /*  The end of a pipe is an error here.  */
    zmq_pollitem_t item = {NULL, 0, ZMQ_POLLIN | ZMQ_POLLERR, 0};
    CHECK (zmq_poll (&item, 1, PUBLISH_MS) != -1);
    *ends = item.revents != 0;
    return 0;
}

/* ---- requests and replies -------------------------------------------------------------------- */

static int ask (void *context, const char *endpoint, int requests, report_t *report)
{
    void *requester;
    TRY (open_socket (context, ZMQ_REQ, endpoint, 0, &requester, report));
    for (int request = 0; request < requests; request++) {
        TRY (say (requester, "Hello", LAST, report));
        TRY (expect (requester, "World", LAST, report));
        printf ("Received World %d\n", request);
    }
    CHECK (zmq_close (requester) == 0);
    return 0;
}

static int answer (void *context, const char *endpoint, int binds, int requests, report_t *report)
{
    void *responder;
    TRY (open_socket (context, ZMQ_REP, endpoint, binds, &responder, report));
    for (int request = 0; request < requests; request++) {
        TRY (expect (responder, "Hello", LAST, report));
        printf ("Received Hello\n");
        TRY (say (responder, "World", LAST, report));
    }
    CHECK (zmq_close (responder) == 0);
    return 0;
}

/*  hwclient REQUESTS  */
static int hwclient (void *context, const int *numbers, report_t *report)
{
    return ask (context, "tcp://localhost:5555", numbers[0], report);
}

/*  hwserver REQUESTS  */
static int hwserver (void *context, const int *numbers, report_t *report)
{
    return answer (context, "tcp://*:5555", 1, numbers[0], report);
}

/*  rrclient REQUESTS  */
static int rrclient (void *context, const int *numbers, report_t *report)
{
    return ask (context, "tcp://localhost:5559", numbers[0], report);
}

/*  rrworker REQUESTS  */
static int rrworker (void *context, const int *numbers, report_t *report)
{
    return answer (context, "tcp://localhost:5560", 0, numbers[0], report);
}

/*  lpclient COUNT TIMEOUT-MS RETRIES  */
static int lpclient (void *context, const int *numbers, report_t *report)
{
    const int impatience = 0;
    void *client = NULL;
    for (int sequence = 1; sequence <= numbers[0]; sequence++) {
        char request[16], reply[TEXT_MAX + 1];
        CHECK (snprintf (request, sizeof request, "%d", sequence) > 0);
        for (int retries_left = numbers[2];; retries_left--) {
            if (!client) {
                TRY (open_socket (context, ZMQ_REQ, "tcp://localhost:5555", 0, &client, report));
                CHECK (zmq_setsockopt (client, ZMQ_LINGER, &impatience, sizeof impatience) == 0);
            }
            TRY (say (client, request, LAST, report));
            zmq_pollitem_t item = {client, 0, ZMQ_POLLIN, 0};
            CHECK (zmq_poll (&item, 1, numbers[1]) != -1);
            if (item.revents & ZMQ_POLLIN) {
                TRY (receive (client, reply, LAST, report));
                CHECK (strcmp (reply, request) == 0);
                printf ("I: server replied OK (%s)\n", reply);
                break;
            }
            CHECK (zmq_close (client) == 0);
            client = NULL;
            if (retries_left == 1) {
                printf ("E: server seems to be offline, abandoning\n");
                return 0;
            }
            printf ("W: no response from server, retrying...\n");
        }
    }
    CHECK (zmq_close (client) == 0);
    return 0;
}

/* ---- publishers and subscribers -------------------------------------------------------------- */

/*  wuserver: any three updates of 10001 in a row have the same average.  */
static int wuserver (void *context, const int *numbers, report_t *report)
{
    static const char *const updates[] = {
        "10001 -10 10", "10002 100 10", "10001 -20 10", "1000 100 10", "10001 -5 10"};
    void *publisher;
    (void) numbers;
    TRY (open_socket (context, ZMQ_PUB, "tcp://*:5556", 1, &publisher, report));
    for (int ends = 0; !ends;) {
        for (size_t index = 0; index < sizeof updates / sizeof updates[0]; index++)
            TRY (say (publisher, updates[index], LAST, report));
        TRY (input_ends (&ends, report));
    }
    CHECK (zmq_close (publisher) == 0);
    return 0;
}

/*  wuclient UPDATES: of all zip codes that begin with 1.  */
static int wuclient (void *context, const int *numbers, report_t *report)
{
    void *subscriber;
    TRY (open_socket (context, ZMQ_SUB, "tcp://localhost:5556", 0, &subscriber, report));
    CHECK (zmq_setsockopt (subscriber, ZMQ_SUBSCRIBE, "1", 1) == 0);
    for (int update = 0; update < numbers[0]; update++) {
        char text[TEXT_MAX + 1];
        int zipcode, temperature, relhumidity, length = 0;
        TRY (receive (subscriber, text, LAST, report));
        CHECK (sscanf (text, "%d %d %d%n", &zipcode, &temperature, &relhumidity, &length) == 3);
        CHECK (text[length] == '\0');
        CHECK (zipcode >= 10000 && zipcode < 20000);
        CHECK (temperature >= -80 && temperature < 135);
        CHECK (relhumidity >= 10 && relhumidity < 60);
    }
    printf ("Received %d updates\n", numbers[0]);
    CHECK (zmq_close (subscriber) == 0);
    return 0;
}

/*  psenvpub  */
static int psenvpub (void *context, const int *numbers, report_t *report)
{
    void *publisher;
    (void) numbers;
    TRY (open_socket (context, ZMQ_PUB, "tcp://*:5563", 1, &publisher, report));
    for (int ends = 0; !ends;) {
        TRY (say (publisher, "A", MORE, report));
        TRY (say (publisher, "We don't want to see this", LAST, report));
        TRY (say (publisher, "B", MORE, report));
        TRY (say (publisher, "We would like to see this", LAST, report));
        TRY (input_ends (&ends, report));
    }
    CHECK (zmq_close (publisher) == 0);
    return 0;
}

/*  psenvsub MESSAGES  */
static int psenvsub (void *context, const int *numbers, report_t *report)
{
    void *subscriber;
    TRY (open_socket (context, ZMQ_SUB, "tcp://localhost:5563", 0, &subscriber, report));
    CHECK (zmq_setsockopt (subscriber, ZMQ_SUBSCRIBE, "B", 1) == 0);
    for (int message = 0; message < numbers[0]; message++) {
        char contents[TEXT_MAX + 1];
        TRY (expect (subscriber, "B", MORE, report));
        TRY (receive (subscriber, contents, LAST, report));
        printf ("[B] %s\n", contents);
    }
    CHECK (zmq_close (subscriber) == 0);
    return 0;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/*  taskwork TASKS  */
static int taskwork (void *context, const int *numbers, report_t *report)
{
    void *receiver, *sender;
    TRY (open_socket (context, ZMQ_PULL, "tcp://localhost:5557", 0, &receiver, report));
    TRY (open_socket (context, ZMQ_PUSH, "tcp://localhost:5558", 0, &sender, report));
    for (int task = 0; task < numbers[0]; task++) {
        char text[TEXT_MAX + 1];
        int length = 0, work;
        TRY (receive (receiver, text, LAST, report));
        CHECK (sscanf (text, "%d%n", &work, &length) == 1);
        CHECK (text[length] == '\0');
        CHECK (work >= 1 && work <= 100);
        /*  A sleep, which stands for work.  */
        CHECK (zmq_poll (NULL, 0, work) == 0);
        TRY (say (sender, "", LAST, report));
        printf ("%s.\n", text);
    }
    CHECK (zmq_close (receiver) == 0);
    CHECK (zmq_close (sender) == 0);
    return 0;
}

/* ---- Majordomo ------------------------------------------------------------------------------- */

#define MDP_READY "\001"
#define MDP_REQUEST "\002"
#define MDP_REPLY "\003"
#define MDP_HEARTBEAT "\004"
#define MDP_DISCONNECT "\005"

/*  mdclient REQUESTS  */
static int mdclient (void *context, const int *numbers, report_t *report)
{
    void *client;
    TRY (open_socket (context, ZMQ_REQ, "tcp://localhost:5555", 0, &client, report));
    for (int request = 0; request < numbers[0]; request++) {
        TRY (say (client, "MDPC01", MORE, report));
        TRY (say (client, "echo", MORE, report));
        TRY (say (client, "Hello world", LAST, report));
        TRY (expect (client, "MDPC01", MORE, report));
        TRY (expect (client, "echo", MORE, report));
        TRY (expect (client, "Hello world", LAST, report));
    }
    printf ("%d requests/replies processed\n", numbers[0]);
    CHECK (zmq_close (client) == 0);
    return 0;
}

static int mdp_say (void *worker, const char *command, int more, report_t *report)
{
    TRY (say (worker, "", MORE, report));
    TRY (say (worker, "MDPW01", MORE, report));
    return say (worker, command, more, report);
}

/*  What comes behind the command REQUEST goes back.  */
static int mdp_echo (void *worker, report_t *report)
{
    char body[TEXT_MAX + 1];
    zmq_msg_t client;
    CHECK (zmq_msg_init (&client) == 0);
    CHECK (zmq_msg_recv (&client, worker, 0) != -1);
    CHECK (zmq_msg_more (&client));
    TRY (expect (worker, "", MORE, report));
    TRY (receive (worker, body, LAST, report));

    TRY (mdp_say (worker, MDP_REPLY, MORE, report));
    CHECK (zmq_msg_send (&client, worker, ZMQ_SNDMORE) != -1);
    TRY (say (worker, "", MORE, report));
    return say (worker, body, LAST, report);
}

/*  mdworker REQUESTS HEARTBEAT-MS: says each heartbeat of the broker.  */
static int mdworker (void *context, const int *numbers, report_t *report)
{
    void *worker;
    TRY (open_socket (context, ZMQ_DEALER, "tcp://localhost:5555", 0, &worker, report));
    TRY (mdp_say (worker, MDP_READY, MORE, report));
    TRY (say (worker, "echo", LAST, report));
    for (int served = 0, silent_ms = 0; served < numbers[0];) {
        zmq_pollitem_t item = {worker, 0, ZMQ_POLLIN, 0};
        CHECK (zmq_poll (&item, 1, numbers[1]) != -1);
        if (item.revents & ZMQ_POLLIN) {
            char command[TEXT_MAX + 1];
            TRY (expect (worker, "", MORE, report));
            TRY (expect (worker, "MDPW01", MORE, report));
            TRY (receive (worker, command, ANY, report));
            if (strcmp (command, MDP_REQUEST) == 0) {
                TRY (mdp_echo (worker, report));
                served++;
                continue;
            }
            CHECK (strcmp (command, MDP_HEARTBEAT) == 0);
            printf ("Received heartbeat\n");
            silent_ms = 0;
        } else
            silent_ms += numbers[1];
        CHECK (silent_ms < LONG_MS);
        TRY (mdp_say (worker, MDP_HEARTBEAT, LAST, report));
    }
    TRY (mdp_say (worker, MDP_DISCONNECT, LAST, report));
    CHECK (zmq_close (worker) == 0);
    return 0;
}

/* ---- the process ----------------------------------------------------------------------------- */

#define NUMBERS_MAX 3

static const struct {
    const char *name;
    int numbers;
    int (*play) (void *context, const int *numbers, report_t *report);
} roles[] = {
    {"hwclient", 1, hwclient}, {"hwserver", 1, hwserver}, {"rrclient", 1, rrclient},
    {"rrworker", 1, rrworker}, {"lpclient", 3, lpclient}, {"wuserver", 0, wuserver},
    {"wuclient", 1, wuclient}, {"psenvpub", 0, psenvpub}, {"psenvsub", 1, psenvsub},
    {"taskwork", 1, taskwork}, {"mdclient", 1, mdclient}, {"mdworker", 2, mdworker},
};

static int play (int argc, char **argv, report_t *report)
{
    size_t role = 0;
    int numbers[NUMBERS_MAX] = {0};
    CHECK (argc > 1);
    while (role < sizeof roles / sizeof roles[0] && strcmp (argv[1], roles[role].name) != 0)
        role++;
    CHECK (role < sizeof roles / sizeof roles[0]);
    CHECK (argc == 2 + roles[role].numbers);
    for (int index = 0; index < roles[role].numbers; index++)
        CHECK (sscanf (argv[2 + index], "%d", &numbers[index]) == 1);

    /*  Whoever waits for a line gets it at once.  */
    CHECK (setvbuf (stdout, NULL, _IOLBF, BUFSIZ) == 0);
    void *context = zmq_ctx_new ();
    CHECK (context != NULL);
    TRY (roles[role].play (context, numbers, report));
    CHECK (zmq_ctx_term (context) == 0);
    return 0;
}

int zmq_c_guide_main (int argc, char **argv)
{
    report_t report;
    if (play (argc, argv, &report) == 0)
        return 0;
    fprintf (stderr, "C program of the guide: %s\n", report.text);
    return 1;
}
