/* GELU: x times the probability that a standard normal number is below x, or its tanh
 * approximation. */
#include "pieces.h"

#include "math/vec.h"

typedef struct conf {
    bool approximate;
} conf;

static const nn_field fields[] = {{.key = "approximate",
                                   .type = NN_FIELD_BOOL,
                                   .at = offsetof(conf, approximate),
                                   .fallback = "false",
                                   .help = "Use the tanh formula."},
                                  {0}};

static const double sqrt_half = 0.70710678118654752440;
static const double density = 0.39894228040143267794; /* of the standard normal at 0 */
static const double root = 0.79788456080286535588;    /* sqrt(2 / pi) */
static const double cubic = 0.044715;

/* p = probability below x, exactly. */
static NN_HOT void normal_cdf(const nn_real *restrict x, nn_real *restrict p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = x[i] * (nn_real)sqrt_half;
    nn_vec_erf(p, p, n);
    for (size_t i = 0; i < n; i++)
        p[i] = (1 + p[i]) / 2;
}

/* The approximation: p = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, which is a sigmoid. */
static NN_HOT void tanh_cdf(const nn_real *restrict x, nn_real *restrict p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (nn_real)(2 * root) * x[i] * (1 + (nn_real)cubic * x[i] * x[i]);
    nn_vec_sigmoid(p, p, n);
}

static void cdf(const conf *c, const nn_real *restrict x, nn_real *restrict p, size_t n)
{
    if (c->approximate)
        tanh_cdf(x, p, n);
    else
        normal_cdf(x, p, n);
}

static NN_HOT void piece(const void *c, const nn_real *restrict x, nn_real *restrict y, size_t n)
{
    cdf(c, x, y, n);
    for (size_t i = 0; i < n; i++)
        y[i] *= x[i];
}

/* The slope is p + x p'. p' is the normal density, or that of the approximation. */
static NN_HOT void piece_back(const void *c, const nn_real *restrict x, const nn_real *restrict dy,
                              nn_real *restrict dx, size_t n)
{
    const bool approximate = ((const conf *)c)->approximate;
    nn_real slope[NN_PIECE];

    cdf(c, x, dx, n);
    if (approximate) {
        for (size_t i = 0; i < n; i++)
            slope[i] = (nn_real)(2 * root) * (1 + (nn_real)(3 * cubic) * x[i] * x[i]) * dx[i] *
                       (1 - dx[i]);
    } else {
        for (size_t i = 0; i < n; i++)
            slope[i] = x[i] * x[i] / -2;
        nn_vec_exp(slope, slope, n);
        for (size_t i = 0; i < n; i++)
            slope[i] *= (nn_real)density;
    }
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (dx[i] + x[i] * slope[i]);
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

const nn_activation nn_activation_gelu = {
    .kind = {"gelu", "x * P(X <= x) for a standard normal X.", fields, sizeof(conf)},
    .needs_x = true,
    .forward = forward,
    .backward = backward};
