/* Normal noise, many numbers at a time. */
#ifndef NN_MATH_NOISE_H
#define NN_MATH_NOISE_H

#include "base/rng.h"
#include "math/real.h"

#include <stddef.h>

/*
 * x += stddev * standard normal numbers, four from each random block, from block `first` on. They
 * are good to about 1e-6, and none is further out than 5.9.
 */
void nn_noise_add(nn_real *x, size_t n, nn_real stddev, const nn_rng *rng, uint64_t first);

#endif
