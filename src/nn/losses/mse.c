/* Mean squared error. */
#include "nn/loss_rows.h"

#include "math/hot.h"

static NN_HOT void piece(const void *conf, bool fused, nn_real *restrict y,
                         const nn_real *restrict t, nn_real *restrict value,
                         nn_real *restrict slope, size_t n)
{
    (void)conf;
    (void)fused; /* it has no head */
    for (size_t i = 0; i < n; i++) {
        const nn_real d = y[i] - t[i];

        value[i] = d * d;
        slope[i] = 2 * d;
    }
}

static void rows(const void *conf, const nn_loss_io *io, size_t begin, size_t end, nn_real scale,
                 double *loss)
{
    nn_loss_by_output(piece, conf, io, begin, end, scale, loss);
}

const nn_loss_class nn_loss_mse = {
    .kind = {"mse", "mean squared error: the mean of (y - t)^2 over the outputs", NULL, 0},
    .rows = rows,
};
