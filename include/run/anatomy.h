/* How the numbers inside a network lie: its weights, and what its layers put out for some samples.
 */
#ifndef NN_RUN_ANATOMY_H
#define NN_RUN_ANATOMY_H

#include "data/batch.h"
#include "nn/graph.h"
#include "run/evaluate.h"
#include "run/histogram.h"

enum { NN_ANATOMY_LAYERS = 64 /* of a deep network, the first of them */ };

typedef struct nn_anatomy {
    nn_histogram *weight; /* [layers][NN_MAX_WEIGHTS] */
    nn_histogram *output; /* [layers]; count 0: not looked at */
    int layers;
    int samples; /* that the outputs belong to; 0: none */
} nn_anatomy;

/* `view` NULL, or empty: the weights alone. */
NN_MUST_CHECK nn_code nn_anatomy_new(nn_anatomy **out, const nn_subject *subject,
                                     const nn_view *view, nn_err *err);
void nn_anatomy_free(nn_anatomy *a); /* NULL is fine */

#endif
