/* Histograms of weights, and of outputs for one batch. */
#include "run/anatomy.h"

#include "base/mem.h"
#include "nn/exec.h"

enum { SAMPLES = 128, MOST_BYTES = 64 << 20 };

/* As many samples as the memory allows, since every output is kept. */
static nn_code choose_samples(int *n, const nn_subject *s, const nn_view *view, nn_err *err)
{
    const int threads = nn_pool_threads(s->pool);

    *n = view == NULL ? 0 : view->count < SAMPLES ? (int)view->count : SAMPLES;
    for (; *n > 0; *n /= 2) {
        nn_exec_memory m;

        NN_TRY(nn_exec_plan(s->graph, *n, threads, NN_TRAIN, &m, err));
        if (m.activations + m.saved + m.scratch + m.gradients < MOST_BYTES)
            break;
    }
    return NN_OK;
}

static void look_at_weights(nn_anatomy *a, const nn_subject *s)
{
    for (int i = 0; i < a->layers; i++) {
        const nn_layer *l = s->graph->layer[i];

        for (int k = 0; k < l->weights; k++)
            nn_histogram_fill(&a->weight[i * NN_MAX_WEIGHTS + k], s->weights + l->weight[k].at,
                              l->weight[k].size.count);
    }
}

static nn_code look_at_outputs(nn_anatomy *a, const nn_subject *s, const nn_view *view, nn_err *err)
{
    nn_batch *batch = NULL;
    nn_exec *exec = NULL;
    nn_code rc;
    int n;

    NN_TRY(choose_samples(&n, s, view, err));
    if (n == 0)
        return NN_OK;
    if ((rc = nn_batch_new(&batch, view->data, s->prep, n, 0, err)) == NN_OK)
        rc = nn_exec_new(&exec, s->graph, s->weights, s->pool, n, NN_TRAIN, 0, err);
    if (rc == NN_OK) {
        nn_batch_fill(batch, view, s->prep, NULL, 0, n, NULL, s->pool);
        (void)nn_exec_forward(exec, batch->x, n, false, 0);
        for (int i = 0; i < a->layers; i++)
            nn_histogram_fill(&a->output[i], nn_exec_output(exec, i),
                              (size_t)n * nn_exec_output_len(exec, i));
        a->samples = n;
    }
    nn_exec_free(exec);
    nn_batch_free(batch);
    return rc;
}

nn_code nn_anatomy_new(nn_anatomy **out, const nn_subject *subject, const nn_view *view,
                       nn_err *err)
{
    nn_anatomy *a = nn_alloc(1, sizeof *a);
    nn_code rc = NN_OK;

    *out = NULL;
    if (a == NULL)
        return nn_err_memory(err, "the histograms", sizeof *a);
    a->layers =
        subject->graph->count < NN_ANATOMY_LAYERS ? subject->graph->count : NN_ANATOMY_LAYERS;
    a->weight = nn_alloc((size_t)a->layers * NN_MAX_WEIGHTS, sizeof *a->weight);
    a->output = nn_alloc((size_t)a->layers, sizeof *a->output);
    if (a->weight == NULL || a->output == NULL)
        rc = nn_err_memory(err, "the histograms", 0);
    if (rc == NN_OK) {
        look_at_weights(a, subject);
        rc = look_at_outputs(a, subject, view, err);
    }
    if (rc != NN_OK)
        nn_anatomy_free(a);
    else
        *out = a;
    return rc;
}

void nn_anatomy_free(nn_anatomy *a)
{
    if (a == NULL)
        return;
    nn_free(a->weight);
    nn_free(a->output);
    nn_free(a);
}
