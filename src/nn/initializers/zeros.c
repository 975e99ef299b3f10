/* All zeros. */
#include "fill.h"

static void fill(const void *conf, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    (void)conf;
    (void)rng;
    nn_fill_value(0, w, size->count);
}

const nn_initializer nn_initializer_zeros = {{"zeros", "All zeros.", NULL, 0}, fill};
