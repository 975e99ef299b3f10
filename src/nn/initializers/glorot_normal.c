/* Glorot (Xavier) normal: a compromise between keeping the variance forwards and backwards. */
#include "fill.h"

static void fill(const void *conf, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    (void)conf;
    nn_fill_scaled_normal(rng, 1, nn_fan_average(size), w, size->count);
}

const nn_initializer nn_initializer_glorot_normal = {
    {"glorot_normal", "Variance 2 / (fan_in + fan_out), truncated normal.", NULL, 0}, fill};
