/*
 * The part of training that is arithmetic: weights, optimizer and network together, one step at a
 * time. What to train on, when to stop and what to keep is run/train.h's.
 */
#ifndef NN_RUN_ENGINE_H
#define NN_RUN_ENGINE_H

#include "nn/optimizer.h"
#include "run/checkpoint.h"

typedef struct nn_engine nn_engine;

/* Sums over the samples and steps of an epoch. */
typedef struct nn_epoch_sum {
    double loss;    /* over samples, penalties not included */
    double counted; /* samples that it is the sum of; less where steps are masked */
    double gradient_norm;
    double lr; /* of the last step */
    uint64_t samples;
    uint64_t steps;              /* that moved the weights */
    double step_loss, step_norm; /* of the last step: the mean over its rows; the gradients' */
} nn_epoch_sum;
/* The mean over what counted; 0 when nothing did. */
static inline double nn_epoch_loss(const nn_epoch_sum *sum)
{
    return sum->counted > 0 ? sum->loss / sum->counted : 0;
}

NN_MUST_CHECK nn_code nn_engine_new(nn_engine **out, const nn_setup *s, nn_pool *pool, nn_err *err);
void nn_engine_free(nn_engine *e); /* NULL is fine */

nn_real *nn_engine_weights(nn_engine *e); /* [graph->weights_len] the newest */
nn_optimizer *nn_engine_optimizer(nn_engine *e);
uint64_t nn_engine_steps(const nn_engine *e); /* done so far */

/* Begins an epoch: the order of its rows, metrics at zero. */
void nn_engine_start_epoch(nn_engine *e, int epoch);
/*
 * Trains on rows begin..begin+n of the epoch's order with this learning rate. NN_EDIVERGED, and
 * no weight moved, when the loss or a gradient is not finite. Allocates nothing unless it fails.
 */
NN_MUST_CHECK nn_code nn_engine_step(nn_engine *e, size_t begin, int n, double lr,
                                     nn_epoch_sum *sum, nn_err *err);
/*
 * After a step that diverged, for training.on_nonfinite: the network is again as it was before the
 * step, moving statistics too, or as it was when the epoch began. The step counts as made.
 */
void nn_engine_skip(nn_engine *e);
void nn_engine_roll_back(nn_engine *e);
/* What these two need beside the rest, in bytes. */
size_t nn_engine_spare_bytes(const nn_setup *s);
/*
 * Adds what a step changes to the blocks of a checkpoint; it can be taken between any two steps.
 * After the blocks were filled again from a file, nn_engine_go_on brings the rest in line with
 * them, `batches` of the epoch being done; NN_EMODEL when no training can have left them so.
 */
void nn_engine_blocks(nn_engine *e, nn_blocks *blocks);
NN_MUST_CHECK nn_code nn_engine_go_on(nn_engine *e, uint64_t batches, nn_err *err);

/* Told as each stage of a step ends; it stays the caller's. NULL: nobody is told. */
void nn_engine_watch(nn_engine *e, const nn_watch *watch);
const nn_exec *nn_engine_exec(const nn_engine *e);

/* The metrics over the epoch's steps, [s->metrics]. */
void nn_engine_metrics(const nn_engine *e, double *metric);
/* In the middle of an epoch: NaN for those that keep all predictions, as they would take too long.
 */
void nn_engine_metrics_so_far(const nn_engine *e, double *metric);

#endif
