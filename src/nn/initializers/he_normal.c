/* He normal: keeps the variance through layers followed by relu. */
#include "fill.h"

static void fill(const void *conf, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    (void)conf;
    nn_fill_scaled_normal(rng, 2, size->fan_in, w, size->count);
}

const nn_initializer nn_initializer_he_normal = {
    {"he_normal", "Variance 2 / fan_in, truncated normal.", NULL, 0}, fill};
