/*
 * Area under the ROC curve, exact: the chance that a sample of a class scores higher than one that
 * is not of it, ties counting half. All scores are kept and sorted where they lie.
 */
#include "nn/metric_parts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/*
 * A score as a whole number in the same order, with the truth in place of its lowest bit, so that
 * what is sorted is one number a sample. Floats leave that bit unused; doubles one bit apart become
 * ties.
 */
typedef struct auc {
    size_t width, samples; /* outputs; room for each */
    size_t seen;
    bool broken;    /* a score was NaN */
    uint64_t key[]; /* [width][samples] */
} auc;

static size_t state_size(const void *conf, const nn_metric_case *what)
{
    (void)conf;
    return sizeof(auc) + (size_t)what->width * what->samples * sizeof(uint64_t);
}

static void start(const void *conf, const nn_metric_case *what, void *state)
{
    auc *const a = (auc *)state;

    (void)conf;
    a->width = (size_t)what->width;
    a->samples = what->samples;
    a->seen = 0;
    a->broken = false;
}

static uint64_t key_of(double score, bool truth)
{
    const uint64_t sign = (uint64_t)1 << 63;
    uint64_t bits;

    score += 0.0; /* -0 becomes 0: they are equal */
    memcpy(&bits, &score, sizeof bits);
    bits = (bits & sign) != 0 ? ~bits : bits | sign;
    return (bits & ~(uint64_t)1) | truth;
}

static void add(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                int width)
{
    auc *const a = (auc *)state;

    (void)conf;
    assert(a->seen + (size_t)n <= a->samples && a->width == (size_t)width);
    for (size_t i = 0; i < (size_t)n; i++) {
        for (int j = 0; j < width; j++) {
            const double score = y[i * (size_t)width + (size_t)j];
            const bool truth = nn_target_at(t, i, j) > (nn_real)0.5;

            a->broken = a->broken || isnan(score);
            a->key[(size_t)j * a->samples + a->seen] = key_of(score, truth);
        }
        a->seen++;
    }
}

/*
 * Sorts in place by halving at the highest bit in which the keys differ: no memory, no bad orders,
 * and at most 64 levels deep.
 */
static void sort(uint64_t *key, size_t n)
{
    while (n > 1) {
        uint64_t differ = 0, bit = (uint64_t)1 << 63;
        size_t low = 0, high = n;

        for (size_t i = 1; i < n; i++)
            differ |= key[i] ^ key[0];
        if (differ == 0)
            return;
        while ((differ & bit) == 0)
            bit >>= 1;
        while (low < high) {
            const uint64_t k = key[low];

            if ((k & bit) == 0) {
                low++;
            } else {
                key[low] = key[--high];
                key[high] = k;
            }
        }
        sort(key, low);
        key += low;
        n -= low;
    }
}

/* NaN when all of the samples, or none, are of the class. */
static double area(const uint64_t *key, size_t n)
{
    uint64_t yes = 0, no = 0; /* samples below the ones looked at */
    double twice = 0;         /* pairs won, ties counting one, others two */

    for (size_t i = 0; i < n;) {
        const uint64_t score = key[i] >> 1;
        uint64_t yes_here = 0, no_here = 0;

        for (; i < n && key[i] >> 1 == score; i++) {
            yes_here += key[i] & 1;
            no_here += (key[i] & 1) ^ 1;
        }
        twice += (double)yes_here * (double)(2 * no + no_here);
        yes += yes_here;
        no += no_here;
    }
    return yes > 0 && no > 0 ? twice / (2 * (double)yes * (double)no) : NAN;
}

static double value(const void *conf, void *state)
{
    auc *const a = (auc *)state;
    double sum = 0;
    int defined = 0;

    (void)conf;
    if (a->broken)
        return NAN;
    for (size_t j = 0; j < a->width; j++) {
        uint64_t *const key = a->key + j * a->samples;
        double one;

        sort(key, a->seen);
        one = area(key, a->seen);
        if (!isnan(one)) {
            sum += one;
            defined++;
        }
    }
    return defined > 0 ? sum / defined : NAN;
}

const nn_metric_class nn_metric_auc = {
    .kind = {"auc", "area under the ROC curve; several classes: each against the rest, the mean",
             NULL, 0},
    .higher_is_better = true,
    .for_classes = true,
    .state_size = state_size,
    .start = start,
    .add = add,
    .value = value,
};
