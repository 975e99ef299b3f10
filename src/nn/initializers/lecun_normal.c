/* LeCun normal: keeps the variance; for selu. */
#include "fill.h"

static void fill(const void *conf, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    (void)conf;
    nn_fill_scaled_normal(rng, 1, size->fan_in, w, size->count);
}

const nn_initializer nn_initializer_lecun_normal = {
    {"lecun_normal", "Variance 1 / fan_in, truncated normal.", NULL, 0}, fill};
