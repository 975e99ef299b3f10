/* The loops over samples that losses share. For the files in src/nn/losses/. */
#ifndef NN_NN_LOSS_ROWS_H
#define NN_NN_LOSS_ROWS_H

#include "nn/loss.h"

#define NN_CLIP_PROBABILITY ((nn_real)1e-7) /* Keras's epsilon */

/*
 * A loss that looks at each output alone: for n outputs y with targets t, the loss of each into
 * `value` and its derivative with respect to y into `slope`. When fused, y becomes the prediction.
 * n is at most NN_LOSS_BLOCK; the arrays do not overlap.
 */
enum { NN_LOSS_BLOCK = 256 };
typedef void nn_loss_piece(const void *conf, bool fused, nn_real *restrict y,
                           const nn_real *restrict t, nn_real *restrict value,
                           nn_real *restrict slope, size_t n);

/* nn_loss_class.rows for such a loss; a sample's loss is the mean over its outputs. */
void nn_loss_by_output(nn_loss_piece *piece, const void *conf, const nn_loss_io *io, size_t begin,
                       size_t end, nn_real scale, double *loss);

/*
 * nn_loss_class.rows for the cross-entropy of classes: minus the sum of t * log(p) over the
 * classes. `smoothing` of each target is shared out evenly among the classes.
 */
void nn_loss_by_class(double smoothing, const nn_loss_io *io, size_t begin, size_t end,
                      nn_real scale, double *loss);

#endif
