/* How much memory a training takes, known before the first big allocation. */
#include <limits.h>
#include <stdlib.h>

#include "base/machine.h"
#include "base/mem.h"
#include "nn/exec.h"
#include "run/engine.h"
#include "run/evaluate.h"

static int by_size(const void *a, const void *b)
{
    const nn_memory_part *x = a;
    const nn_memory_part *y = b;

    return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

/*
 * What is there before any data: the program and its libraries (OpenBLAS 2 MiB of them), and small
 * blocks of the config, of records and of the report; and for each thread what it touches of its
 * stack. Seen with glibc on x86-64: 6.2 to 6.8 MB, whatever was trained.
 */
enum { PROGRAM = 6300000, THREAD = 24 << 10 };

static uint64_t dataset_bytes(const nn_dataset *d)
{
    if (d == NULL)
        return 0;
    const uint64_t values = (uint64_t)d->rows * nn_dataset_pitch(d);
    const uint64_t targets = (uint64_t)d->rows * 4 *
                             (d->label != NULL ? (d->steps > 1 ? (uint64_t)d->steps : 1)
                                               : (uint64_t)nn_dataset_target_pitch(d));

    return (d->bytes != NULL ? values : 4 * values) + targets;
}

/* The data, and the order of the rows to train on. */
static uint64_t data_bytes(const nn_setup *s)
{
    if (s->train_set == NULL)
        return s->size.rows > 0 ? s->size.bytes + 12 * s->size.rows : 0;
    return dataset_bytes(s->train_set) + dataset_bytes(s->validation_set) +
           dataset_bytes(s->test_set) + 12 * s->train_set->rows;
}

/* Batches of evaluation are planned whole, but no more of them is touched than there are rows. */
static int evaluation_rows(const nn_setup *s)
{
    const size_t most = s->validation.count > s->test.count ? s->validation.count : s->test.count;

    return s->train_set != NULL && most < NN_EVAL_BATCH ? (int)most + 1 : NN_EVAL_BATCH;
}

static int batch_rows(const nn_setup *s)
{
    if (s->batch_size > 0)
        return s->batch_size;
    if (s->config->training.batch_size > 0)
        return s->config->training.batch_size;
    return s->size.rows < INT_MAX ? (int)s->size.rows : INT_MAX; /* "full", by the headers */
}

static uint64_t batch_bytes(const nn_setup *s, int rows)
{
    return (uint64_t)rows * (nn_shape_len(&s->graph->in) + nn_shape_len(&s->graph->out) + 4) *
           sizeof(nn_real);
}

nn_code nn_setup_memory(const nn_setup *s, int threads, nn_memory *out, nn_err *err)
{
    const nn_graph *g = s->graph;
    const int batch = batch_rows(s);
    const size_t weights = g->weights_len * sizeof(nn_real);
    const int rows = evaluation_rows(s);
    nn_exec_memory train, infer;

    NN_TRY(nn_exec_plan(g, batch > 0 ? batch : 1, threads, NN_TRAIN, &train, err));
    NN_TRY(nn_exec_plan(g, rows, threads, NN_INFER, &infer, err));
    out->data = s->train_set != NULL || s->size.rows > 0;
    const nn_memory_part part[NN_MEMORY_PARTS] = {
        {"program", PROGRAM + (uint64_t)threads * THREAD},
        {"data", data_bytes(s)},
        /* the newest, the best, and what a training may go back to */
        {"weights", nn_add_capped(nn_mul_capped(2, weights), nn_engine_spare_bytes(s))},
        {"gradients", train.gradients},
        {"optimizer", nn_optimizer_bytes(&s->config->optimizer, g)},
        {"activations", nn_add_capped(train.activations, train.masks)},
        {"saved for backward", train.saved},
        {"scratch", train.scratch},
        {"batch",
         batch_bytes(s, batch) + nn_batch_augment_bytes(&s->config->data.augment, &g->in,
                                                        (int)nn_shape_len(&g->out), batch)},
        {"evaluation",
         nn_add_capped(infer.scratch, infer.activations + infer.masks + batch_bytes(s, rows))},
    };

    out->total = 0;
    out->held = part[0].bytes + (s->train_set != NULL ? part[1].bytes : 0);
    for (int i = 0; i < NN_MEMORY_PARTS; i++) {
        out->part[i] = part[i];
        out->total = nn_add_capped(out->total, part[i].bytes);
    }
    qsort(out->part, NN_MEMORY_PARTS, sizeof out->part[0], by_size);
    return NN_OK;
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

bool nn_memory_is_unknown(void)
{
#ifdef __linux__
    return nn_machine_memory() == UINT64_MAX;
#else
    return false; /* elsewhere it never does, and a warning in every run would be noise */
#endif
}
