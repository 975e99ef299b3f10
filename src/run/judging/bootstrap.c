/* The bootstrap: percentiles of a score over samples drawn with replacement. */
#include "run/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

void nn_bootstrap_add(nn_bootstrap *b, const double *sums)
{
    /* By chance, not in turn: of samples sorted by class every block would have its fair share. */
    const nn_rng rng = {0, NN_RNG_BOOTSTRAP, UINT32_MAX};
    const size_t at = b->samples < NN_BOOTSTRAP_BLOCKS
                          ? b->samples
                          : (size_t)nn_rng_below(&rng, b->samples, NN_BOOTSTRAP_BLOCKS);
    double *block = b->sum[at];

    for (int k = 0; k < NN_BOOTSTRAP_SUMS; k++)
        block[k] += sums[k];
    b->samples++;
}

static void draw(const nn_bootstrap *b, size_t blocks, const nn_rng *rng, double *sums)
{
    uint32_t word[4];

    memset(sums, 0, NN_BOOTSTRAP_SUMS * sizeof *sums);
    for (size_t i = 0; i < blocks; i++) {
        if (i % 4 == 0)
            nn_rng_block(rng, i / 4, word);
        const double *block = b->sum[(uint64_t)word[i % 4] * blocks >> 32];

        for (int k = 0; k < NN_BOOTSTRAP_SUMS; k++)
            sums[k] += block[k];
    }
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Between the two draws next to it, as NumPy's percentile does. */
static double percentile(const double *sorted, size_t count, double part)
{
    const double at = part * (double)(count - 1);
    const size_t below = (size_t)at;
    const size_t above = below + 1 < count ? below + 1 : below;

    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

/* Draws that are not defined (one class alone) say nothing. */
static nn_interval interval_of(double *value, size_t count)
{
    size_t known = 0;

    for (size_t i = 0; i < count; i++)
        if (isfinite(value[i]))
            value[known++] = value[i];
    if (known == 0)
        return (nn_interval){NAN, NAN};
    qsort(value, known, sizeof *value, by_size);
    return (nn_interval){percentile(value, known, 0.025), percentile(value, known, 0.975)};
}

nn_code nn_bootstrap_run(const nn_bootstrap *b, nn_statistic *const *statistic, int statistics,
                         uint64_t seed, nn_interval *out, nn_err *err)
{
    const size_t blocks = b->samples < NN_BOOTSTRAP_BLOCKS ? b->samples : NN_BOOTSTRAP_BLOCKS;
    double *value = nn_alloc((size_t)statistics * NN_BOOTSTRAP_DRAWS, sizeof *value);
    nn_rng rng = {seed, NN_RNG_BOOTSTRAP, 0};
    double sums[NN_BOOTSTRAP_SUMS];

    if (value == NULL)
        return nn_err_memory(err, "the bootstrap", 0);
    for (int i = 0; i < NN_BOOTSTRAP_DRAWS && blocks > 0; i++) {
        rng.step = (uint64_t)i;
        draw(b, blocks, &rng, sums);
        for (int k = 0; k < statistics; k++)
            value[k * NN_BOOTSTRAP_DRAWS + i] = statistic[k](sums);
    }
    for (int k = 0; k < statistics; k++)
        out[k] = blocks > 1 ? interval_of(value + k * NN_BOOTSTRAP_DRAWS, NN_BOOTSTRAP_DRAWS)
                            : (nn_interval){NAN, NAN};
    nn_free(value);
    return NN_OK;
}
