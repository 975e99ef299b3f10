/*
 * A copy of a model's network that stands still: a training pass through it, which is what
 * gradients are taken of, gives what inference gives. Nothing is dropped, no noise is added,
 * statistics are the moving ones.
 */
#ifndef NN_RUN_STILL_H
#define NN_RUN_STILL_H

#include "run/model.h"

typedef struct nn_still {
    nn_config *config; /* the graph refers to it */
    nn_graph *graph;
    nn_real *weights;
} nn_still;

/* Starts zeroed; release with nn_still_free, also after a failure. */
NN_MUST_CHECK nn_code nn_still_new(nn_still *s, const nn_model *m, nn_err *err);
void nn_still_free(nn_still *s);

#endif
