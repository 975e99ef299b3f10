/* Predictions: batches through the network, the head applied, scaling undone. */
#include "run/predict.h"

#include "nn/exec.h"

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

static nn_code run(nn_exec *e, nn_batch *batch, const nn_subject *s, const nn_view *view,
                   nn_predicted_fn *each, void *context, nn_err *err)
{
    const int width = (int)nn_shape_len(&s->graph->out);

    for (size_t i = 0; i < view->count; i += NN_EVAL_BATCH) {
        const size_t left = view->count - i;
        const int n = left < NN_EVAL_BATCH ? (int)left : NN_EVAL_BATCH;

        nn_batch_fill(batch, view, s->prep, NULL, i, n, NULL, s->pool);
        nn_real *y = nn_exec_forward(e, batch->x, n, false, 0);
        finish(s, y, n, width);
        NN_TRY(each(context, i, y, n, width, err));
    }
    return NN_OK;
}

nn_code nn_predict(const nn_subject *subject, const nn_view *view, nn_predicted_fn *each,
                   void *context, nn_err *err)
{
    const size_t rows = view->count < NN_EVAL_BATCH ? view->count : NN_EVAL_BATCH;
    const int most = rows > 0 ? (int)rows : 1; /* one row must not pay for a large batch */
    nn_batch *batch = NULL;
    nn_exec *exec = NULL;
    nn_code rc = nn_batch_new(&batch, view->data, subject->prep, most, false, err);

    if (rc == NN_OK)
        rc = nn_exec_new(&exec, subject->graph, subject->weights, subject->pool, most, NN_INFER, 0,
                         err);
    if (rc == NN_OK)
        rc = run(exec, batch, subject, view, each, context, err);
    nn_exec_free(exec);
    nn_batch_free(batch);
    return rc;
}
