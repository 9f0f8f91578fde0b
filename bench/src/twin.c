/*  What the Rust side does, in C: each function sends or receives `count` messages of one form.
    A sender gives 0, a receiver the sum of the sizes and first bytes, and both give -1 when a
    call has failed.  */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/*  Room beyond the data of a buffer that is handed over.  */
#define SPARE 1000

int twin_send_buffer (void *socket, const void *data, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (zmq_send (socket, data, size, 0) == -1)
            return -1;
    return 0;
}

int64_t twin_receive_buffer (void *socket, void *buffer, size_t size, size_t count)
{
    int64_t seen = 0;
    for (; count > 0; count--) {
        int got = zmq_recv (socket, buffer, size, 0);
        if (got == -1)
            return -1;
        seen += got + *(unsigned char *) buffer;
    }
    return seen;
}

static int send_copy (void *socket, const void *data, size_t size, int flags)
{
    zmq_msg_t message;
    if (zmq_msg_init_size (&message, size) == -1)
        return -1;
    memcpy (zmq_msg_data (&message), data, size);
    if (zmq_msg_send (&message, socket, flags) == -1) {
        zmq_msg_close (&message);
        return -1;
    }
    return 0;
}

static int64_t look (zmq_msg_t *message)
{
    return (int64_t) zmq_msg_size (message) + *(unsigned char *) zmq_msg_data (message);
}

int twin_send_message (void *socket, const void *data, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (send_copy (socket, data, size, 0) == -1)
            return -1;
    return 0;
}

int64_t twin_receive_reused (void *socket, size_t count)
{
    int64_t seen = 0;
    zmq_msg_t message;
    zmq_msg_init (&message);
    for (; count > 0; count--) {
        if (zmq_msg_recv (&message, socket, 0) == -1) {
            seen = -1;
            break;
        }
        seen += look (&message);
    }
    zmq_msg_close (&message);
    return seen;
}

int64_t twin_receive_fresh (void *socket, size_t count)
{
    int64_t seen = 0;
    for (; count > 0; count--) {
        zmq_msg_t message;
        zmq_msg_init (&message);
        if (zmq_msg_recv (&message, socket, 0) == -1)
            return -1;
        seen += look (&message);
        zmq_msg_close (&message);
    }
    return seen;
}

int twin_send_parts (void *socket, const void *data, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (send_copy (socket, data, size, ZMQ_SNDMORE) == -1
            || send_copy (socket, data, size, ZMQ_SNDMORE) == -1
            || send_copy (socket, data, size, 0) == -1)
            return -1;
    return 0;
}

int twin_send_buffer_parts (void *socket, const void *data, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (zmq_send (socket, data, size, ZMQ_SNDMORE) == -1
            || zmq_send (socket, data, size, ZMQ_SNDMORE) == -1
            || zmq_send (socket, data, size, 0) == -1)
            return -1;
    return 0;
}

int64_t twin_receive_parts (void *socket, size_t count)
{
    enum { MOST = 4 };
    zmq_msg_t parts[MOST];
    int64_t seen = 0;
    int part;
    for (part = 0; part < MOST; part++)
        zmq_msg_init (&parts[part]);
    for (; count > 0; count--) {
        int got = 0;
        do {
            if (got == MOST || zmq_msg_recv (&parts[got], socket, 0) == -1) {
                seen = -1;
                goto close;
            }
            got++;
        } while (zmq_msg_more (&parts[got - 1]));
        for (part = 0; part < got; part++)
            seen += look (&parts[part]);
    }
close:
    for (part = 0; part < MOST; part++)
        zmq_msg_close (&parts[part]);
    return seen;
}

static void let_go (void *data, void *hint)
{
    (void) hint;
    free (data);
}

/*  Makes a buffer with the data, and some room beyond it.  */
void *twin_make (const void *data, size_t size)
{
    void *buffer = malloc (size + SPARE);
    if (buffer)
        memcpy (buffer, data, size);
    return buffer;
}

/*  Hands a buffer that was made over, and frees it if that fails.  */
int twin_send_made (void *socket, void *buffer, size_t size)
{
    zmq_msg_t message;
    if (zmq_msg_init_data (&message, buffer, size, let_go, NULL) == -1) {
        free (buffer);
        return -1;
    }
    if (zmq_msg_send (&message, socket, 0) == -1) {
        zmq_msg_close (&message);
        return -1;
    }
    return 0;
}

int twin_send_hand_over (void *socket, const void *data, size_t size, size_t count)
{
    for (; count > 0; count--) {
        void *buffer = twin_make (data, size);
        if (!buffer || twin_send_made (socket, buffer, size) == -1)
            return -1;
    }
    return 0;
}

int twin_send_copy_and_free (void *socket, const void *data, size_t size, size_t count)
{
    for (; count > 0; count--) {
        void *buffer = twin_make (data, size);
        int sent;
        if (!buffer)
            return -1;
        sent = send_copy (socket, buffer, size, 0);
        free (buffer);
        if (sent == -1)
            return -1;
    }
    return 0;
}

/*  Copies a buffer that was made, as zmq_send does, and frees it.  */
int twin_send_made_copy (void *socket, void *buffer, size_t size)
{
    int sent = zmq_send (socket, buffer, size, 0);
    free (buffer);
    return sent == -1 ? -1 : 0;
}

/*  Sends bytes that stay, without a copy.  */
int twin_send_constant (void *socket, const void *data, size_t size)
{
    zmq_msg_t message;
    if (zmq_msg_init_data (&message, (void *) data, size, NULL, NULL) == -1)
        return -1;
    if (zmq_msg_send (&message, socket, 0) == -1) {
        zmq_msg_close (&message);
        return -1;
    }
    return 0;
}

/*  Only fills a buffer, `count` times: what is to be subtracted from a hand-over.  */
void twin_fill (void *buffer, const void *data, size_t size, size_t count)
{
    for (; count > 0; count--) {
        memcpy (buffer, data, size);
        __asm__ volatile ("" : : "r" (buffer) : "memory");
    }
}

/*  Polls the sockets for reading `rounds` times, and gives how many were found ready.  */
int64_t twin_poll (void **sockets, int items, size_t rounds)
{
    zmq_pollitem_t *polled = calloc ((size_t) items, sizeof *polled);
    int64_t found = 0;
    int i;
    if (!polled)
        return -1;
    for (i = 0; i < items; i++) {
        polled[i].socket = sockets[i];
        polled[i].events = ZMQ_POLLIN;
    }
    for (; rounds > 0; rounds--) {
        if (zmq_poll (polled, items, -1) == -1) {
            found = -1;
            break;
        }
        for (i = 0; i < items; i++)
            if (polled[i].revents & ZMQ_POLLIN)
                found++;
    }
    free (polled);
    return found;
}
