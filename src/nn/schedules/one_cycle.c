/* The rate rises to a peak and falls far below where it began, along half a cosine each way. */
#include "nn/schedule.h"

#include <math.h>

typedef struct one_cycle {
    nn_schedule_base base;
    double pct_start;
    double div_factor;
    double final_div_factor;
} one_cycle;
_Static_assert(sizeof(one_cycle) <= NN_CHOICE_CONF, "one_cycle: conf does not fit");

static const nn_field fields[] = {
    NN_SCHEDULE_FIELDS,
    {.key = "pct_start",
     .type = NN_FIELD_NUM,
     .at = offsetof(one_cycle, pct_start),
     .fallback = "0.3",
     .range = "[0,1]",
     .help = "part of the run in which the rate rises to the optimizer's learning_rate"},
    {.key = "div_factor",
     .type = NN_FIELD_NUM,
     .at = offsetof(one_cycle, div_factor),
     .fallback = "25",
     .range = "[1,]",
     .help = "the first rate is the peak divided by this"},
    {.key = "final_div_factor",
     .type = NN_FIELD_NUM,
     .at = offsetof(one_cycle, final_div_factor),
     .fallback = "1e4",
     .range = "[1,]",
     .help = "the last rate is the first divided by this"},
    {.key = NULL}};

/* From `from` to `to` along half a cosine. */
static double ease(double from, double to, double part)
{
    return to + (from - to) * (1 + cos(acos(-1) * part)) / 2;
}

/*
 * As in PyTorch: the rising half ends one unit before pct_start of the run, and the last unit,
 * number total - 1, has the last rate.
 */
static double factor(const void *conf, const nn_progress *p)
{
    const one_cycle *const c = (const one_cycle *)conf;
    const double first = 1 / c->div_factor, last = first / c->final_div_factor;
    const double peak = c->pct_start * p->total - 1, end = p->total - 1;

    if (p->position < peak)
        return ease(first, 1, p->position / peak);
    if (peak >= end)
        return 1;
    return ease(1, last, fmin((p->position - peak) / (end - peak), 1));
}

const nn_schedule_class nn_schedule_one_cycle = {
    .kind = {"one_cycle", "rises to the rate, then falls far below; best with unit step", fields,
             sizeof(one_cycle)},
    .factor = factor,
};
