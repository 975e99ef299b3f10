/* Being asked to stop a training: by a signal, or by a time limit. */
#ifndef NN_CLI_STOP_H
#define NN_CLI_STOP_H

#include <stdbool.h>

/*
 * From now on SIGINT, SIGTERM, SIGHUP and SIGUSR1 are noted instead of ending the program (a SIGHUP
 * that is ignored, as under nohup, stays ignored). The second of a kind has its default effect,
 * save that SIGUSR1 never does more than ask.
 */
void nn_stop_listen(void);
/* The signal that came, or 0. */
int nn_stop_signal(void);
/* "SIGINT" and so on. */
const char *nn_stop_name(int signal_number);
/* Exit status after a stop by this signal; 0 stands for the time limit. */
int nn_stop_status(int signal_number);

#endif
