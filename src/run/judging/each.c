/* Scores of every output on its own: each is a case of one output for the metrics there are. */
#include "run/each.h"

#include <string.h>

#include "base/mem.h"

static const char *const number_scores[] = {"mse", "rmse", "mae", "r2", NULL};
static const char *const yes_no_scores[] = {"precision", "recall", "f1", NULL};

struct nn_each {
    const char *const *name;
    nn_choice metric[NN_EACH_SCORES];
    int metrics, width;
    void *state[NN_EACH_MOST][NN_EACH_SCORES];
    nn_real *y, *truth; /* [answers of a batch] of one output */
    nn_each_score score[NN_EACH_MOST];
};

static const nn_metric_class *class_of(const nn_choice *metric)
{
    return (const nn_metric_class *)metric->kind;
}

static nn_code make_states(nn_each *e, size_t samples, nn_err *err)
{
    const nn_metric_case one = {.width = 1, .samples = samples};

    for (int k = 0; k < e->width; k++)
        for (int i = 0; i < e->metrics; i++) {
            const nn_choice *m = &e->metric[i];
            const size_t size = class_of(m)->state_size(&m->conf, &one);

            if ((e->state[k][i] = nn_alloc(1, size)) == NULL)
                return nn_err_memory(err, "scores of outputs", size);
            class_of(m)->start(&m->conf, &one, e->state[k][i]);
        }
    return NN_OK;
}

nn_code nn_each_new(nn_each **out, const nn_subject *subject, nn_err *err)
{
    const nn_prep *prep = subject->prep;
    const size_t steps = (size_t)nn_answers(prep, subject->graph);
    const size_t width = nn_shape_len(&subject->graph->out) / steps, most = NN_EVAL_BATCH * steps;
    nn_each *e;
    nn_code rc = NN_OK;

    *out = NULL;
    if (width < 2 || width > NN_EACH_MOST ||
        (prep->task != NN_TASK_REGRESSION && prep->task != NN_TASK_MULTILABEL))
        return NN_OK;
    if ((e = nn_alloc(1, sizeof *e)) == NULL)
        return nn_err_memory(err, "scores of outputs", sizeof *e);
    e->width = (int)width;
    e->name = prep->task == NN_TASK_REGRESSION ? number_scores : yes_no_scores;
    for (; e->name[e->metrics] != NULL; e->metrics++)
        nn_choice_default(&e->metric[e->metrics], nn_family_find(&nn_metrics, e->name[e->metrics]));
    e->y = nn_alloc(most, sizeof *e->y);
    e->truth = nn_alloc(most, sizeof *e->truth);
    rc = e->y == NULL || e->truth == NULL
             ? nn_err_memory(err, "scores of outputs", most * sizeof *e->y)
             : make_states(e, most, err);
    if (rc != NN_OK)
        nn_each_free(e);
    else
        *out = e;
    return rc;
}

void nn_each_free(nn_each *e)
{
    if (e == NULL)
        return;
    for (int k = 0; k < e->width; k++)
        for (int i = 0; i < e->metrics; i++)
            nn_free(e->state[k][i]);
    nn_free(e->y);
    nn_free(e->truth);
    nn_free(e);
}

void nn_each_add(nn_each *e, const nn_evaluated *b)
{
    nn_target one = b->target;

    one.value = e->truth;
    one.width = 1;
    for (int k = 0; k < e->width; k++) {
        for (int i = 0; i < b->n; i++) {
            e->y[i] = b->y[(size_t)i * (size_t)b->width + (size_t)k];
            e->truth[i] = nn_target_at(&b->target, (size_t)i, k);
            if (e->name == yes_no_scores && e->truth[i] > (nn_real)0.5)
                e->score[k].support += nn_target_share(&b->target, (size_t)i);
        }
        for (int i = 0; i < e->metrics; i++)
            class_of(&e->metric[i])->add(&e->metric[i].conf, e->state[k][i], e->y, &one, b->n, 1);
    }
}

const nn_each_score *nn_each_end(nn_each *e, int *outputs, const char *const **names)
{
    for (int k = 0; k < e->width; k++)
        for (int i = 0; i < e->metrics; i++)
            e->score[k].score[i] =
                class_of(&e->metric[i])->value(&e->metric[i].conf, e->state[k][i]);
    *outputs = e->width;
    *names = e->name;
    return e->score;
}
