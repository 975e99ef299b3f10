/* He uniform: keeps the variance through layers followed by relu. */
#include "fill.h"

static void fill(const void *conf, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    (void)conf;
    nn_fill_scaled_uniform(rng, 2, size->fan_in, w, size->count);
}

const nn_initializer nn_initializer_he_uniform = {
    {"he_uniform", "Variance 2 / fan_in, uniform.", NULL, 0}, fill};
