/* Sigmoid: y = 1 / (1 + exp(-x)). */
#include "pieces.h"

#include "math/vec.h"

static void forward(const void *c, const nn_real *x, nn_real *y, size_t rows, int width)
{
    (void)c;
    nn_vec_sigmoid(y, x, rows * (size_t)width);
}

static NN_HOT void piece_back(const void *c, const nn_real *restrict y, const nn_real *restrict dy,
                              nn_real *restrict dx, size_t n)
{
    (void)c;
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * y[i] * (1 - y[i]);
}

static void backward(const void *c, const nn_real *x, const nn_real *y, const nn_real *dy,
                     nn_real *dx, size_t rows, int width)
{
    (void)x;
    nn_pieces_back(piece_back, c, y, dy, dx, rows * (size_t)width);
}

const nn_activation nn_activation_sigmoid = {
    .kind = {"sigmoid", "1 / (1 + exp(-x)).", NULL, 0}, .forward = forward, .backward = backward};
