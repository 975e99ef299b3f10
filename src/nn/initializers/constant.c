/* One value everywhere. */
#include "fill.h"

typedef struct conf {
    double value;
} conf;

static const nn_field fields[] = {{.key = "value",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, value),
                                   .fallback = "0",
                                   .help = "The value."},
                                  {0}};

static void fill(const void *c, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    const conf *f = c;

    (void)rng;
    nn_fill_value((nn_real)f->value, w, size->count);
}

const nn_initializer nn_initializer_constant = {
    {"constant", "One value everywhere.", fields, sizeof(conf)}, fill};
