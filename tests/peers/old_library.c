/*  A libzmq of another version, where this library comes before it (LD_PRELOAD). */

#include <stdio.h>
#include <stdlib.h>

void zmq_version (int *major_, int *minor_, int *patch_)
{
    const char *version = getenv ("ZMQ_TEST_VERSION");
    *major_ = *minor_ = *patch_ = 0;
    if (version)
        sscanf (version, "%d.%d.%d", major_, minor_, patch_);
}
