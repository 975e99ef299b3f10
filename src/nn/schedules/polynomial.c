/* The rate falls to its end by a power of what is left of the run; power 1 is a straight line. */
#include "nn/schedule.h"

#include <math.h>

typedef struct polynomial {
    nn_schedule_base base;
    double power;
    double end;
} polynomial;
_Static_assert(sizeof(polynomial) <= NN_CHOICE_CONF, "polynomial: conf does not fit");

static const nn_field fields[] = {
    NN_SCHEDULE_FIELDS,
    {.key = "power",
     .type = NN_FIELD_NUM,
     .at = offsetof(polynomial, power),
     .fallback = "1",
     .range = "(0,]",
     .help = "1 falls in a straight line, 2 fast at first"},
    {.key = "end",
     .type = NN_FIELD_NUM,
     .at = offsetof(polynomial, end),
     .fallback = "0",
     .range = "[0,1]",
     .help = "the rate at the end of the run, as a part of the first"},
    {.key = NULL}};

static double factor(const void *conf, const nn_progress *p)
{
    const polynomial *const c = (const polynomial *)conf;

    return c->end + (1 - c->end) * pow(1 - nn_progress_part(p), c->power);
}

const nn_schedule_class nn_schedule_polynomial = {
    .kind = {"polynomial", "falls from the rate to `end` of it over the run", fields,
             sizeof(polynomial)},
    .factor = factor,
};
