/*
 * Elementwise activations work in pieces of a few hundred values. A piece is written into a buffer
 * of its own and then copied, so that the loops may take their arrays as distinct even when an
 * activation runs in place.
 */
#ifndef NN_SRC_ACTIVATION_PIECES_H
#define NN_SRC_ACTIVATION_PIECES_H

#include "math/hot.h"
#include "nn/activation.h"

enum { NN_PIECE = 256 };

/* y = f(x) for n <= NN_PIECE values. */
typedef void nn_piece_fn(const void *conf, const nn_real *restrict x, nn_real *restrict y,
                         size_t n);
/* dx = f'(x) dy for n <= NN_PIECE values; `from` is x when the activation needs it, else y. */
typedef void nn_piece_back_fn(const void *conf, const nn_real *restrict from,
                              const nn_real *restrict dy, nn_real *restrict dx, size_t n);

void nn_pieces(nn_piece_fn *fn, const void *conf, const nn_real *x, nn_real *y, size_t n);
void nn_pieces_back(nn_piece_back_fn *fn, const void *conf, const nn_real *from, const nn_real *dy,
                    nn_real *dx, size_t n);

/* y = exp(x) - 1 without cancellation for x <= 0, NaN included; 0 for x > 0. n <= NN_PIECE. */
void nn_piece_expm1(const nn_real *restrict x, nn_real *restrict y, size_t n);

#endif
