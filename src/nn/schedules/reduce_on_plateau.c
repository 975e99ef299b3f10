/* The rate drops when a watched value has not become better for a while. */
#include "nn/schedule.h"

#include <math.h>

typedef struct plateau {
    nn_schedule_base base;
    const char *monitor;
    double factor;
    int patience;
    double min_delta;
    int cooldown;
    double min_factor;
} plateau;
_Static_assert(sizeof(plateau) <= NN_CHOICE_CONF, "reduce_on_plateau: conf does not fit");

static const nn_field fields[] = {NN_SCHEDULE_FIELDS,
                                  {.key = "monitor",
                                   .type = NN_FIELD_TEXT,
                                   .at = offsetof(plateau, monitor),
                                   .fallback = "\"val_loss\"",
                                   .help = "the value that is watched after each epoch"},
                                  {.key = "factor",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(plateau, factor),
                                   .fallback = "0.5",
                                   .range = "(0,1)",
                                   .help = "what the rate is multiplied with"},
                                  {.key = "patience",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(plateau, patience),
                                   .fallback = "5",
                                   .range = "[1,1000000]",
                                   .help = "epochs without improvement until the rate drops"},
                                  {.key = "min_delta",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(plateau, min_delta),
                                   .fallback = "1e-4",
                                   .range = "[0,]",
                                   .help = "an improvement is more than this"},
                                  {.key = "cooldown",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(plateau, cooldown),
                                   .fallback = "0",
                                   .range = "[0,1000000]",
                                   .help = "epochs after a drop that do not count as waiting"},
                                  {.key = "min_factor",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(plateau, min_factor),
                                   .fallback = "0",
                                   .range = "[0,1]",
                                   .help = "the rate does not drop below this part of the first"},
                                  {.key = NULL}};

/* All that time does to the rate is the warm-up; the rest is in nn_plateau. */
static double factor(const void *conf, const nn_progress *p)
{
    (void)conf;
    (void)p;
    return 1;
}

/* A NaN is never better. */
static bool is_better(const plateau *c, const nn_plateau *s, double value, bool higher_is_better)
{
    if (!s->seen)
        return !isnan(value);
    return higher_is_better ? value > s->best + c->min_delta : value < s->best - c->min_delta;
}

static void observe(const void *conf, nn_plateau *state, double value, bool higher_is_better)
{
    const plateau *const c = (const plateau *)conf;

    if (state->cooling > 0) {
        state->cooling--;
        state->waited = 0;
    }
    if (is_better(c, state, value, higher_is_better)) {
        state->best = value;
        state->seen = true;
        state->waited = 0;
    } else if (state->cooling == 0 && ++state->waited >= c->patience) {
        const double lower = state->factor * c->factor;

        if (state->factor > c->min_factor) {
            state->factor = lower > c->min_factor ? lower : c->min_factor;
            state->cooling = c->cooldown;
        }
        state->waited = 0;
    }
}

static const char *monitor(const void *conf)
{
    return ((const plateau *)conf)->monitor;
}

const nn_schedule_class nn_schedule_reduce_on_plateau = {
    .kind = {"reduce_on_plateau", "drops when a watched value has stopped becoming better", fields,
             sizeof(plateau)},
    .factor = factor,
    .observe = observe,
    .monitor = monitor,
};
