/*
 * Can a training have left this state? Its checksum only shows that it is not damaged; who wrote it
 * is not known, and its numbers lead through memory and loops.
 */
#include "math/vec.h"
#include "trainer.h"

static bool is_between(double value, double least, double most)
{
    return value >= least && value <= most;
}

/* How far the training is, which every number of steps and rows must agree with. */
static const char *odd_progress(const nn_trainer *t)
{
    const uint64_t behind = (uint64_t)(t->epoch - 1);

    if (!is_between(t->epochs, 1, 1e9))
        return "epochs";
    if (!is_between(t->epoch, 1, (double)t->epochs + 1))
        return "this_epoch";
    if (t->batch >= t->steps_per_epoch)
        return "batch";
    if (nn_engine_steps(t->engine) != behind * t->steps_per_epoch + t->batch)
        return "step";
    if (t->sum.steps > t->batch)
        return "sum_steps";
    if (t->sum.samples > t->s->train.count)
        return "sum_samples";
    if (!is_between(t->sum.counted, 0, (double)t->sum.samples + 0.5)) /* sums of fractions */
        return "sum_counted";
    return NULL;
}

static const char *odd_memory(const nn_trainer *t)
{
    if (!is_between(t->best_epoch, 0, t->epoch))
        return "best_epoch";
    if (!is_between(t->early_waited, 0, t->epoch))
        return "early_waited";
    if (!is_between(t->stopped_early, 0, 1))
        return "stopped_early";
    if (!is_between(t->plateau.factor, 0, 1))
        return "plateau_factor";
    if (!is_between(t->plateau.waited, 0, t->epoch))
        return "plateau_waited";
    if (!is_between(t->plateau.cooling, 0, 1e9))
        return "plateau_cooling";
    if (*(const unsigned char *)&t->plateau.seen > 1)
        return "plateau_seen";
    return NULL;
}

static const char *odd_guard(const nn_trainer *t)
{
    const nn_guard *g = &t->guard;

    if (g->steps > nn_engine_steps(t->engine))
        return "guard_steps";
    if (!is_between(g->lost, 0, 1e9))
        return "guard_lost";
    if (!is_between(g->told, 0, 1))
        return "guard_told";
    if (!is_between(g->bad, 0, (double)t->batch))
        return "guard_bad";
    if (!is_between(g->all, 0, 1e9))
        return "guard_all";
    if (!is_between(g->factor, 0, 1))
        return "guard_factor";
    return NULL;
}

nn_code nn_state_check(const nn_trainer *t, nn_err *err)
{
    const char *odd = odd_progress(t);

    if (odd == NULL)
        odd = odd_memory(t);
    if (odd == NULL)
        odd = odd_guard(t);
    if (odd == NULL && !nn_vec_finite(t->best, t->s->graph->weights_len))
        odd = "best";
    if (odd == NULL)
        return NN_OK;
    return nn_err_set(err, NN_EMODEL, t->dir->state, "no training leaves such a \"%s\"", odd);
}
