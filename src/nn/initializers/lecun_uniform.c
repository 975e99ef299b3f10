/* LeCun uniform: keeps the variance; for selu. */
#include "fill.h"

static void fill(const void *conf, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    (void)conf;
    nn_fill_scaled_uniform(rng, 1, size->fan_in, w, size->count);
}

const nn_initializer nn_initializer_lecun_uniform = {
    {"lecun_uniform", "Variance 1 / fan_in, uniform.", NULL, 0}, fill};
