/* Leaky rectifier: y = x where x > 0, negative_slope x elsewhere. */
#include "pieces.h"

typedef struct conf {
    double negative_slope;
} conf;

/* A slope of 0 or more keeps the sign, so that the output says on which side the input was. */
static const nn_field fields[] = {{.key = "negative_slope",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, negative_slope),
                                   .fallback = "0.2",
                                   .range = "[0,]",
                                   .help = "Slope below zero."},
                                  {0}};

static NN_HOT void piece(const void *c, const nn_real *restrict x, nn_real *restrict y, size_t n)
{
    const nn_real slope = (nn_real)((const conf *)c)->negative_slope;

    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

static NN_HOT void piece_back(const void *c, const nn_real *restrict y, const nn_real *restrict dy,
                              nn_real *restrict dx, size_t n)
{
    const nn_real slope = (nn_real)((const conf *)c)->negative_slope;

    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
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

const nn_activation nn_activation_leaky_relu = {
    .kind = {"leaky_relu", "x where positive, else negative_slope * x.", fields, sizeof(conf)},
    .forward = forward,
    .backward = backward};
