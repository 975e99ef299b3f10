/* Predictions: batches through the network, the head applied, scaling undone. */
#include "run/predict.h"

#include "base/mem.h"
#include "nn/exec.h"

struct nn_predictor {
    nn_subject subject;
    nn_batch *batch;
    nn_exec *exec;
    const nn_watch *watch; /* or NULL */
};

nn_code nn_predictor_new(nn_predictor **out, const nn_subject *subject, const nn_dataset *like,
                         int most, nn_err *err)
{
    nn_predictor *p = nn_alloc(1, sizeof *p);
    nn_code rc;

    *out = NULL;
    if (p == NULL)
        return nn_err_memory(err, "prediction", sizeof *p);
    p->subject = *subject;
    if ((rc = nn_batch_new(&p->batch, like, subject->prep, most, 0, err)) == NN_OK)
        rc = nn_exec_new(&p->exec, subject->graph, subject->weights, subject->pool, most, NN_INFER,
                         0, err);
    if (rc != NN_OK)
        nn_predictor_free(p);
    else
        *out = p;
    return rc;
}

void nn_predictor_free(nn_predictor *p)
{
    if (p == NULL)
        return;
    nn_exec_free(p->exec);
    nn_batch_free(p->batch);
    nn_free(p);
}

void nn_predictor_watch(nn_predictor *p, const nn_watch *watch)
{
    p->watch = watch;
    nn_exec_watch(p->exec, watch);
}

static void finish(const nn_subject *s, nn_real *y, int n, int width)
{
    const nn_choice *head = &s->graph->head;
    const nn_shape *out = &s->graph->out;
    const int last = nn_shape_last(out);

    if (!nn_activation_is_linear(head))
        nn_activation_of(head)->forward(&head->conf, y, y, (size_t)n * (size_t)(width / last),
                                        last);
    nn_prep_undo_target(s->prep, y, (size_t)n);
}

const nn_real *nn_predictor_run(nn_predictor *p, const nn_view *view, size_t begin, int n)
{
    const nn_subject *s = &p->subject;
    nn_real *y;

    nn_batch_fill(p->batch, view, s->prep, NULL, begin, n, NULL, s->pool);
    nn_watch_tell(p->watch, NN_STAGE_FILL, -1);
    y = nn_exec_forward(p->exec, p->batch->x, n, false, 0);
    finish(s, y, n, (int)nn_shape_len(&s->graph->out));
    nn_watch_tell(p->watch, NN_STAGE_HEAD, -1);
    return y;
}

static nn_code run(nn_predictor *p, const nn_view *view, nn_predicted_fn *each, void *context,
                   nn_err *err)
{
    const int width = (int)nn_shape_len(&p->subject.graph->out);

    for (size_t i = 0; i < view->count; i += NN_EVAL_BATCH) {
        const size_t left = view->count - i;
        const int n = left < NN_EVAL_BATCH ? (int)left : NN_EVAL_BATCH;

        NN_TRY(each(context, i, nn_predictor_run(p, view, i, n), n, width, err));
    }
    return NN_OK;
}

nn_code nn_predict(const nn_subject *subject, const nn_view *view, nn_predicted_fn *each,
                   void *context, nn_err *err)
{
    const size_t rows = view->count < NN_EVAL_BATCH ? view->count : NN_EVAL_BATCH;
    const int most = rows > 0 ? (int)rows : 1; /* one row must not pay for a large batch */
    nn_predictor *p = NULL;
    nn_code rc = nn_predictor_new(&p, subject, view->data, most, err);

    if (rc == NN_OK)
        rc = run(p, view, each, context, err);
    nn_predictor_free(p);
    return rc;
}
