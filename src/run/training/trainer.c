/* What the parts of a training ask of it. */
#include "trainer.h"

double nn_trainer_rate(const nn_trainer *t, uint64_t step)
{
    const nn_config *c = t->s->config;

    return nn_schedule_rate(&c->schedule, &t->plateau,
                            nn_optimizer_base_lr(nn_engine_optimizer(t->engine)), step,
                            t->steps_per_epoch, (uint64_t)c->training.epochs);
}

size_t nn_trainer_weights_bytes(const nn_trainer *t)
{
    return t->s->graph->weights_len * sizeof(nn_real);
}

void nn_trainer_warn(const nn_trainer *t, const char *text)
{
    if (t->watch->warn != NULL)
        t->watch->warn(t->watch->context, text);
}
