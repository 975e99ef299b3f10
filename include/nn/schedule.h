/*
 * Learning-rate schedules: the rate as a function of progress, and (reduce_on_plateau) of what was
 * seen.
 *
 * By `unit` the rate changes after every step, or (epoch) stays the same through a whole epoch: the
 * position is then the number of whole epochs that are done. The warm-up always rises step by step;
 * its last step has the full rate, its first one is above zero.
 */
#ifndef NN_NN_SCHEDULE_H
#define NN_NN_SCHEDULE_H

#include "conf/field.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct nn_progress {
    double position; /* epochs or steps done since the warm-up ended, by the schedule's `unit` */
    double total;    /* of the whole run, in the same unit, without the warm-up */
} nn_progress;

/* How much of the run is done, from 0 to 1. */
double nn_progress_part(const nn_progress *p);

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
    int per_step;  /* unit: 0 epoch, 1 step */
    double warmup; /* in units: the rate rises linearly from 0 */
} nn_schedule_base;
extern const char *const nn_schedule_units[];

#define NN_SCHEDULE_FIELDS                                                                         \
    {.key = "unit",                                                                                \
     .type = NN_FIELD_WORD,                                                                        \
     .at = offsetof(nn_schedule_base, per_step),                                                   \
     .fallback = "\"epoch\"",                                                                      \
     .words = nn_schedule_units,                                                                   \
     .help = "what the schedule counts; by epoch, the rate changes between epochs only"},          \
    {                                                                                              \
        .key = "warmup", .type = NN_FIELD_NUM, .at = offsetof(nn_schedule_base, warmup),           \
        .fallback = "0", .range = "[0,]",                                                          \
        .help = "units in which the rate rises, step by step, to where the schedule begins"        \
    }

typedef struct nn_schedule_class {
    nn_kind kind;
    double (*factor)(const void *conf, const nn_progress *p); /* times the base rate */
    /* Optional: sees the monitored value after each epoch. */
    void (*observe)(const void *conf, nn_plateau *state, double value, bool higher_is_better);
    const char *(*monitor)(const void *conf); /* with observe: which value */
} nn_schedule_class;

extern const nn_family nn_schedules; /* nn/schedules.def */

/*
 * The rate for step `step` (from 0) of `steps_per_epoch * epochs`: base times the schedule's
 * factor, times what the plateau made of it.
 */
double nn_schedule_rate(const nn_choice *schedule, const nn_plateau *state, double base,
                        uint64_t step, uint64_t steps_per_epoch, uint64_t epochs);
void nn_schedule_start(nn_plateau *state);

#endif
