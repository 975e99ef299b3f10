/*
 * BatchNormalization: every channel with mean 0 and variance 1 over the batch, then gamma and beta.
 * The statistics of the batches move averages, which inference (and a frozen layer) uses instead.
 */
#include "channel_sums.h"
#include "normalization.h"

#include "math/hot.h"

#include <math.h>

typedef struct conf {
    nn_normalization common;
    double momentum;
    nn_choice moving_mean_initializer, moving_variance_initializer;
} conf;

static const nn_field fields[] = {
    {.key = "momentum",
     .type = NN_FIELD_NUM,
     .at = offsetof(conf, momentum),
     .fallback = "0.99",
     .range = "[0,1]",
     .help = "How much of the moving statistics is kept from step to step."},
    NN_NORMALIZATION_FIELDS(offsetof(conf, common)),
    {.key = "moving_mean_initializer",
     .type = NN_FIELD_CHOICE,
     .at = offsetof(conf, moving_mean_initializer),
     .fallback = "\"zeros\"",
     .family = &nn_initializers,
     .help = "First values of the moving mean."},
    {.key = "moving_variance_initializer",
     .type = NN_FIELD_CHOICE,
     .at = offsetof(conf, moving_variance_initializer),
     .fallback = "\"ones\"",
     .family = &nn_initializers,
     .help = "First values of the moving variance."},
    {0}};

enum { STRIPE = 64 /* channels whose numbers are kept at hand */ };

static nn_code plan(nn_layer *l, nn_err *err)
{
    const conf *c = l->conf;
    const int channels = nn_shape_last(&l->in[0]);
    const nn_shape shape = nn_shape_1(channels);

    if (l->in[0].rank == 0)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "BatchNormalization needs at least one dimension, got []");
    l->out = l->in[0];
    l->needs_two = true;
    nn_layer_each_step(l); /* once trained */
    nn_normalization_weights(l, &c->common);
    nn_layer_weight(l, "moving_mean", shape, &c->moving_mean_initializer, channels, channels)
        ->is_state = true;
    nn_layer_weight(l, "moving_variance", shape, &c->moving_variance_initializer, channels,
                    channels)
        ->is_state = true;
    l->saved_fixed = nn_channel_sums_bytes(channels) + 2 * (size_t)channels * sizeof(nn_real);
    l->flops = 2.0 * (double)nn_shape_len(&l->out);
    return NN_OK;
}

/* What backward needs of the batch behind the room for sums. */
static nn_real *saved_mean(const nn_layer *l, void *saved)
{
    return (nn_real *)(void *)((char *)saved + nn_channel_sums_bytes(nn_shape_last(&l->out)));
}

static nn_real *saved_inverse(const nn_layer *l, void *saved)
{
    return saved_mean(l, saved) + nn_shape_last(&l->out);
}

static nn_real *moving_mean(const nn_layer *l, nn_real *const *w)
{
    return w[l->weights - 2];
}

static nn_real *moving_variance(const nn_layer *l, nn_real *const *w)
{
    return w[l->weights - 1];
}

static nn_real inverse_root(double variance, double epsilon)
{
    return (nn_real)(1 / sqrt(variance + epsilon));
}

/* A pass over rows of channels. */
typedef struct pass {
    const nn_layer *layer;
    const nn_real *x, *dy; /* [rows][channels] */
    nn_real *to;           /* y, or dx */
    nn_real *const *w;
    const nn_real *mean, *inverse; /* [channels] of the batch; NULL: the moving ones */
    const double *sums;            /* of dy, and of dy times the normalised x */
    size_t rows;
    /*
     * Rows that the statistics are of: all, or those of steps that count. A step has `parts` rows.
     */
    size_t counted;
    const unsigned char *mask; /* [rows / parts], or NULL */
    size_t parts;
} pass;

static bool counts(const pass *p, size_t row)
{
    return p->mask == NULL || p->mask[row / p->parts] != 0;
}

static void set_mask(pass *p, const unsigned char *mask)
{
    const nn_shape *in = &p->layer->in[0];

    p->counted = p->rows;
    if (mask == NULL)
        return;
    p->mask = mask;
    p->parts = nn_shape_len(in) / ((size_t)in->dim[0] * (size_t)nn_shape_last(in));
    p->counted = 0;
    for (size_t i = 0; i < p->rows; i++)
        p->counted += counts(p, i);
}

static NN_HOT void add_values(const nn_real *restrict x, double *restrict sum, int channels)
{
    for (int i = 0; i < channels; i++)
        sum[i] += (double)x[i];
}

static NN_HOT void add_squares(const nn_real *restrict x, const nn_real *restrict mean,
                               double *restrict sum, int channels)
{
    for (int i = 0; i < channels; i++) {
        const double d = (double)x[i] - (double)mean[i];
        sum[i] += d * d;
    }
}

static NN_HOT void add_gradients(const nn_real *restrict x, const nn_real *restrict dy,
                                 const nn_real *restrict mean, const nn_real *restrict inverse,
                                 double *restrict sum, double *restrict product, int channels)
{
    for (int i = 0; i < channels; i++) {
        sum[i] += (double)dy[i];
        product[i] += (double)dy[i] * (double)((x[i] - mean[i]) * inverse[i]);
    }
}

static void sum_values(const void *context, size_t begin, size_t end, double *sums)
{
    const pass *p = context;
    const int channels = nn_shape_last(&p->layer->out);

    for (size_t i = begin; i < end; i++)
        if (counts(p, i))
            add_values(p->x + i * (size_t)channels, sums, channels);
}

static void sum_squares(const void *context, size_t begin, size_t end, double *sums)
{
    const pass *p = context;
    const int channels = nn_shape_last(&p->layer->out);

    for (size_t i = begin; i < end; i++)
        if (counts(p, i))
            add_squares(p->x + i * (size_t)channels, p->mean, sums, channels);
}

static void sum_gradients(const void *context, size_t begin, size_t end, double *sums)
{
    const pass *p = context;
    const int channels = nn_shape_last(&p->layer->out);
    const size_t width = (size_t)channels;

    for (size_t i = begin; i < end; i++)
        add_gradients(p->x + i * width, p->dy + i * width, p->mean, p->inverse, sums, sums + width,
                      channels);
}

/* to = (from - mean) * scale + shift */
static NN_HOT void apply(const nn_real *restrict from, const nn_real *restrict mean,
                         const nn_real *restrict scale, const nn_real *restrict shift,
                         nn_real *restrict to, int channels)
{
    for (int i = 0; i < channels; i++)
        to[i] = (from[i] - mean[i]) * scale[i] + shift[i];
}

static nn_real mean_of(const pass *p, int i)
{
    return p->mean != NULL ? p->mean[i] : moving_mean(p->layer, p->w)[i];
}

static nn_real inverse_of(const pass *p, int i)
{
    const conf *c = p->layer->conf;

    return p->inverse != NULL
               ? p->inverse[i]
               : inverse_root((double)moving_variance(p->layer, p->w)[i], c->common.epsilon);
}

static void normalize_rows(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const conf *c = p->layer->conf;
    const int channels = nn_shape_last(&p->layer->out);
    const nn_real *gamma = nn_normalization_gamma(&c->common, p->w);
    const nn_real *beta = nn_normalization_beta(&c->common, p->w);
    nn_real mean[STRIPE], scale[STRIPE], shift[STRIPE];

    for (int first = 0; first < channels; first += STRIPE) {
        const int len = channels - first < STRIPE ? channels - first : STRIPE;

        for (int i = 0; i < len; i++) {
            mean[i] = mean_of(p, first + i);
            scale[i] = inverse_of(p, first + i) * nn_gamma_at(gamma, first + i);
            shift[i] = beta != NULL ? beta[first + i] : 0;
        }
        for (size_t row = begin; row < end; row++) {
            const size_t at = row * (size_t)channels + (size_t)first;
            apply(p->x + at, mean, scale, shift, p->to + at, len);
        }
    }
}

static void take_statistics(const nn_layer *l, const nn_fwd *io, pass *p)
{
    const conf *c = l->conf;
    const int channels = nn_shape_last(&l->out);
    nn_real *const mean = saved_mean(l, io->saved), *const inverse = saved_inverse(l, io->saved);
    nn_real *const means = moving_mean(l, io->w), *const variances = moving_variance(l, io->w);
    const double keep = c->momentum, rows = p->counted > 0 ? (double)p->counted : 1;
    const double *sums = nn_channel_sums(io->pool, p->rows, channels, sum_values, p, io->saved);

    for (int i = 0; i < channels; i++) {
        mean[i] = (nn_real)(sums[i] / rows);
        means[i] = (nn_real)(keep * (double)means[i] + (1 - keep) * (double)mean[i]);
    }
    p->mean = mean;
    sums = nn_channel_sums(io->pool, p->rows, channels, sum_squares, p, io->saved);
    for (int i = 0; i < channels; i++) {
        const double variance = sums[i] / rows;

        inverse[i] = inverse_root(variance, c->common.epsilon);
        variances[i] = (nn_real)(keep * (double)variances[i] + (1 - keep) * variance);
    }
    p->inverse = inverse;
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = {
        .layer = l, .x = io->x[0], .to = io->y, .w = io->w, .rows = nn_channel_rows(l, io->n)};

    set_mask(&p, io->training ? io->mask[0] : NULL);
    if (io->training && l->trainable)
        take_statistics(l, io, &p);
    nn_rows_run(io->pool, p.rows, (size_t)nn_shape_last(&l->out), normalize_rows, &p);
}

/* dx = (dy - share - normal(x) * slope) * scale; of constant statistics share and slope are 0. */
static NN_HOT void apply_back(const nn_real *restrict x, const nn_real *restrict dy,
                              const nn_real *restrict mean, const nn_real *restrict scale,
                              const nn_real *restrict share, const nn_real *restrict slope,
                              nn_real *restrict dx, int channels)
{
    for (int i = 0; i < channels; i++)
        dx[i] = (dy[i] - share[i] - (x[i] - mean[i]) * slope[i]) * scale[i];
}

static void spread_rows(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const conf *c = p->layer->conf;
    const int channels = nn_shape_last(&p->layer->out);
    const nn_real *gamma = nn_normalization_gamma(&c->common, p->w);
    const double rows = p->counted > 0 ? (double)p->counted : 1;
    static const nn_real none[STRIPE] = {0};
    nn_real mean[STRIPE], scale[STRIPE], share[STRIPE] = {0}, slope[STRIPE] = {0};

    for (int first = 0; first < channels; first += STRIPE) {
        const int len = channels - first < STRIPE ? channels - first : STRIPE;

        for (int i = 0; i < len; i++) {
            const nn_real inverse = inverse_of(p, first + i);

            mean[i] = mean_of(p, first + i);
            scale[i] = inverse * nn_gamma_at(gamma, first + i);
            if (p->sums != NULL) {
                share[i] = (nn_real)(p->sums[first + i] / rows);
                slope[i] = (nn_real)(p->sums[channels + first + i] / rows) * inverse;
            }
        }
        for (size_t row = begin; row < end; row++) {
            const size_t at = row * (size_t)channels + (size_t)first;
            const bool shares = counts(p, row);
            apply_back(p->x + at, p->dy + at, mean, scale, shares ? share : none,
                       shares ? slope : none, p->to + at, len);
        }
    }
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    const conf *c = l->conf;
    const int channels = nn_shape_last(&l->out);
    pass p = {.layer = l,
              .x = io->x[0],
              .dy = io->dy,
              .to = io->dx[0],
              .w = io->w,
              .rows = nn_channel_rows(l, io->n)};

    set_mask(&p, io->mask[0]);
    if (l->trainable) {
        p.mean = saved_mean(l, io->saved);
        p.inverse = saved_inverse(l, io->saved);
        p.sums = nn_channel_sums(io->pool, p.rows, channels, sum_gradients, &p, io->saved);
        nn_normalization_gradients(l, &c->common, io, p.sums);
    }
    if (p.to != NULL)
        nn_rows_run(io->pool, p.rows, (size_t)channels, spread_rows, &p);
}

const nn_layer_class nn_layer_batch_normalization = {
    .kind = {"BatchNormalization", "Every channel with mean 0 and variance 1 over the batch.",
             fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward};
