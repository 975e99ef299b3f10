/* Cuts the arrays of an elementwise activation into pieces that fit a buffer on the stack. */
#include "pieces.h"

#include <string.h>

#include "math/vec.h"

static size_t piece_len(size_t n, size_t at)
{
    return n - at < NN_PIECE ? n - at : NN_PIECE;
}

void nn_pieces(nn_piece_fn *fn, const void *conf, const nn_real *x, nn_real *y, size_t n)
{
    nn_real piece[NN_PIECE];

    for (size_t at = 0; at < n; at += NN_PIECE) {
        const size_t len = piece_len(n, at);

        fn(conf, x + at, piece, len);
        memcpy(y + at, piece, len * sizeof(*y));
    }
}

void nn_pieces_back(nn_piece_back_fn *fn, const void *conf, const nn_real *from, const nn_real *dy,
                    nn_real *dx, size_t n)
{
    nn_real piece[NN_PIECE];

    for (size_t at = 0; at < n; at += NN_PIECE) {
        const size_t len = piece_len(n, at);

        fn(conf, from + at, dy + at, piece, len);
        memcpy(dx + at, piece, len * sizeof(*dx));
    }
}

/* With t = tanh(x / 2), exp(x) - 1 = 2 t / (1 - t), and 1 - t is between 1 and 2 for x <= 0. */
NN_HOT void nn_piece_expm1(const nn_real *restrict x, nn_real *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? 0 : x[i] / 2;
    nn_vec_tanh(y, y, n);
    for (size_t i = 0; i < n; i++)
        y[i] = 2 * y[i] / (1 - y[i]);
}
