/* What the layers that merge equal shapes number by number share. */
#ifndef NN_SRC_LAYERS_MERGE_H
#define NN_SRC_LAYERS_MERGE_H

#include "join_masks.h"

/* All inputs must have the same shape; an error names two that differ. */
nn_code nn_merge_plan(nn_layer *l, nn_err *err);

/* What a piece of the numbers needs: begin..end of every array, the batch as one row. */
typedef struct nn_merge {
    int inputs;
    const nn_real *const *x; /* [inputs] */
    nn_real *y;              /* forward */
    const nn_real *dy;       /* backward */
    nn_real *const *dx;      /* [inputs], each may be NULL */
} nn_merge;
typedef void nn_merge_fn(const nn_merge *m, size_t begin, size_t end);

void nn_merge_forward(const nn_layer *l, const nn_fwd *io, nn_merge_fn *fn);
void nn_merge_backward(const nn_layer *l, const nn_bwd *io, nn_merge_fn *fn);

/* y = the sum of the inputs, times factor. */
void nn_merge_sum(const nn_merge *m, size_t begin, size_t end, nn_real factor);
/* Every dx = factor * dy. */
void nn_merge_spread(const nn_merge *m, size_t begin, size_t end, nn_real factor);

#endif
