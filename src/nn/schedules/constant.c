/* The rate stays as it is (after the warm-up). */
#include "nn/schedule.h"

static const nn_field fields[] = {NN_SCHEDULE_FIELDS, {.key = NULL}};

static double factor(const void *conf, const nn_progress *p)
{
    (void)conf;
    (void)p;
    return 1;
}

const nn_schedule_class nn_schedule_constant = {
    .kind = {"constant", "the rate stays as it is", fields, sizeof(nn_schedule_base)},
    .factor = factor,
};
