/* The log of a run (metrics.jsonl, timing.jsonl) as columns of numbers. */
#ifndef NN_RUN_HISTORY_H
#define NN_RUN_HISTORY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { NN_HISTORY_SERIES = 64 };

typedef struct nn_series {
    char *name;    /* "val_loss" */
    double *value; /* [lines]; NaN where a line has no such number */
} nn_series;

typedef struct nn_history {
    size_t lines; /* one for each epoch */
    nn_series series[NN_HISTORY_SERIES];
    int count;
} nn_history;

/*
 * Reads a log; a last line that is not complete (the run may be under way) is left out. A line that
 * is no object of numbers is NN_EDATA. Starts zeroed; release with nn_history_free, also after a
 * failure.
 */
NN_MUST_CHECK nn_code nn_history_read(nn_history *h, const char *path, nn_err *err);
void nn_history_free(nn_history *h);

const double *nn_history_find(const nn_history *h, const char *name); /* NULL: there is none */
/* The first line with the best of these values; -1: none is a number. */
long nn_history_best(const nn_history *h, const double *value, bool higher_is_better);

#endif
