/*
 * Losses. A loss is the mean over the samples of a batch (each sample's loss times its weight,
 * divided by the number of samples, as Keras does; masked steps of a sequence are none of them).
 * Cross-entropies are computed together with the softmax or sigmoid before them, which the graph
 * splits off as its head: stable for any logits.
 *
 * `from_logits` in a config says that the model ends in logits with no head to split. The loss then
 * behaves as if a head had been split off: it is fused, and y holds probabilities afterwards,
 * because that is what metrics and users want. Whoever shows outputs without computing a loss has
 * to apply `head` itself when nn_loss_from_logits says so. A head that was split anyway is applied
 * only once.
 *
 * Not fused, a cross-entropy takes probabilities, clipped to [1e-7, 1 - 1e-7] as in Keras; those of
 * classes are first divided by their sum. Where a value is clipped its gradient is zero.
 */
#ifndef NN_NN_LOSS_H
#define NN_NN_LOSS_H

#include "conf/field.h"
#include "math/pool.h"
#include "nn/target.h"

#include <stdbool.h>

typedef struct nn_loss_io {
    int n, width; /* samples; outputs of a sample */
    nn_real *y;   /* [n][width]: logits when `fused`, else predictions */
    nn_real *dy;  /* [n][width] gradient of the mean loss with respect to y; NULL: not wanted */
    nn_target target;
    bool fused; /* y goes through the loss's head (its softmax or sigmoid) as part of the loss */
} nn_loss_io;

typedef struct nn_loss_class {
    nn_kind kind;
    const char *head;   /* the activation it is fused with, "softmax" or "sigmoid"; NULL: none */
    bool wants_classes; /* one output per class: labels, or rows that share out a whole (one-hot) */
    bool wants_binary;  /* each output on its own is a yes or no; also several (multilabel) */
    /*
     * Samples begin..end: writes dy rows, and per-sample loss (weighted) into loss[begin..end).
     * When fused, y's rows are turned into predictions (the head applied) after they were read.
     * `scale` is 1/n, or of those that count: dy includes it and the sample's weight.
     */
    void (*rows)(const void *conf, const nn_loss_io *io, size_t begin, size_t end, nn_real scale,
                 double *loss);
    /* Optional: does conf say that y is logits although no head was split? */
    bool (*from_logits)(const void *conf);
} nn_loss_class;

extern const nn_family nn_losses; /* nn/losses.def */

/* Does the loss take logits although no head was split off the graph? */
bool nn_loss_from_logits(const nn_choice *loss);

/*
 * The sum (not the mean) of the samples' weighted losses, in a fixed order; dy and y as
 * nn_loss_class says, dy for the mean over those of io->n that count (nn_target_counting). `row` is
 * caller's scratch of n doubles, and holds the losses afterwards.
 */
double nn_loss_run(const nn_choice *loss, nn_pool *pool, const nn_loss_io *io, double *row);

#endif
