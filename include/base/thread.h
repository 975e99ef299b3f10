/* Threads that work for the one that starts them. */
#ifndef NN_BASE_THREAD_H
#define NN_BASE_THREAD_H

#include <pthread.h>

/*
 * Starts `work` with all signals blocked, for they belong to the thread that starts it, and with a
 * stack that is large enough whatever the limit of the process: kernels pack a hundred KiB in
 * thread-local memory, which is taken from it. Returns an errno, 0 for success.
 */
int nn_thread_start(pthread_t *thread, void *(*work)(void *), void *context);

#endif
