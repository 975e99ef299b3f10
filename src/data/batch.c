/* Batches: memory taken once, rows gathered and scaled by tasks that are cut by the rows alone. */
#include "data/batch.h"

#include <assert.h>
#include <math.h>

#include "base/mem.h"
#include "math/vec.h"

enum { TASK_ROWS = 8 };

static nn_code allocate(nn_batch *b, const nn_dataset *d, bool weighted, nn_err *err)
{
    const size_t most = (size_t)b->most;
    size_t xs = 0, values = 0;

    if (!nn_mul_size(most, nn_shape_len(&d->shape), &xs) ||
        !nn_mul_size(most, (size_t)d->width, &values))
        return nn_err_memory(err, "a batch", 0);
    b->x = nn_alloc(xs, sizeof *b->x);
    b->row = nn_alloc(most, sizeof *b->row);
    if (d->label != NULL)
        b->label = nn_alloc(most, sizeof *b->label);
    if (d->value != NULL)
        b->value = nn_alloc(values, sizeof *b->value);
    if (weighted)
        b->weight = nn_alloc(most, sizeof *b->weight);
    if (b->x == NULL || b->row == NULL || (d->label != NULL && b->label == NULL) ||
        (d->value != NULL && b->value == NULL) || (weighted && b->weight == NULL))
        return nn_err_memory(err, "a batch", (unsigned long long)xs * sizeof *b->x);
    return NN_OK;
}

nn_code nn_batch_new(nn_batch **out, const nn_dataset *d, const nn_prep *prep, int most,
                     bool weighted, nn_err *err)
{
    nn_batch *b = nn_alloc(1, sizeof *b);
    nn_code rc = NN_OK;

    assert(most > 0 && nn_shape_len(&d->shape) == nn_shape_len(&prep->shape));
    assert(d->value == NULL || prep->width == 0 || prep->width == d->width);
    (void)prep;
    *out = NULL;
    if (b == NULL)
        return nn_err_memory(err, "a batch", sizeof *b);
    b->most = most;
    b->width = d->width;
    rc = allocate(b, d, weighted, err);
    if (rc != NN_OK)
        nn_batch_free(b);
    else
        *out = b;
    return rc;
}

void nn_batch_free(nn_batch *b)
{
    if (b == NULL)
        return;
    nn_free(b->x);
    nn_free(b->label);
    nn_free(b->value);
    nn_free(b->weight);
    nn_free(b->row);
    nn_free(b);
}

/* What the tasks of one filling share. */
typedef struct job {
    nn_batch *b;
    const nn_dataset *data;
    const nn_prep *prep;
    const double *class_weight;
} job;

/* One loop for what has no columns: images of floats are as long as those of bytes. */
static void scale_alike(nn_real *restrict y, const float *restrict x, double shift, double factor,
                        size_t len)
{
    for (size_t i = 0; i < len; i++)
        y[i] = (nn_real)(((double)x[i] - shift) * factor);
}

/* One sample, scaled by the index in the last dimension. */
static void scale_sample(nn_real *y, const nn_dataset *d, size_t row, const nn_prep *p)
{
    const size_t len = nn_shape_len(&d->shape);
    const size_t columns = (size_t)p->columns;
    const uint8_t *bytes = d->bytes == NULL ? NULL : d->bytes + row * len;
    const float *numbers = d->numbers == NULL ? NULL : d->numbers + row * len;

    if (bytes != NULL && columns == 1) {
        nn_vec_from_u8(y, bytes, (nn_real)p->shift[0], (nn_real)p->factor[0], len);
        return;
    }
    if (columns == 1) {
        scale_alike(y, numbers, p->shift[0], p->factor[0], len);
        return;
    }
    for (size_t at = 0; at < len; at += columns) {
        for (size_t c = 0; c < columns; c++) {
            const double x = bytes != NULL ? (double)bytes[at + c] : (double)numbers[at + c];

            y[at + c] = (nn_real)((x - p->shift[c]) * p->factor[c]);
        }
    }
}

static void scale_targets(nn_real *y, const nn_dataset *d, size_t row, const nn_prep *p)
{
    const float *raw = d->value + row * (size_t)d->width;

    for (int k = 0; k < d->width; k++) {
        double value = (double)raw[k];

        if (p->target_scale == NN_TARGET_LOG1P)
            value = log1p(value);
        if (p->width > 0)
            value = (value - p->target_shift[k]) * p->target_factor[k];
        y[k] = (nn_real)value;
    }
}

static void fill_row(const job *j, size_t i)
{
    nn_batch *b = j->b;
    const nn_dataset *d = j->data;
    const size_t row = b->row[i];

    scale_sample(b->x + i * nn_shape_len(&d->shape), d, row, j->prep);
    if (b->label != NULL)
        b->label[i] = d->label[row];
    if (b->value != NULL)
        scale_targets(b->value + i * (size_t)d->width, d, row, j->prep);
    if (b->weight != NULL)
        b->weight[i] = j->class_weight == NULL || d->label == NULL
                           ? 1
                           : (nn_real)j->class_weight[d->label[row]];
}

static void fill_rows(void *context, int task, int worker)
{
    const job *j = context;
    const size_t end = (size_t)j->b->n;

    (void)worker;
    for (size_t i = (size_t)task * TASK_ROWS; i < end && i < ((size_t)task + 1) * TASK_ROWS; i++)
        fill_row(j, i);
}

void nn_batch_fill(nn_batch *b, const nn_view *v, const nn_prep *prep, const uint32_t *order,
                   size_t begin, int n, const double *class_weight, nn_pool *pool)
{
    job j = {b, v->data, prep, class_weight};

    assert(n > 0 && n <= b->most && begin + (size_t)n <= v->count);
    b->n = n;
    for (size_t i = 0; i < (size_t)n; i++)
        b->row[i] = (uint32_t)nn_view_row(v, order == NULL ? begin + i : (size_t)order[begin + i]);
    nn_pool_run(pool, (n + TASK_ROWS - 1) / TASK_ROWS, fill_rows, &j);
}
