/* The rate decays exponentially. */
#include "nn/schedule.h"

#include <math.h>

typedef struct exponential {
    nn_schedule_base base;
    double decay_rate;
    double decay_steps;
    bool staircase;
} exponential;
_Static_assert(sizeof(exponential) <= NN_CHOICE_CONF, "exponential: conf does not fit");

static const nn_field fields[] = {NN_SCHEDULE_FIELDS,
                                  {.key = "decay_rate",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(exponential, decay_rate),
                                   .fallback = "0.96",
                                   .range = "(0,1]",
                                   .help = "what the rate is multiplied with in decay_steps units"},
                                  {.key = "decay_steps",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(exponential, decay_steps),
                                   .fallback = "1",
                                   .range = "(0,]",
                                   .help = "units in which the rate decays by decay_rate"},
                                  {.key = "staircase",
                                   .type = NN_FIELD_BOOL,
                                   .at = offsetof(exponential, staircase),
                                   .fallback = "false",
                                   .help = "decays all at once after each decay_steps units"},
                                  {.key = NULL}};

static double factor(const void *conf, const nn_progress *p)
{
    const exponential *const c = (const exponential *)conf;
    const double times = p->position / c->decay_steps;

    return pow(c->decay_rate, c->staircase ? floor(times) : times);
}

const nn_schedule_class nn_schedule_exponential = {
    .kind = {"exponential", "decay_rate to the power of units / decay_steps", fields,
             sizeof(exponential)},
    .factor = factor,
};
