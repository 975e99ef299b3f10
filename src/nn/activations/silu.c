/* SiLU, also called swish: y = x sigmoid(x). */
#include "pieces.h"

#include "math/vec.h"

static NN_HOT void piece(const void *c, const nn_real *restrict x, nn_real *restrict y, size_t n)
{
    (void)c;
    nn_vec_sigmoid(y, x, n);
    for (size_t i = 0; i < n; i++)
        y[i] *= x[i];
}

static NN_HOT void piece_back(const void *c, const nn_real *restrict x, const nn_real *restrict dy,
                              nn_real *restrict dx, size_t n)
{
    (void)c;
    nn_vec_sigmoid(dx, x, n);
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * dx[i] * (1 + x[i] * (1 - dx[i]));
}

static void forward(const void *c, const nn_real *x, nn_real *y, size_t rows, int width)
{
    nn_pieces(piece, c, x, y, rows * (size_t)width);
}

static void backward(const void *c, const nn_real *x, const nn_real *y, const nn_real *dy,
                     nn_real *dx, size_t rows, int width)
{
    (void)y;
    nn_pieces_back(piece_back, c, x, dy, dx, rows * (size_t)width);
}

const nn_activation nn_activation_silu = {
    .kind = {"silu", "x * sigmoid(x), also called swish.", NULL, 0},
    .needs_x = true,
    .forward = forward,
    .backward = backward};
