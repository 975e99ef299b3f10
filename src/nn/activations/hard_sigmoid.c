/* Hard sigmoid: y = (x + 3) / 6, kept between 0 and 1. */
#include "pieces.h"

static NN_HOT void piece(const void *c, const nn_real *restrict x, nn_real *restrict y, size_t n)
{
    (void)c;
    for (size_t i = 0; i < n; i++) {
        const nn_real line = (x[i] + 3) / 6;

        y[i] = line < 0 ? 0 : line > 1 ? 1 : line;
    }
}

static NN_HOT void piece_back(const void *c, const nn_real *restrict y, const nn_real *restrict dy,
                              nn_real *restrict dx, size_t n)
{
    (void)c;
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 && y[i] < 1 ? dy[i] / 6 : 0;
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

const nn_activation nn_activation_hard_sigmoid = {
    .kind = {"hard_sigmoid", "A sigmoid of three straight lines.", NULL, 0},
    .forward = forward,
    .backward = backward};
