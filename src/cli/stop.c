/* Being asked to stop. */
#include "cli/stop.h"

#include <signal.h>
#include <stddef.h>

#include "cli/status.h"

typedef struct stopping {
    int number;
    const char *name;
    int status;
} stopping;

static const stopping table[] = {
    {0, "--max-time", 75},
    {SIGINT, "SIGINT", NN_STATUS_SIGNAL + SIGINT},
    {SIGTERM, "SIGTERM", NN_STATUS_SIGNAL + SIGTERM},
    {SIGHUP, "SIGHUP", NN_STATUS_SIGNAL + SIGHUP},
    {SIGUSR1, "SIGUSR1", 75},
};

/* A signal handler can reach nothing but a global; this is the only one outside base/mem.c. */
static volatile sig_atomic_t caught;

static void note(int number)
{
    caught = number;
}

void nn_stop_listen(void)
{
    struct sigaction action = {.sa_handler = note};

    sigemptyset(&action.sa_mask);
    for (size_t i = 1; i < sizeof table / sizeof table[0]; i++) {
        const bool asks = table[i].number == SIGUSR1; /* a batch system may well ask twice */
        struct sigaction before;

        action.sa_flags = (int)(asks ? SA_RESTART : SA_RESETHAND | SA_RESTART);
        if (sigaction(table[i].number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(table[i].number, &action, NULL);
    }
}

int nn_stop_signal(void)
{
    return caught;
}

static const stopping *find(int number)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].number == number)
            return &table[i];
    return &table[0];
}

const char *nn_stop_name(int signal_number)
{
    return find(signal_number)->name;
}

int nn_stop_status(int signal_number)
{
    return find(signal_number)->status;
}
