/* The rate drops by the same factor again and again. */
#include "nn/schedule.h"

#include <math.h>

typedef struct drops {
    nn_schedule_base base;
    double step_size;
    double gamma;
} drops;
_Static_assert(sizeof(drops) <= NN_CHOICE_CONF, "step: conf does not fit");

static const nn_field fields[] = {NN_SCHEDULE_FIELDS,
                                  {.key = "step_size",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(drops, step_size),
                                   .fallback = "10",
                                   .range = "(0,]",
                                   .help = "units from one drop to the next"},
                                  {.key = "gamma",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(drops, gamma),
                                   .fallback = "0.1",
                                   .range = "(0,1]",
                                   .help = "what the rate is multiplied with at a drop"},
                                  {.key = NULL}};

static double factor(const void *conf, const nn_progress *p)
{
    const drops *const c = (const drops *)conf;

    return pow(c->gamma, floor(p->position / c->step_size));
}

const nn_schedule_class nn_schedule_step = {
    .kind = {"step", "multiplies the rate by gamma every step_size units", fields, sizeof(drops)},
    .factor = factor,
};
