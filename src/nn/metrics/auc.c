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
    bool weighted;  /* else no share is kept */
    uint64_t key[]; /* [width][samples], and behind them as many shares, of which each goes along */
} auc;

/* The keys of an output, and what each counts. */
typedef struct scores {
    uint64_t *key;
    double *share; /* NULL: all 1 */
} scores;

static scores scores_of(auc *a, size_t output)
{
    double *const share = (double *)(void *)(a->key + a->width * a->samples);
    const size_t at = output * a->samples;

    return (scores){a->key + at, a->weighted ? share + at : NULL};
}

static size_t state_size(const void *conf, const nn_metric_case *what)
{
    (void)conf;
    return sizeof(auc) + (size_t)what->width * what->samples * (sizeof(uint64_t) + sizeof(double));
}

static void start(const void *conf, const nn_metric_case *what, void *state)
{
    auc *const a = (auc *)state;

    (void)conf;
    a->width = (size_t)what->width;
    a->samples = what->samples;
    a->seen = 0;
    a->broken = false;
    a->weighted = false;
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
    /* Of one dataset and network: all samples have a share or mask, or none has. */
    a->weighted = t->share != NULL || t->mask != NULL;
    for (size_t i = 0; i < (size_t)n; i++) {
        for (int j = 0; j < width; j++) {
            const double score = y[i * (size_t)width + (size_t)j];
            const bool truth = nn_target_at(t, i, j) > (nn_real)0.5;
            const scores s = scores_of(a, (size_t)j);

            a->broken = a->broken || isnan(score);
            s.key[a->seen] = key_of(score, truth);
            if (s.share != NULL)
                s.share[a->seen] = nn_target_share(t, i);
        }
        a->seen++;
    }
}

static void swap(scores s, size_t i, size_t j)
{
    const uint64_t key = s.key[i];

    s.key[i] = s.key[j];
    s.key[j] = key;
    if (s.share != NULL) {
        const double share = s.share[i];

        s.share[i] = s.share[j];
        s.share[j] = share;
    }
}

/*
 * Sorts in place by halving at the highest bit in which the keys differ: no memory, no bad orders,
 * and at most 64 levels deep.
 */
static void sort(scores s, size_t n)
{
    while (n > 1) {
        uint64_t differ = 0, bit = (uint64_t)1 << 63;
        size_t low = 0, high = n;

        for (size_t i = 1; i < n; i++)
            differ |= s.key[i] ^ s.key[0];
        if (differ == 0)
            return;
        while ((differ & bit) == 0)
            bit >>= 1;
        while (low < high) {
            if ((s.key[low] & bit) == 0)
                low++;
            else
                swap(s, low, --high);
        }
        sort(s, low);
        s.key += low;
        s.share = s.share == NULL ? NULL : s.share + low;
        n -= low;
    }
}

/* NaN when all of the samples, or none, are of the class. */
static double area(scores s, size_t n)
{
    double yes = 0, no = 0; /* what the samples below the ones looked at count */
    double twice = 0;       /* pairs won, ties counting one, others two */

    for (size_t i = 0; i < n;) {
        const uint64_t score = s.key[i] >> 1;
        double yes_here = 0, no_here = 0;

        for (; i < n && s.key[i] >> 1 == score; i++) {
            const double share = s.share != NULL ? s.share[i] : 1;

            yes_here += s.key[i] & 1 ? share : 0;
            no_here += s.key[i] & 1 ? 0 : share;
        }
        twice += yes_here * (2 * no + no_here);
        yes += yes_here;
        no += no_here;
    }
    return yes > 0 && no > 0 ? twice / (2 * yes * no) : NAN;
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
        double one;

        sort(scores_of(a, j), a->seen);
        one = area(scores_of(a, j), a->seen);
        if (!isnan(one)) {
            sum += one;
            defined++;
        }
    }
    return defined > 0 ? sum / defined : NAN;
}

/* A flag is 0 or 1 in memory; a file can hold anything. */
static bool is_flag(const bool *flag)
{
    return *(const unsigned char *)flag <= 1;
}

static bool holds(const void *conf, const nn_metric_case *what, size_t added, const void *state)
{
    const auc *const a = (const auc *)state;

    (void)conf;
    return a->width == (size_t)what->width && a->samples == what->samples && a->seen <= added &&
           is_flag(&a->broken) && is_flag(&a->weighted);
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
    .holds = holds,
};
