/*
 * What a config leaves open and the data decides: task, loss, metrics, and the activation that the
 * loss takes over. Used for a run about to begin and for a model that comes from a file, so that
 * both mean the same.
 */
#ifndef NN_RUN_SETTLE_H
#define NN_RUN_SETTLE_H

#include "nn/graph.h"
#include "run/config.h"

/* What is asked of the network. Filled by nn_settle. */
typedef struct nn_aim {
    nn_task task;
    int classes; /* 0: numbers */
    int steps;   /* classes of a sample; usually one */
    nn_choice loss;
    nn_choice metric[NN_MAX_METRICS];
    int metrics;
} nn_aim;

/*
 * The task that the config itself gives away (its `task`, or its loss with the last layer), before
 * the data was seen; AUTO when it says nothing. `g` may be NULL: not known yet.
 */
nn_task nn_settle_hint(const nn_config *c, const nn_graph *g);

/*
 * Settles loss and metrics for a task and `classes`, in `width` steps (usually 1), or `width`
 * numbers, and gives the graph its
 * head. Reports what does not fit together to the config's problems.
 */
void nn_settle(nn_aim *aim, nn_config *c, nn_graph *g, nn_task task, int classes, int width);

/*
 * What `name` says of progress: "loss", "val_loss", a metric or "val_" + metric. false: there is
 * none. *metric is -1 for the loss.
 */
typedef struct nn_monitor {
    bool validation;
    int metric;
    bool higher_is_better;
} nn_monitor;
bool nn_monitor_find(nn_monitor *out, const char *name, const nn_choice *metric, int metrics);

#endif
