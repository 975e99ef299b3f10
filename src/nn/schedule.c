/* The family of schedules, and the rate of a step: warm-up, schedule, plateau. */
#include "nn/schedule.h"

#define NN_SCHEDULE(name) extern const nn_schedule_class nn_schedule_##name;
#include "nn/schedules.def"
#undef NN_SCHEDULE

static const nn_kind *const kinds[] = {
#define NN_SCHEDULE(name) &nn_schedule_##name.kind,
#include "nn/schedules.def"
#undef NN_SCHEDULE
    NULL};

const nn_family nn_schedules = {"schedule", "how the learning rate changes with time", kinds};

const char *const nn_schedule_units[] = {"epoch", "step", NULL};

double nn_progress_part(const nn_progress *p)
{
    if (p->total <= 0 || p->position <= 0)
        return 0;
    return p->position < p->total ? p->position / p->total : 1;
}

void nn_schedule_start(nn_plateau *state)
{
    *state = (nn_plateau){.factor = 1};
}

double nn_schedule_rate(const nn_choice *schedule, const nn_plateau *state, double base,
                        uint64_t step, uint64_t steps_per_epoch, uint64_t epochs)
{
    const nn_schedule_class *const class = (const nn_schedule_class *)schedule->kind;
    const void *const conf = schedule->conf.bytes;
    const nn_schedule_base *const common = (const nn_schedule_base *)conf;
    const bool per_step = common->per_step != 0;
    const double done = (double)(per_step ? step : step / steps_per_epoch) - common->warmup;
    const double all = (double)(per_step ? epochs * steps_per_epoch : epochs) - common->warmup;
    const nn_progress progress = {done > 0 ? done : 0, all > 0 ? all : 0};
    const double rise = common->warmup * (per_step ? 1 : (double)steps_per_epoch); /* in steps */
    const double warm = (double)step + 1 < rise ? ((double)step + 1) / rise : 1;

    return base * warm * class->factor(conf, &progress) * state->factor;
}
