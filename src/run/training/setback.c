/* What comes after a step that went wrong: warnings, going back, or the end of the training. */
#include <stdio.h>

#include "trainer.h"

enum { MOST_TOLD = 10, MOST_TEXT = NN_WHERE_SIZE + NN_MSG_SIZE + 160 };

static const char *place(const nn_trainer *t, char *dst, size_t size)
{
    (void)snprintf(dst, size, "epoch %d, step %llu", t->epoch,
                   (unsigned long long)nn_engine_steps(t->engine));
    return dst;
}

/* ---- no numbers ---- */

static void tell_bad(nn_trainer *t, const nn_err *err, bool back)
{
    char text[MOST_TEXT];

    if (t->guard.all >= MOST_TOLD)
        return;
    t->guard.all++;
    (void)snprintf(text, sizeof text, "%.100s: %.250s; %s%s", err->where, err->msg,
                   back ? "all is again as the epoch began, with half the learning rate"
                        : "the step was skipped",
                   t->guard.all == MOST_TOLD ? "; more of these are no longer told" : "");
    nn_trainer_warn(t, text);
}

static nn_code answer(nn_trainer *t, nn_err *err)
{
    const nn_training_conf *conf = &t->s->config->training;
    const bool back = conf->on_nonfinite == NN_NONFINITE_ROLLBACK;

    if (conf->on_nonfinite == NN_NONFINITE_STOP)
        return NN_EDIVERGED;
    if (t->guard.bad >= conf->most_nonfinite) {
        const nn_err last = *err;

        return nn_err_set(err, NN_EDIVERGED, last.where,
                          "%.300s; %d of this epoch's steps had been %s, and "
                          "training.most_nonfinite allows no more",
                          last.msg, t->guard.bad, back ? "rolled back" : "skipped");
    }
    t->guard.bad++;
    tell_bad(t, err, back);
    if (back) {
        nn_engine_roll_back(t->engine);
        t->guard.factor /= 2;
    } else {
        nn_engine_skip(t->engine);
    }
    *err = (nn_err){.code = NN_OK};
    return NN_OK;
}

nn_code nn_setback_epoch(nn_trainer *t, nn_err *err)
{
    char where[64];

    if (t->sum.steps > 0)
        return NN_OK;
    return nn_err_set(
        err, NN_EDIVERGED, place(t, where, sizeof where),
        "no step of this epoch gave a loss and gradients that are finite; nothing was "
        "learnt in it");
}

/* ---- far too large ---- */

static void tell_steep(const nn_trainer *t)
{
    char text[MOST_TEXT], where[64];

    (void)snprintf(text, sizeof text,
                   "%s: the gradients' norm is %.3g, usual are %.3g; set training.clip_norm, or "
                   "lower optimizer.learning_rate",
                   place(t, where, sizeof where), t->sum.step_norm, t->guard.usual);
    nn_trainer_warn(t, text);
}

static nn_code end_lost(nn_trainer *t, nn_err *err)
{
    char text[MOST_TEXT], where[64];

    (void)nn_err_set(err, NN_EDIVERGED, place(t, where, sizeof where),
                     "the loss was over 10000 times that of the first steps (%.3g, now %.3g) for "
                     "%d steps; lower optimizer.learning_rate, or set training.clip_norm",
                     t->guard.first_loss, t->sum.step_loss, NN_GUARD_LOST);
    if (t->s->config->training.on_exploding == NN_EXPLODING_STOP)
        return NN_EDIVERGED;
    if (t->guard.lost == NN_GUARD_LOST) { /* told as it happens, not after every step */
        (void)snprintf(text, sizeof text, "%.100s: %.300s", err->where, err->msg);
        nn_trainer_warn(t, text);
    }
    *err = (nn_err){.code = NN_OK};
    return NN_OK;
}

nn_code nn_setback(nn_trainer *t, nn_code rc, nn_err *err)
{
    const nn_training_conf *conf = &t->s->config->training;

    if (rc == NN_EDIVERGED)
        return answer(t, err);
    if (rc != NN_OK || conf->on_exploding == NN_EXPLODING_IGNORE)
        return rc;
    switch (nn_guard_see(&t->guard, t->sum.step_loss, t->sum.step_norm)) {
    case NN_STEEP:
        if (conf->clip.norm == 0) /* what is clipped does no harm */
            tell_steep(t);
        return NN_OK;
    case NN_LOST:
        return end_lost(t, err);
    default:
        return NN_OK;
    }
}
