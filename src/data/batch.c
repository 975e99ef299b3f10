/* Batches: memory taken once, rows gathered and scaled by tasks that are cut by the rows alone. */
#include "data/batch.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "math/hot.h"
#include "math/vec.h"

enum {
    TASK_ROWS = 8,
    FEW = 32768, /* numbers that are no work to share out */
    AHEAD = 4096 /* bytes of a sample that are asked for a batch ahead */
};

static int tasks_of(int rows)
{
    return (rows + TASK_ROWS - 1) / TASK_ROWS;
}

static nn_code allocate(nn_batch *b, const nn_dataset *d, nn_err *err)
{
    const size_t most = (size_t)b->most;
    const bool weighted = b->weights > 0, shared = weighted && d->weight != NULL;
    size_t xs = 0, values = 0, labels = 0, weights = 0;

    if (!nn_mul_size(most, nn_shape_len(&d->shape), &xs) ||
        !nn_mul_size(most, (size_t)b->steps, &labels) ||
        !nn_mul_size(most, (size_t)b->weights, &weights) ||
        !nn_mul_size(most, (size_t)d->width, &values))
        return nn_err_memory(err, "a batch", 0);
    b->x = nn_alloc(xs, sizeof *b->x);
    b->row = nn_alloc(most, sizeof *b->row);
    if (d->label != NULL)
        b->label = nn_alloc(labels, sizeof *b->label);
    if (d->value != NULL)
        b->value = nn_alloc(values, sizeof *b->value);
    if (weighted)
        b->weight = nn_alloc(weights, sizeof *b->weight);
    if (shared)
        b->share = nn_alloc(weights, sizeof *b->share);
    if (b->x == NULL || b->row == NULL || (d->label != NULL && b->label == NULL) ||
        (d->value != NULL && b->value == NULL) || (weighted && b->weight == NULL) ||
        (shared && b->share == NULL))
        return nn_err_memory(err, "a batch", (unsigned long long)xs * sizeof *b->x);
    return NN_OK;
}

nn_code nn_batch_new(nn_batch **out, const nn_dataset *d, const nn_prep *prep, int most,
                     int weights, nn_err *err)
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
    b->steps = d->label != NULL ? nn_dataset_labels(d) : 1;
    b->weights = weights > 0 && d->label != NULL ? b->steps : weights;
    rc = allocate(b, d, err);
    if (rc != NN_OK)
        nn_batch_free(b);
    else
        *out = b;
    return rc;
}

static int soft_width(const nn_dataset *d, int outputs)
{
    return outputs == 1 ? 1 : d->classes.count;
}

static nn_code make_room_for_mixing(nn_batch *b, const nn_dataset *d, int outputs, nn_err *err)
{
    const size_t tasks = (size_t)tasks_of(b->most);

    b->partner = nn_alloc(tasks, (nn_shape_len(&d->shape) + (size_t)b->width) * sizeof(nn_real));
    if (d->label != NULL) {
        b->soft_width = soft_width(d, outputs);
        b->soft =
            nn_alloc((size_t)b->most * (size_t)b->steps, (size_t)b->soft_width * sizeof *b->soft);
    }
    if (b->partner == NULL || (d->label != NULL && b->soft == NULL))
        return nn_err_memory(err, "augmentation", 0);
    return NN_OK;
}

nn_code nn_batch_augment(nn_batch *b, const nn_augment_conf *conf, const nn_dataset *d, int outputs,
                         uint64_t seed, nn_err *err)
{
    NN_TRY(nn_augment_new(&b->augment, conf, &d->shape, tasks_of(b->most), seed, err));
    return nn_augment_mixes(b->augment) ? make_room_for_mixing(b, d, outputs, err) : NN_OK;
}

size_t nn_batch_augment_bytes(const nn_augment_conf *conf, const nn_shape *shape, int outputs,
                              int rows)
{
    const int tasks = tasks_of(rows);
    size_t bytes = 0;

    if (nn_augment_is_none(conf))
        return 0;
    if (conf->mixup > 0)
        bytes = ((size_t)tasks * nn_shape_len(shape) + (size_t)rows * (size_t)outputs) *
                sizeof(nn_real);
    return bytes + nn_augment_bytes(conf, shape, tasks);
}

void nn_batch_free(nn_batch *b)
{
    if (b == NULL)
        return;
    nn_augment_free(b->augment);
    nn_free(b->soft);
    nn_free(b->partner);
    nn_free(b->x);
    nn_free(b->label);
    nn_free(b->value);
    nn_free(b->weight);
    nn_free(b->share);
    nn_free(b->row);
    nn_free(b);
}

/* What the tasks of one filling share. */
typedef struct job {
    nn_batch *b;
    const nn_view *view;
    const nn_dataset *data;
    const nn_prep *prep;
    const double *class_weight;
    const uint32_t *order; /* NULL: the view's own */
    size_t begin;
} job;

static size_t row_at(const job *j, size_t i)
{
    return nn_view_row(j->view, j->order == NULL ? i : (size_t)j->order[i]);
}

/*
 * Samples are taken from all over the data, which is too large for any cache: so while one is
 * filled in, the one that will stand in its place in the next batch is on its way.
 */
static void look_ahead(const job *j, size_t i)
{
    const nn_dataset *d = j->data;
    const size_t next = j->begin + (size_t)j->b->n + i;
    const size_t len = nn_shape_len(&d->shape);
    const size_t bytes = d->bytes != NULL ? len : len * sizeof *d->numbers;

    if (next >= j->view->count)
        return;
    const size_t at = nn_dataset_at(d, row_at(j, next));
    nn_prefetch(d->bytes != NULL ? (const void *)(d->bytes + at) : (const void *)(d->numbers + at),
                bytes < AHEAD ? bytes : AHEAD);
}

/* A sample as it is in the file. */
static void take_sample(nn_real *y, const nn_dataset *d, size_t row)
{
    const size_t len = nn_shape_len(&d->shape), at = nn_dataset_at(d, row);

    if (d->bytes != NULL)
        nn_vec_from_u8(y, d->bytes + at, 0, 1, len);
    else
        for (size_t i = 0; i < len; i++)
            y[i] = (nn_real)d->numbers[at + i];
}

/* One loop for what has no columns: images of floats are as long as those of bytes. */
static void scale_alike(nn_real *y, double shift, double factor, size_t len)
{
    for (size_t i = 0; i < len; i++)
        y[i] = (nn_real)(((double)y[i] - shift) * factor);
}

/* Pictures are scaled in floats; numbers need doubles, also those of a table that fit in bytes. */
static bool is_picture(const nn_dataset *d, const nn_prep *p)
{
    return d->bytes != NULL && !d->table && p->columns == 1;
}

/* In place, by the index in the last dimension. */
static void scale_sample(nn_real *y, const nn_dataset *d, const nn_prep *p)
{
    const size_t len = nn_shape_len(&d->shape), columns = (size_t)p->columns;

    if (is_picture(d, p)) {
        nn_vec_affine(y, y, (nn_real)p->shift[0], (nn_real)p->factor[0], len);
        return;
    }
    if (columns == 1) {
        scale_alike(y, p->shift[0], p->factor[0], len);
        return;
    }
    for (size_t at = 0; at < len; at += columns)
        for (size_t c = 0; c < columns; c++)
            y[at + c] = (nn_real)(((double)y[at + c] - p->shift[c]) * p->factor[c]);
}

/* The sample of a row as the network sees it; `task` may use what is set apart for one task. */
static void fill_sample(const job *j, nn_real *y, size_t row, int task)
{
    const nn_dataset *d = j->data;
    const nn_prep *p = j->prep;
    const nn_batch *b = j->b;
    const size_t len = nn_shape_len(&d->shape);

    if (b->augment == NULL && is_picture(d, p)) { /* the common case */
        nn_vec_from_u8(y, d->bytes + nn_dataset_at(d, row), (nn_real)p->shift[0],
                       (nn_real)p->factor[0], len);
        return;
    }
    take_sample(y, d, row);
    if (b->augment != NULL)
        nn_augment_picture(b->augment, b->epoch, (uint32_t)row, task, y);
    scale_sample(y, d, p);
    if (b->augment != NULL)
        nn_augment_noise(b->augment, b->epoch, (uint32_t)row, y);
}

static void scale_targets(nn_real *y, const nn_dataset *d, size_t row, const nn_prep *p)
{
    const float *raw = d->value + nn_dataset_target_row(d, row) * nn_dataset_target_pitch(d);

    for (int k = 0; k < d->width; k++) {
        double value = (double)raw[k];

        if (p->target_scale == NN_TARGET_LOG1P)
            value = log1p(value);
        if (p->width > 0)
            value = (value - p->target_shift[k]) * p->target_factor[k];
        y[k] = (nn_real)value;
    }
}

/* The row whose weight is that of the k-th of a sample's targets. */
static size_t weight_row(const nn_dataset *d, size_t sample, size_t k)
{
    return nn_dataset_target_row(d, sample) + (k < (size_t)nn_dataset_horizon(d) ? k : 0);
}

static nn_real weight_of(const job *j, size_t sample, size_t k)
{
    const nn_dataset *d = j->data;
    const double class = j->class_weight == NULL || d->label == NULL
                             ? 1
                             : j->class_weight[d->label[nn_dataset_label_at(d, sample) + k]];

    return (
        nn_real)(d->weight == NULL ? class : class * (double)d->weight[weight_row(d, sample, k)]);
}

/* y becomes share * y + (1 - share) * other. */
static void blend(nn_real *y, const nn_real *other, double share, size_t n)
{
    nn_vec_scale(y, y, (nn_real)share, n);
    nn_vec_axpy(y, (nn_real)(1 - share), other, n);
}

static void add_share(const nn_batch *b, nn_real *soft, int label, double share)
{
    if (b->soft_width == 1)
        soft[0] += (nn_real)(share * label);
    else
        soft[label] += (nn_real)share;
}

/* Shares of the classes of sample i, step by step. */
static void mix_labels(const job *j, size_t i, size_t partner, double share)
{
    const nn_batch *b = j->b;
    const nn_dataset *d = j->data;
    const size_t steps = (size_t)b->steps, width = (size_t)b->soft_width;
    const int32_t *own = d->label + nn_dataset_label_at(d, b->row[i]);
    const int32_t *other = d->label + nn_dataset_label_at(d, partner);

    for (size_t k = 0; k < steps; k++) {
        nn_real *soft = b->soft + (i * steps + k) * width;

        memset(soft, 0, width * sizeof *soft);
        add_share(b, soft, own[k], share);
        add_share(b, soft, other[k], 1 - share);
        if (share < 0.5)
            b->label[i * steps + k] = other[k];
    }
}

/* Blends a filled row with another sample of the view, all of its targets included. */
static void mix_row(const job *j, size_t i, int task)
{
    nn_batch *b = j->b;
    const nn_dataset *d = j->data;
    const size_t len = nn_shape_len(&d->shape), width = (size_t)d->width;
    const nn_mix mix = nn_augment_mix(b->augment, b->epoch, b->row[i], j->view->count);
    const size_t row = nn_view_row(j->view, mix.partner);
    nn_real *partner = b->partner + (size_t)task * (len + width);

    fill_sample(j, partner, row, task);
    blend(b->x + i * len, partner, mix.share, len);
    if (b->value != NULL) {
        scale_targets(partner + len, d, row, j->prep);
        blend(b->value + i * width, partner + len, mix.share, width);
    }
    if (b->soft != NULL)
        mix_labels(j, i, row, mix.share);
    for (size_t k = 0; b->weight != NULL && k < (size_t)b->weights; k++) {
        nn_real *weight = &b->weight[i * (size_t)b->weights + k];

        *weight = (nn_real)(mix.share * *weight + (1 - mix.share) * weight_of(j, row, k));
    }
}

static void fill_row(const job *j, size_t i, int task)
{
    nn_batch *b = j->b;
    const nn_dataset *d = j->data;
    const size_t row = b->row[i], steps = (size_t)b->steps, weights = (size_t)b->weights;

    fill_sample(j, b->x + i * nn_shape_len(&d->shape), row, task);
    if (b->label != NULL)
        memcpy(b->label + i * steps, d->label + nn_dataset_label_at(d, row),
               steps * sizeof *b->label);
    if (b->value != NULL)
        scale_targets(b->value + i * (size_t)d->width, d, row, j->prep);
    for (size_t k = 0; b->weight != NULL && k < weights; k++)
        b->weight[i * weights + k] = weight_of(j, row, k);
    for (size_t k = 0; b->share != NULL && k < weights; k++)
        b->share[i * weights + k] = (nn_real)d->weight[weight_row(d, row, k)];
    if (b->partner != NULL)
        mix_row(j, i, task);
}

static void fill_rows(void *context, int task, int worker)
{
    const job *j = context;
    const size_t end = (size_t)j->b->n;

    (void)worker;
    for (size_t i = (size_t)task * TASK_ROWS; i < end && i < ((size_t)task + 1) * TASK_ROWS; i++) {
        look_ahead(j, i);
        fill_row(j, i, task);
    }
}

/* Small pictures are sooner brought by one thread than handed from one to the other afterwards. */
static bool is_few(const job *j)
{
    const size_t len = nn_shape_len(&j->data->shape);

    return j->b->augment == NULL && is_picture(j->data, j->prep) && (size_t)j->b->n * len <= FEW;
}

void nn_batch_fill(nn_batch *b, const nn_view *v, const nn_prep *prep, const uint32_t *order,
                   size_t begin, int n, const double *class_weight, nn_pool *pool)
{
    job j = {b, v, v->data, prep, class_weight, order, begin};

    assert(n > 0 && n <= b->most && begin + (size_t)n <= v->count);
    b->n = n;
    for (size_t i = 0; i < (size_t)n; i++)
        b->row[i] = (uint32_t)row_at(&j, begin + i);
    if (is_few(&j))
        for (int task = 0; task < tasks_of(n); task++)
            fill_rows(&j, task, 0);
    else
        nn_pool_run(pool, tasks_of(n), fill_rows, &j);
}
