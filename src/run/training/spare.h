/*
 * What a training can go back to after a step that diverged: the moving statistics of before the
 * step (a forward pass moves them), or all of what the epoch began with.
 */
#ifndef NN_RUN_SPARE_H
#define NN_RUN_SPARE_H

#include "run/checkpoint.h"

typedef struct nn_spare {
    const nn_graph *graph;
    nn_real *statistics;         /* [weights_len], filled where statistics are; or NULL */
    nn_real *weights;            /* [weights_len] of the epoch's begin, and the slots; or NULL */
    nn_real *slot[NN_MAX_SLOTS]; /* [weights_len] */
    int slots;
    uint64_t count; /* of the optimizer's steps */
} nn_spare;

bool nn_has_statistics(const nn_graph *g); /* are there statistics that a forward pass moves? */
/* Holds what training.on_nonfinite asks for, which may be nothing. */
NN_MUST_CHECK nn_code nn_spare_new(nn_spare *out, const nn_setup *s, const nn_optimizer *o,
                                   nn_err *err);
void nn_spare_free(nn_spare *spare);
size_t nn_spare_bytes(const nn_setup *s);       /* that nn_spare_new would allocate */
bool nn_spare_is_finite(const nn_spare *spare); /* its weights may have come from a file */
void nn_spare_blocks(nn_spare *spare, nn_blocks *blocks);

void nn_spare_take_step(nn_spare *spare, const nn_real *weights);
void nn_spare_put_step(const nn_spare *spare, nn_real *weights);
void nn_spare_take_epoch(nn_spare *spare, const nn_real *weights, nn_optimizer *o);
void nn_spare_put_epoch(const nn_spare *spare, nn_real *weights, nn_optimizer *o);

#endif
