/*
 * How sure a score is: its interval over samples drawn again with replacement. A score is a
 * function of sums over the samples (of hits, of losses, of squared errors).
 */
#ifndef NN_RUN_BOOTSTRAP_H
#define NN_RUN_BOOTSTRAP_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { NN_BOOTSTRAP_SUMS = 8, NN_BOOTSTRAP_BLOCKS = 4096, NN_BOOTSTRAP_DRAWS = 1000 };

typedef struct nn_interval {
    double low, high; /* 95 of 100 draws lie between; NaN: not known */
} nn_interval;

/*
 * Sums of the samples, at most NN_BOOTSTRAP_BLOCKS of them: of more samples a block holds some,
 * dealt out by chance. That bounds the time; the spread of the sums stays what it is.
 */
typedef struct nn_bootstrap {
    double sum[NN_BOOTSTRAP_BLOCKS][NN_BOOTSTRAP_SUMS];
    size_t samples;
} nn_bootstrap;
void nn_bootstrap_add(nn_bootstrap *b, const double *sums); /* of the next sample */

/* The score of these sums; the first of them counts the samples. */
typedef double nn_statistic(const double *sums);
/* An interval for each statistic, all from the same draws; the same seed gives the same. */
NN_MUST_CHECK nn_code nn_bootstrap_run(const nn_bootstrap *b, nn_statistic *const *statistic,
                                       int statistics, uint64_t seed, nn_interval *out,
                                       nn_err *err);

#endif
