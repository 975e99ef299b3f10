/* Exponential linear unit: y = x where x > 0, alpha (exp(x) - 1) elsewhere. */
#include "scaled_elu.h"

typedef struct conf {
    double alpha;
} conf;

static const nn_field fields[] = {{.key = "alpha",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, alpha),
                                   .fallback = "1",
                                   .range = "[0,]",
                                   .help = "What it comes down to far below zero, negated."},
                                  {0}};

static void piece(const void *c, const nn_real *restrict x, nn_real *restrict y, size_t n)
{
    nn_scaled_elu(1, (nn_real)((const conf *)c)->alpha, x, y, n);
}

static void piece_back(const void *c, const nn_real *restrict y, const nn_real *restrict dy,
                       nn_real *restrict dx, size_t n)
{
    nn_scaled_elu_back(1, (nn_real)((const conf *)c)->alpha, y, dy, dx, n);
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

const nn_activation nn_activation_elu = {
    .kind = {"elu", "x where positive, else alpha * (exp(x) - 1).", fields, sizeof(conf)},
    .forward = forward,
    .backward = backward};
