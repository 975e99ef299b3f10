/* Learning-rate schedules: the rate as a function of progress; reduce_on_plateau also of what was seen. */
#ifndef NN_NN_SCHEDULE_H
#define NN_NN_SCHEDULE_H

#include "conf/field.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct nn_progress {
    double position; /* epochs or steps done since the warm-up ended, by the schedule's `unit` */
    double total;    /* of the whole run, in the same unit, without the warm-up */
} nn_progress;

/* What reduce_on_plateau remembers; plain numbers, saved in a checkpoint as they are. */
typedef struct nn_plateau {
    double factor; /* 1 at the start */
    double best;
    int32_t waited;
    int32_t cooling;
    bool seen; /* best holds a value */
} nn_plateau;

/* Every schedule's conf begins with this; its fields are NN_SCHEDULE_FIELDS. */
typedef struct nn_schedule_base {
    int per_step; /* unit: 0 epoch, 1 step */
    double warmup; /* in units: the rate rises linearly from 0 */
} nn_schedule_base;

typedef struct nn_schedule_class {
    nn_kind kind;
    double (*factor)(const void *conf, const nn_progress *p); /* times the base rate (or, see absolute) */
    /* Optional: sees the monitored value after each epoch. */
    void (*observe)(const void *conf, nn_plateau *state, double value, bool higher_is_better);
    const char *(*monitor)(const void *conf); /* with observe: which value */
} nn_schedule_class;

extern const nn_family nn_schedules; /* nn/schedules.def */

/* The rate for step `step` (from 0) of `steps_per_epoch * epochs`. */
double nn_schedule_rate(const nn_choice *schedule, const nn_plateau *state, double base, uint64_t step,
                        uint64_t steps_per_epoch, uint64_t epochs);
void nn_schedule_start(nn_plateau *state);

#endif
