/* How much memory a training takes, known before the first big allocation. */
#include <limits.h>
#include <stdlib.h>

#include "base/machine.h"
#include "nn/exec.h"
#include "run/evaluate.h"

static int by_size(const void *a, const void *b)
{
    const nn_memory_part *x = a;
    const nn_memory_part *y = b;

    return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

static uint64_t dataset_bytes(const nn_dataset *d)
{
    if (d == NULL)
        return 0;
    const uint64_t values = (uint64_t)d->rows * nn_dataset_pitch(d);
    const uint64_t targets =
        (uint64_t)d->rows * 4 * (d->label != NULL ? 1 : (uint64_t)nn_dataset_target_pitch(d));

    return (d->bytes != NULL ? values : 4 * values) + targets;
}

static uint64_t batch_bytes(const nn_setup *s, int rows)
{
    return (uint64_t)rows * (nn_shape_len(&s->graph->in) + nn_shape_len(&s->graph->out) + 4) *
           sizeof(nn_real);
}

void nn_setup_memory(const nn_setup *s, int threads, nn_memory *out)
{
    const nn_graph *g = s->graph;
    const int batch = s->batch_size > 0 ? s->batch_size : s->config->training.batch_size;
    const uint64_t weights = (uint64_t)g->weights_len * sizeof(nn_real);
    nn_exec_memory train, infer;

    if (!nn_exec_plan(g, batch > 0 ? batch : 1, threads, NN_TRAIN, &train))
        train.activations = SIZE_MAX / 4;
    if (!nn_exec_plan(g, NN_EVAL_BATCH, threads, NN_INFER, &infer))
        infer.activations = SIZE_MAX / 4;
    out->held =
        dataset_bytes(s->train_set) + dataset_bytes(s->validation_set) + dataset_bytes(s->test_set);
    const nn_memory_part part[NN_MEMORY_PARTS] = {
        {"data", out->held + (s->train_set != NULL ? 12 * s->train_set->rows : 0)},
        {"weights", 2 * weights}, /* the newest and the best */
        {"gradients", train.gradients},
        {"optimizer", nn_optimizer_bytes(&s->config->optimizer, g)},
        {"activations", train.activations + train.masks},
        {"saved for backward", train.saved},
        {"scratch", train.scratch},
        {"batch",
         batch_bytes(s, batch) + nn_batch_augment_bytes(&s->config->data.augment, &g->in,
                                                        (int)nn_shape_len(&g->out), batch)},
        {"evaluation",
         infer.activations + infer.masks + infer.scratch + batch_bytes(s, NN_EVAL_BATCH)},
    };

    out->total = 0;
    for (int i = 0; i < NN_MEMORY_PARTS; i++) {
        out->part[i] = part[i];
        out->total += part[i].bytes;
    }
    qsort(out->part, NN_MEMORY_PARTS, sizeof out->part[0], by_size);
}

nn_code nn_memory_check(const nn_memory *memory, nn_err *err)
{
    const uint64_t have = nn_machine_memory();
    const uint64_t needed = memory->total - memory->held;
    const double mib = 1024.0 * 1024.0;

    if (have == UINT64_MAX || (double)needed <= 0.9 * (double)have)
        return NN_OK;
    return nn_err_set(err, NN_ELIMIT, NULL,
                      "this needs %.0f MiB of memory, but only %.0f MiB are to be had; the largest "
                      "parts: %s %.0f MiB, %s %.0f MiB, %s %.0f MiB",
                      (double)needed / mib, (double)have / mib, memory->part[0].name,
                      (double)memory->part[0].bytes / mib, memory->part[1].name,
                      (double)memory->part[1].bytes / mib, memory->part[2].name,
                      (double)memory->part[2].bytes / mib);
}
