/* Uniform numbers. */
#include "fill.h"

typedef struct conf {
    double minval;
    double maxval;
} conf;

static const nn_field fields[] = {{.key = "minval",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, minval),
                                   .fallback = "-0.05",
                                   .help = "Lower end."},
                                  {.key = "maxval",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, maxval),
                                   .fallback = "0.05",
                                   .help = "Upper end."},
                                  {0}};

static void fill(const void *c, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    const conf *f = c;

    nn_fill_uniform(rng, f->minval, f->maxval, w, size->count);
}

const nn_initializer nn_initializer_random_uniform = {
    {"random_uniform", "Uniform numbers.", fields, sizeof(conf)}, fill};
