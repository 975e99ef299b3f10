/* An epoch's figures, and how they are written: the lines of metrics.jsonl and timing.jsonl. */
#ifndef NN_RUN_EPOCH_H
#define NN_RUN_EPOCH_H

#include "run/setup.h"

typedef struct nn_epoch {
    int epoch, epochs;    /* from 1 */
    uint64_t step;        /* steps done in all */
    double loss;          /* mean over the samples, penalties not included */
    double penalty;       /* at the end of the epoch; 0 without regularization */
    double gradient_norm; /* mean over the steps */
    double lr;            /* of the last step */
    double metric[NN_MAX_METRICS];
    bool validated;
    double val_loss;
    double val_metric[NN_MAX_METRICS];
    int set_back;           /* steps that were skipped or rolled back */
    bool best;              /* the best so far by the monitored value */
    double seconds;         /* of this epoch, validation included */
    double rows_per_second; /* of the training part */
} nn_epoch;

/* The name of a metric as it stands in metrics.jsonl: "accuracy". */
const char *nn_metric_name(const nn_choice *metric);

/* {"epoch":1,...} without any time in it, so that equal runs give equal bytes. */
void nn_epoch_metrics(nn_buf *out, const nn_setup *s, const nn_epoch *e);
/* The same members without the braces, for the events of `train --json`. */
void nn_epoch_members(nn_buf *out, const nn_setup *s, const nn_epoch *e);
void nn_epoch_timing(nn_buf *out, const nn_epoch *e);

#endif
