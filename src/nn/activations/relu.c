/* Rectifier: y = x where x > 0, 0 elsewhere. */
#include "nn/activation.h"

#include "math/vec.h"

static void forward(const void *conf, const nn_real *x, nn_real *y, size_t rows, int width)
{
    (void)conf;
    nn_vec_relu(y, x, rows * (size_t)width);
}

static void backward(const void *conf, const nn_real *x, const nn_real *y, const nn_real *dy,
                     nn_real *dx, size_t rows, int width)
{
    (void)conf;
    (void)x;
    nn_vec_relu_back(dx, y, dy, rows * (size_t)width);
}

const nn_activation nn_activation_relu = {.kind = {"relu", "x where positive, else 0.", NULL, 0},
                                          .rises = true,
                                          .forward = forward,
                                          .backward = backward};
