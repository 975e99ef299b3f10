/* An epoch as JSON: the lines of metrics.jsonl and timing.jsonl. */
#ifndef NN_RUN_EPOCH_LOG_H
#define NN_RUN_EPOCH_LOG_H

#include "run/train.h"

/* {"epoch":1,...} without any time in it, so that equal runs give equal bytes. */
void nn_epoch_metrics(nn_buf *out, const nn_setup *s, const nn_epoch *e);
/* The same members without the braces, for the events of `train --json`. */
void nn_epoch_members(nn_buf *out, const nn_setup *s, const nn_epoch *e);
void nn_epoch_timing(nn_buf *out, const nn_epoch *e);

#endif
