/* Evaluation: batches through the network without gradients, into loss, metrics and confusion. */
#include "run/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

/* Beside the subject's own metrics, numbers always get these. */
enum { NUMBER_METRICS = 4 };
static const char *const number_metric[NUMBER_METRICS] = {"mse", "rmse", "mae", "r2"};

struct nn_evaluator {
    nn_subject subject;
    nn_exec *exec;
    nn_batch *batch;
    nn_real
        *truth;  /* [NN_EVAL_BATCH][steps][width] targets in the data's units; NULL for classes */
    double *row; /* [NN_EVAL_BATCH][steps] losses */
    int steps;   /* answers of a sample */
    nn_choice metric[NN_MAX_METRICS + NUMBER_METRICS];
    void *state[NN_MAX_METRICS + NUMBER_METRICS];
    int metrics;
    nn_metric_case what;
    const nn_dataset *data; /* of the view that is evaluated */
    nn_evaluated_fn *watch; /* NULL: nobody looks on */
    void *context;
    size_t *confusion; /* [classes][classes], or NULL */
};

nn_subject nn_setup_subject(const nn_setup *s, nn_real *weights, nn_pool *pool)
{
    const nn_subject subject = {s->graph, weights, s->prep, &s->loss, s->metric, s->metrics, pool};
    return subject;
}

nn_subject nn_model_subject(const nn_model *m, nn_pool *pool)
{
    const nn_subject subject = {m->graph,  m->weights, m->prep, &m->loss,
                                m->metric, m->metrics, pool};
    return subject;
}

static const nn_metric_class *metric_class(const nn_choice *metric)
{
    return (const nn_metric_class *)metric->kind;
}

static void choose_metrics(nn_evaluator *e)
{
    e->metrics = e->subject.metrics;
    memcpy(e->metric, e->subject.metric, (size_t)e->metrics * sizeof e->metric[0]);
    if (e->subject.prep->task != NN_TASK_REGRESSION)
        return;
    for (int i = 0; i < NUMBER_METRICS; i++)
        nn_choice_default(&e->metric[e->metrics++], nn_family_find(&nn_metrics, number_metric[i]));
}

static nn_code make_states(nn_evaluator *e, nn_err *err)
{
    for (int i = 0; i < e->metrics; i++) {
        const size_t size = metric_class(&e->metric[i])->state_size(&e->metric[i].conf, &e->what);

        if ((e->state[i] = nn_alloc(1, size > 0 ? size : 1)) == NULL)
            return nn_err_memory(err, "metrics", size);
    }
    return NN_OK;
}

static nn_code make_buffers(nn_evaluator *e, bool confusion, nn_err *err)
{
    const size_t width = (size_t)e->what.width;
    const size_t classes = (size_t)e->what.classes;

    e->row = nn_alloc(NN_EVAL_BATCH * (size_t)e->steps, sizeof *e->row);
    if (classes == 0)
        e->truth = nn_alloc(NN_EVAL_BATCH * (size_t)e->steps, width * sizeof *e->truth);
    else if (confusion)
        e->confusion = nn_alloc(classes * classes, sizeof *e->confusion);
    if (e->row == NULL || (classes == 0 && e->truth == NULL) ||
        (classes > 0 && confusion && e->confusion == NULL))
        return nn_err_memory(err, "evaluation", 0);
    return make_states(e, err);
}

nn_code nn_evaluator_new(nn_evaluator **out, const nn_subject *subject, const nn_dataset *like,
                         size_t most, bool confusion, nn_err *err)
{
    nn_evaluator *e = nn_alloc(1, sizeof *e);
    nn_code rc;

    *out = NULL;
    if (e == NULL)
        return nn_err_memory(err, "evaluation", sizeof *e);
    e->subject = *subject;
    e->steps = nn_answers(subject->prep, subject->graph);
    e->what.width = (int)nn_shape_len(&subject->graph->out) / e->steps;
    e->what.classes = subject->prep->classes.count;
    e->what.samples = most * (size_t)e->steps;
    choose_metrics(e);
    if ((rc = make_buffers(e, confusion, err)) == NN_OK &&
        (rc = nn_batch_new(&e->batch, like, subject->prep, NN_EVAL_BATCH,
                           like->weight != NULL ? e->steps : 0, err)) == NN_OK)
        rc = nn_exec_new(&e->exec, subject->graph, subject->weights, subject->pool, NN_EVAL_BATCH,
                         NN_INFER, 0, err);
    if (rc != NN_OK)
        nn_evaluator_free(e);
    else
        *out = e;
    return rc;
}

void nn_evaluator_free(nn_evaluator *e)
{
    if (e == NULL)
        return;
    for (int i = 0; i < e->metrics; i++)
        nn_free(e->state[i]);
    nn_exec_free(e->exec);
    nn_batch_free(e->batch);
    nn_free(e->truth);
    nn_free(e->row);
    nn_free(e->confusion);
    nn_free(e);
}

int nn_answers(const nn_prep *prep, const nn_graph *g)
{
    if (prep->classes.count > 0)
        return nn_prep_steps(prep);
    return g->layer[g->count - 1]->mask_out >= 0 ? g->out.dim[0] : 1;
}

nn_target nn_batch_target(const nn_batch *b, const nn_prep *prep, const nn_exec *e, int answers,
                          int width)
{
    const nn_target target = {.label = b->label,
                              .value = b->value,
                              .width = b->label == NULL ? b->width / answers
                                       : width == 1     ? 1
                                                        : prep->classes.count,
                              .weight = b->weight,
                              .share = b->share,
                              .mask = nn_exec_mask(e)};
    return target;
}

/* Predictions and targets of a batch in the data's own units, where metrics are measured. */
static nn_target undo_scaling(const nn_evaluator *e, nn_real *y, nn_target target)
{
    const nn_prep *prep = e->subject.prep;
    const size_t n = (size_t)e->batch->n;

    if (target.value == NULL || prep->target_scale == NN_TARGET_NONE)
        return target;
    memcpy(e->truth, target.value, n * (size_t)e->batch->width * sizeof *e->truth);
    nn_prep_undo_target(prep, e->truth, n);
    nn_prep_undo_target(prep, y, n);
    target.value = e->truth;
    return target;
}

static void count_confusion(nn_evaluator *e, const nn_real *y, const nn_target *t)
{
    const int classes = e->what.classes;

    for (int i = 0; i < e->batch->n * e->steps; i++) {
        if (!nn_target_counts(t, (size_t)i))
            continue;
        const int said = nn_predicted_class(y + (size_t)i * (size_t)e->what.width, e->what.width);
        if (said < classes) /* of two classes the data may have shown one: the other has no name */
            e->confusion[(size_t)e->batch->label[i] * (size_t)classes + (size_t)said]++;
    }
}

/* The sum of a batch's losses, and how many they are in *count: answers that count. */
static double evaluate_batch(nn_evaluator *e, double *count)
{
    const nn_subject *s = &e->subject;
    const nn_batch *b = e->batch;
    const int width = e->what.width;
    nn_real *y = nn_exec_forward(e->exec, b->x, b->n, false, 0);
    nn_target target = nn_batch_target(b, s->prep, e->exec, e->steps, width);
    const int n = b->n * e->steps;
    const nn_loss_io io = {n, width, y, NULL, target, !nn_activation_is_linear(&s->graph->head)};
    const double loss = nn_loss_run(s->loss, s->pool, &io, e->row);

    if (e->confusion != NULL)
        count_confusion(e, y, &target);
    target = undo_scaling(e, y, target);
    for (int i = 0; i < e->metrics; i++)
        metric_class(&e->metric[i])->add(&e->metric[i].conf, e->state[i], y, &target, n, width);
    if (e->watch != NULL) {
        const nn_evaluated done = {n, e->steps, width, e->data, b->row, y, target, e->row};
        e->watch(e->context, &done);
    }
    *count += (double)nn_target_counting(&target, (size_t)n) / e->steps;
    return loss / e->steps;
}

static double metric_value(const nn_evaluator *e, int i)
{
    return metric_class(&e->metric[i])->value(&e->metric[i].conf, e->state[i]);
}

static void collect(const nn_evaluator *e, nn_scores *out)
{
    double *const number[NUMBER_METRICS] = {&out->mse, &out->rmse, &out->mae, &out->r2};
    const int own = e->subject.metrics;

    for (int i = 0; i < own; i++)
        out->metric[i] = metric_value(e, i);
    for (int i = 0; i < NUMBER_METRICS; i++)
        *number[i] = own + i < e->metrics ? metric_value(e, own + i) : (double)NAN;
    out->classes = e->what.classes;
    out->confusion = e->confusion;
}

void nn_evaluate(nn_evaluator *e, const nn_view *view, nn_scores *out)
{
    nn_evaluate_watched(e, view, NULL, NULL, out);
}

void nn_evaluate_watched(nn_evaluator *e, const nn_view *view, nn_evaluated_fn *watch,
                         void *context, nn_scores *out)
{
    double loss = 0, count = 0;

    memset(out, 0, sizeof *out);
    e->data = view->data;
    e->watch = watch;
    e->context = context;
    for (int i = 0; i < e->metrics; i++)
        metric_class(&e->metric[i])->start(&e->metric[i].conf, &e->what, e->state[i]);
    if (e->confusion != NULL)
        memset(e->confusion, 0,
               (size_t)e->what.classes * (size_t)e->what.classes * sizeof *e->confusion);
    for (size_t i = 0; i < view->count; i += NN_EVAL_BATCH) {
        const size_t left = view->count - i;

        nn_batch_fill(e->batch, view, e->subject.prep, NULL, i,
                      left < NN_EVAL_BATCH ? (int)left : NN_EVAL_BATCH, NULL, e->subject.pool);
        loss += evaluate_batch(e, &count);
    }
    out->samples = view->count;
    out->loss = count > 0 ? loss / count : (double)NAN;
    collect(e, out);
}

nn_class_score nn_class_score_of(const size_t *confusion, int classes, int k)
{
    const size_t c = (size_t)classes;
    const size_t hits = confusion[(size_t)k * c + (size_t)k];
    size_t truth = 0, said = 0;
    nn_class_score score;

    for (size_t i = 0; i < c; i++) {
        truth += confusion[(size_t)k * c + i];
        said += confusion[i * c + (size_t)k];
    }
    score.support = truth;
    score.recall = truth > 0 ? (double)hits / (double)truth : (double)NAN;
    score.precision = said > 0 ? (double)hits / (double)said : (double)NAN;
    score.f1 = truth + said > 0 ? 2 * (double)hits / (double)(truth + said) : (double)NAN;
    return score;
}
