/* What a training says while it runs and when it ends, as text or as JSON events. */
#ifndef NN_CLI_TRAIN_VIEW_H
#define NN_CLI_TRAIN_VIEW_H

#include "cli/session.h"
#include "run/train.h"

typedef struct nn_train_view {
    nn_session *s;
    const nn_setup *setup;
    const nn_memory *memory;
    int threads;
    int every; /* epochs between two lines */
    int shown; /* the epoch of the last line */
} nn_train_view;

/* `run` is the run directory, NULL for a dry run. */
void nn_train_view_start(nn_train_view *v, const char *run);
void nn_train_view_warn(nn_train_view *v, const char *text);
void nn_train_view_epoch(nn_train_view *v, const nn_epoch *e);

/* How it ended. */
typedef struct nn_train_end {
    const char *status;   /* "done", "stopped", "diverged", "failed", "dry-run" */
    const nn_rundir *dir; /* NULL for a dry run */
    const nn_train_result *result;
} nn_train_end;
void nn_train_view_end(nn_train_view *v, const nn_train_end *end);

#endif
