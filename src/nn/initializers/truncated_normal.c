/* Normal numbers within two standard deviations. */
#include "fill.h"

typedef struct conf {
    double mean;
    double stddev;
} conf;

static const nn_field fields[] = {{.key = "mean",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, mean),
                                   .fallback = "0",
                                   .help = "Mean."},
                                  {.key = "stddev",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, stddev),
                                   .fallback = "0.05",
                                   .range = "[0,]",
                                   .help = "Standard deviation before the cut."},
                                  {0}};

static void fill(const void *c, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    const conf *f = c;

    nn_fill_truncated(rng, f->mean, f->stddev, w, size->count);
}

const nn_initializer nn_initializer_truncated_normal = {
    {"truncated_normal", "Normal numbers, those beyond two standard deviations drawn again.",
     fields, sizeof(conf)},
    fill};
