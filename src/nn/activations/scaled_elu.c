/* The exponential linear unit times a constant. */
#include "scaled_elu.h"

NN_HOT void nn_scaled_elu(nn_real scale, nn_real alpha, const nn_real *restrict x,
                          nn_real *restrict y, size_t n)
{
    const nn_real below = scale * alpha;

    nn_piece_expm1(x, y, n);
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? scale * x[i] : below * y[i];
}

/* Below zero the slope, scale alpha exp(x), is y + scale alpha. */
NN_HOT void nn_scaled_elu_back(nn_real scale, nn_real alpha, const nn_real *restrict y,
                               const nn_real *restrict dy, nn_real *restrict dx, size_t n)
{
    const nn_real below = scale * alpha;

    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (y[i] > 0 ? scale : y[i] + below);
}
