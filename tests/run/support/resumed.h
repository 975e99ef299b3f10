/* Runs that stop after so many steps and go on, as a new process would. */
#ifndef NN_TEST_RESUMED_H
#define NN_TEST_RESUMED_H

#include "run/support/runs.h"

/* Trains until so many steps are done (negative: to the end), and records the run as the command
 * does. */
void nn_test_train_until(nn_test_run *r, const char *text, int steps);

typedef struct nn_test_how {
    int steps; /* until it stops again; negative: to the end */
    int threads;
    const char *const *sets; /* as given by --set */
    int set_count;
    bool exact;
    bool other_data; /* --allow-changed-data */
} nn_test_how;

/* What resuming one run directory gave. */
typedef struct nn_test_resumed {
    nn_code code;
    nn_train_result result;
    nn_err err;
    char warning[NN_TEST_WARNINGS]; /* all of them, a line each */
} nn_test_resumed;

nn_test_resumed nn_test_go_on(const nn_test_run *r, nn_test_how how);

bool nn_test_is_same_file(const nn_test_run *a, const nn_test_run *b, const char *name);
void nn_test_same_file(const nn_test_run *a, const nn_test_run *b, const char *name);
/* Models, metrics and as many lines of times; NULL, or the name of what differs. */
const char *nn_test_difference(const nn_test_run *a, const nn_test_run *b);
void nn_test_same_run(const nn_test_run *a, const nn_test_run *b);

#endif
