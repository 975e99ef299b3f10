/* The rate falls along half a cosine over the run. */
#include "nn/schedule.h"

#include <math.h>

typedef struct cosine {
    nn_schedule_base base;
    double alpha;
} cosine;
_Static_assert(sizeof(cosine) <= NN_CHOICE_CONF, "cosine: conf does not fit");

static const nn_field fields[] = {
    NN_SCHEDULE_FIELDS,
    {.key = "alpha",
     .type = NN_FIELD_NUM,
     .at = offsetof(cosine, alpha),
     .fallback = "0",
     .range = "[0,1]",
     .help = "the rate at the end of the run, as a part of the first"},
    {.key = NULL}};

static double factor(const void *conf, const nn_progress *p)
{
    const double alpha = ((const cosine *)conf)->alpha;

    return alpha + (1 - alpha) * (1 + cos(acos(-1) * nn_progress_part(p))) / 2;
}

const nn_schedule_class nn_schedule_cosine = {
    .kind = {"cosine", "falls along half a cosine from the rate to `alpha` of it", fields,
             sizeof(cosine)},
    .factor = factor,
};
