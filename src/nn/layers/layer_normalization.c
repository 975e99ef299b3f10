/*
 * LayerNormalization: the last dimension with mean 0 and variance 1 in every place, then gamma and
 * beta for each channel.
 */
#include "channel_sums.h"
#include "normalization.h"

#include "math/hot.h"
#include "math/vec.h"

#include <math.h>

static const nn_field fields[] = {NN_NORMALIZATION_FIELDS(0), {0}};

enum { KEPT = 2 /* numbers kept of every row: its mean and one over its deviation */ };

static nn_code plan(nn_layer *l, nn_err *err)
{
    if (l->in[0].rank == 0)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "LayerNormalization needs at least one dimension, got []");
    l->out = l->in[0];
    nn_layer_each_step(l);
    nn_normalization_weights(l, l->conf);
    l->saved_fixed = nn_channel_sums_bytes(nn_shape_last(&l->out));
    l->saved_per_sample = KEPT * nn_channel_rows(l, 1) * sizeof(nn_real);
    l->flops = 6.0 * (double)nn_shape_len(&l->out);
    return NN_OK;
}

typedef struct pass {
    const nn_layer *layer;
    const nn_real *x, *dy; /* [rows][width] */
    nn_real *to;           /* y, or dx */
    const nn_real *gamma, *beta;
    nn_real *kept; /* [rows][KEPT]; NULL: not asked for */
} pass;

static NN_HOT void add_squares(const nn_real *restrict x, double mean, double *restrict sum,
                               int width)
{
    double total = 0;

    for (int i = 0; i < width; i++)
        total += ((double)x[i] - mean) * ((double)x[i] - mean);
    *sum = total;
}

static void normalize_row(const pass *p, size_t row)
{
    const nn_normalization *c = p->layer->conf;
    const int width = nn_shape_last(&p->layer->out);
    const nn_real *x = p->x + row * (size_t)width;
    nn_real *const y = p->to + row * (size_t)width;
    const double mean = nn_vec_sum(x, (size_t)width) / width;
    double squares = 0;

    add_squares(x, mean, &squares, width);
    const nn_real middle = (nn_real)mean;
    const nn_real inverse = (nn_real)(1 / sqrt(squares / width + c->epsilon));
    for (int i = 0; i < width; i++)
        y[i] = (x[i] - middle) * inverse * nn_gamma_at(p->gamma, i) +
               (p->beta != NULL ? p->beta[i] : 0);
    if (p->kept != NULL) {
        p->kept[row * KEPT] = middle;
        p->kept[row * KEPT + 1] = inverse;
    }
}

static void normalize_rows(void *context, size_t begin, size_t end)
{
    for (size_t row = begin; row < end; row++)
        normalize_row(context, row);
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = {.layer = l,
              .x = io->x[0],
              .to = io->y,
              .gamma = nn_normalization_gamma(l->conf, io->w),
              .beta = nn_normalization_beta(l->conf, io->w)};

    if (io->training)
        p.kept = (nn_real *)(void *)((char *)io->saved + l->saved_fixed);
    nn_rows_run(io->pool, nn_channel_rows(l, io->n), (size_t)nn_shape_last(&l->out), normalize_rows,
                &p);
}

static void sum_gradients(const void *context, size_t begin, size_t end, double *sums)
{
    const pass *p = context;
    const int width = nn_shape_last(&p->layer->out);

    for (size_t row = begin; row < end; row++) {
        const nn_real *x = p->x + row * (size_t)width, *dy = p->dy + row * (size_t)width;
        const nn_real mean = p->kept[row * KEPT], inverse = p->kept[row * KEPT + 1];

        for (int i = 0; i < width; i++) {
            sums[i] += (double)dy[i];
            sums[width + i] += (double)dy[i] * (double)((x[i] - mean) * inverse);
        }
    }
}

static void spread_row(const pass *p, size_t row)
{
    const int width = nn_shape_last(&p->layer->out);
    const nn_real *x = p->x + row * (size_t)width, *dy = p->dy + row * (size_t)width;
    nn_real *const dx = p->to + row * (size_t)width;
    const nn_real mean = p->kept[row * KEPT], inverse = p->kept[row * KEPT + 1];
    double sum = 0, product = 0;

    for (int i = 0; i < width; i++) {
        const double d = (double)(dy[i] * nn_gamma_at(p->gamma, i));

        sum += d;
        product += d * (double)((x[i] - mean) * inverse);
    }
    const nn_real share = (nn_real)(sum / width), slope = (nn_real)(product / width);
    for (int i = 0; i < width; i++)
        dx[i] =
            inverse * (dy[i] * nn_gamma_at(p->gamma, i) - share - (x[i] - mean) * inverse * slope);
}

static void spread_rows(void *context, size_t begin, size_t end)
{
    for (size_t row = begin; row < end; row++)
        spread_row(context, row);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    const size_t rows = nn_channel_rows(l, io->n);
    pass p = {.layer = l,
              .x = io->x[0],
              .dy = io->dy,
              .to = io->dx[0],
              .gamma = nn_normalization_gamma(l->conf, io->w),
              .kept = (nn_real *)(void *)((char *)io->saved + l->saved_fixed)};

    if (l->trainable && l->weights > 0)
        nn_normalization_gradients(
            l, l->conf, io,
            nn_channel_sums(io->pool, rows, nn_shape_last(&l->out), sum_gradients, &p, io->saved));
    if (p.to != NULL)
        nn_rows_run(io->pool, rows, (size_t)nn_shape_last(&l->out), spread_rows, &p);
}

const nn_layer_class nn_layer_layer_normalization = {
    .kind = {"LayerNormalization", "The last dimension with mean 0 and variance 1 in every place.",
             fields, sizeof(nn_normalization)},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward};
