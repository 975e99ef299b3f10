/* Softplus: y = log(1 + exp(x)). */
#include "pieces.h"

#include "math/vec.h"

/*
 * max(x, 0) + log(1 + e) with e = exp(-|x|), which cannot overflow. The sum 1 + e rounds; e over
 * the part of e that it kept corrects the logarithm for that.
 */
static NN_HOT void piece(const void *c, const nn_real *restrict x, nn_real *restrict y, size_t n)
{
    nn_real e[NN_PIECE];

    (void)c;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? -x[i] : x[i];
    nn_vec_exp(e, y, n);
    for (size_t i = 0; i < n; i++)
        y[i] = 1 + e[i];
    nn_vec_log(y, y, n);
    for (size_t i = 0; i < n; i++) {
        const nn_real kept = (1 + e[i]) - 1;
        const nn_real log1p = kept > 0 ? y[i] * (e[i] / kept) : e[i];

        y[i] = x[i] > 0 ? x[i] + log1p : log1p;
    }
}

/* The slope sigmoid(x) is 1 - exp(-y). */
static NN_HOT void piece_back(const void *c, const nn_real *restrict y, const nn_real *restrict dy,
                              nn_real *restrict dx, size_t n)
{
    nn_real slope[NN_PIECE];

    (void)c;
    for (size_t i = 0; i < n; i++)
        dx[i] = -y[i];
    nn_piece_expm1(dx, slope, n);
    for (size_t i = 0; i < n; i++)
        dx[i] = -slope[i] * dy[i];
}

static void forward(const void *c, const nn_real *x, nn_real *y, size_t rows, int width)
{
    nn_pieces(piece, c, x, y, rows * (size_t)width);
}

static void backward(const void *c, const nn_real *x, const nn_real *y, const nn_real *dy,
                     nn_real *dx, size_t rows, int width)
{
    (void)x;
    nn_pieces_back(piece_back, c, y, dy, dx, rows * (size_t)width);
}

const nn_activation nn_activation_softplus = {
    .kind = {"softplus", "log(1 + exp(x)).", NULL, 0}, .forward = forward, .backward = backward};
