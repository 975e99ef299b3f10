/* The distributions that initializers draw from. Number i of a weight depends on the rng and i
 * alone. */
#ifndef NN_SRC_INITIALIZERS_FILL_H
#define NN_SRC_INITIALIZERS_FILL_H

#include "nn/init.h"

void nn_fill_value(nn_real value, nn_real *w, size_t count);
void nn_fill_uniform(const nn_rng *rng, double min, double max, nn_real *w, size_t count);
void nn_fill_normal(const nn_rng *rng, double mean, double stddev, nn_real *w, size_t count);
/* As normal, but numbers beyond two standard deviations are drawn again. */
void nn_fill_truncated(const nn_rng *rng, double mean, double stddev, nn_real *w, size_t count);

/* Variance scaling: mean 0 and variance scale / fan. A fan below 1 counts as 1. */
void nn_fill_scaled_uniform(const nn_rng *rng, double scale, double fan, nn_real *w, size_t count);
void nn_fill_scaled_normal(const nn_rng *rng, double scale, double fan, nn_real *w, size_t count);

/* The mean of fan_in and fan_out. */
double nn_fan_average(const nn_weight_size *size);

#endif
