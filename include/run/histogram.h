/* Where many numbers lie. */
#ifndef NN_RUN_HISTOGRAM_H
#define NN_RUN_HISTOGRAM_H

#include "math/real.h"

#include <stdbool.h>
#include <stddef.h>

enum { NN_HISTOGRAM_BINS = 48 };

typedef struct nn_histogram {
    size_t count, zeros, bad; /* numbers; exact zeros; NaN and Inf, which are in no bin */
    double least, most;       /* of those in the bins; NaN without any */
    double mean, deviation;
    size_t bin[NN_HISTOGRAM_BINS]; /* of equal width from `least` to `most` */
    bool without_zeros; /* exact zeros are in no bin: they are too many to see anything beside */
} nn_histogram;

void nn_histogram_fill(nn_histogram *h, const nn_real *value, size_t count);

#endif
