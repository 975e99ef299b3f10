/* R2: how much of the targets' variance the predictions explain. */
#include "nn/metric_parts.h"

#include <math.h>

/* Of one output: squared errors, and Welford's running mean and squared distance of the targets. */
typedef struct spread {
    double errors;
    double mean, squares;
} spread;

typedef struct r2 {
    double seen; /* what the samples count together */
    size_t width;
    spread of[]; /* [width] */
} r2;

static size_t state_size(const void *conf, const nn_metric_case *what)
{
    (void)conf;
    return sizeof(r2) + (size_t)what->width * sizeof(spread);
}

static void start(const void *conf, const nn_metric_case *what, void *state)
{
    r2 *const s = (r2 *)state;

    (void)conf;
    s->seen = 0;
    s->width = (size_t)what->width;
    for (size_t j = 0; j < s->width; j++)
        s->of[j] = (spread){0, 0, 0};
}

static void add(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                int width)
{
    r2 *const s = (r2 *)state;

    (void)conf;
    for (size_t i = 0; i < (size_t)n; i++) {
        const double share = nn_target_share(t, i);

        if (share == 0)
            continue;
        s->seen += share;
        for (int j = 0; j < width; j++) {
            spread *const o = &s->of[j];
            const double truth = nn_target_at(t, i, j);
            const double error = truth - (double)y[i * (size_t)width + (size_t)j];
            const double distance = truth - o->mean;

            o->errors += share * (error * error);
            o->mean += share / s->seen * distance;
            o->squares += share * distance * (truth - o->mean);
        }
    }
}

/* The mean over the outputs; one whose targets are all the same has nothing to explain. */
static double value(const void *conf, void *state)
{
    const r2 *const s = (const r2 *)state;
    double sum = 0;
    int defined = 0;

    (void)conf;
    for (size_t j = 0; j < s->width; j++) {
        if (s->of[j].squares == 0)
            continue;
        sum += 1 - s->of[j].errors / s->of[j].squares;
        defined++;
    }
    return defined > 0 ? sum / defined : NAN;
}

static bool holds(const void *conf, const nn_metric_case *what, size_t added, const void *state)
{
    (void)conf;
    (void)added;
    return ((const r2 *)state)->width == (size_t)what->width;
}

const nn_metric_class nn_metric_r2 = {
    .kind = {"r2", "share of the targets' variance that is explained; the mean over the outputs",
             NULL, 0},
    .higher_is_better = true,
    .for_numbers = true,
    .state_size = state_size,
    .start = start,
    .add = add,
    .value = value,
    .holds = holds,
};
