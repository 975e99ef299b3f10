/* From the figures of a training under way to what the live line says. */
#include "cli/train_live.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static void add_score(nn_standing *p, const char *name, double value)
{
    if (isnan(value) || p->scores == NN_STANDING_SCORES)
        return;
    nn_standing_score *score = &p->score[p->scores++];
    (void)snprintf(score->name, sizeof score->name, "%s", name);
    score->value = value;
}

/* By the pace of this process; early stopping may come before. */
static void add_pace(const nn_train_live *t, const nn_setup *s, const nn_epoch *e, double done,
                     nn_standing *p)
{
    const double seconds = nn_clock_now() - t->begin;
    const double made = done - t->done_before;

    if (seconds <= 0 || made <= 0)
        return;
    p->rows_per_second = made * (double)s->train.count / seconds;
    p->seconds_left = seconds * ((double)e->epochs - done) / made;
}

void nn_train_live_during(nn_train_live *t, nn_live *live, const nn_setup *s, const nn_epoch *e,
                          double share)
{
    const double done = e->epoch - 1 + share;
    nn_standing p = {.share = share};

    if (t->begin == 0) {
        t->begin = nn_clock_now();
        t->done_before = done;
    }
    (void)snprintf(p.label, sizeof p.label, "epoch %d/%d", e->epoch, e->epochs);
    add_score(&p, "loss", e->loss);
    for (int i = 0; i < s->metrics; i++)
        add_score(&p, nn_metric_name(&s->metric[i]), e->metric[i]);
    add_pace(t, s, e, done, &p);
    p.pasts = t->pasts;
    memcpy(p.past, t->past, sizeof p.past);
    nn_live_tell(live, &p);
}

void nn_train_live_epoch(nn_train_live *t, const nn_epoch *e)
{
    if (t->pasts == NN_STANDING_PAST)
        memmove(t->past, t->past + 1, (size_t)--t->pasts * sizeof t->past[0]);
    t->past[t->pasts++] = e->validated ? e->val_loss : e->loss;
}
