/* Threads that work for the one that starts them. */
#include "base/thread.h"

#include <signal.h>

enum { STACK = 2 << 20 };

int nn_thread_start(pthread_t *thread, void *(*work)(void *), void *context)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int rc = pthread_attr_init(&attributes);

    if (rc != 0)
        return rc;
    if ((rc = pthread_attr_setstacksize(&attributes, STACK)) == 0) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        rc = pthread_create(thread, &attributes, work, context);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    return rc;
}
