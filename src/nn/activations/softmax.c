/* Softmax over the last dimension: each row positive with sum 1. */
#include "nn/activation.h"

#include "math/hot.h"
#include "math/vec.h"

static void forward(const void *conf, const nn_real *x, nn_real *y, size_t rows, int width)
{
    (void)conf;
    nn_vec_softmax(y, x, rows, width);
}

static NN_HOT void row_back(const nn_real *y, const nn_real *dy, nn_real mean, nn_real *dx,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] * (dy[i] - mean);
}

/* dx = y (dy - mean of dy weighted by y), row by row. */
static void backward(const void *conf, const nn_real *x, const nn_real *y, const nn_real *dy,
                     nn_real *dx, size_t rows, int width)
{
    const size_t n = (size_t)width;

    (void)conf;
    (void)x;
    for (size_t r = 0; r < rows; r++) {
        const size_t at = r * n;

        row_back(y + at, dy + at, (nn_real)nn_vec_dot(y + at, dy + at, n), dx + at, n);
    }
}

const nn_activation nn_activation_softmax = {
    .kind = {"softmax", "exp(x) over its sum along the last dimension.", NULL, 0},
    .by_row = true,
    .forward = forward,
    .backward = backward};
