/* Scaled exponential linear unit: keeps mean 0 and variance 1 from layer to layer. */
#include "scaled_elu.h"

/* The fixed point of the paper (Klambauer et al. 2017), as Keras has it. */
static const double scale = 1.05070098735548049342;
static const double alpha = 1.67326324235437728482;

static void piece(const void *c, const nn_real *restrict x, nn_real *restrict y, size_t n)
{
    (void)c;
    nn_scaled_elu((nn_real)scale, (nn_real)alpha, x, y, n);
}

static void piece_back(const void *c, const nn_real *restrict y, const nn_real *restrict dy,
                       nn_real *restrict dx, size_t n)
{
    (void)c;
    nn_scaled_elu_back((nn_real)scale, (nn_real)alpha, y, dy, dx, n);
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

const nn_activation nn_activation_selu = {
    .kind = {"selu", "elu with the scale that normalises itself.", NULL, 0},
    .forward = forward,
    .backward = backward};
