/* Conv2D and Conv1D: shapes, weights and memory; math does the rest. */
#include "convolution.h"

#include "math/vec.h"
#include "pooling.h"

#include <limits.h>
#include <string.h>

enum { KERNEL, BIAS };

void nn_convolution_parse(nn_layer *l, nn_node node)
{
    (void)node;
    l->act = ((const nn_convolution *)l->conf)->activation;
}

static nn_code plan_conv(const nn_layer *l, nn_convolution *c, bool is_sequence, nn_err *err)
{
    nn_image image;

    NN_TRY(nn_image_of(&image, l, is_sequence, err));
    c->conv = (nn_conv){.rows = {.in = image.rows,
                                 .size = c->kernel_size[0],
                                 .stride = c->strides[0],
                                 .dilation = c->dilation_rate[0]},
                        .cols = {.in = image.cols,
                                 .size = c->kernel_size[1],
                                 .stride = c->strides[1],
                                 .dilation = c->dilation_rate[1]},
                        .in = image.channels,
                        .out = c->filters};
    return nn_window_plan(l, &c->conv.rows, &c->conv.cols, (nn_padding)c->padding, err);
}

static int fan(double count)
{
    return count < INT_MAX ? (int)count : INT_MAX;
}

static void plan_weights(nn_layer *l, const nn_convolution *c, bool is_sequence)
{
    const nn_conv *conv = &c->conv;
    const double taps = (double)conv->rows.size * conv->cols.size;
    const int fan_in = fan(taps * conv->in), fan_out = fan(taps * conv->out);
    nn_shape kernel = {4, {conv->rows.size, conv->cols.size, conv->in, conv->out}};

    if (is_sequence)
        kernel = nn_shape_3(conv->cols.size, conv->in, conv->out);
    nn_layer_weight(l, "kernel", kernel, &c->kernel_initializer, fan_in, fan_out)->penalty =
        c->kernel_regularizer;
    if (c->use_bias)
        nn_layer_weight(l, "bias", nn_shape_1(conv->out), &c->bias_initializer, conv->out,
                        conv->out);
}

static const nn_windows *pooling_of(const nn_convolution *c)
{
    return c->pools ? &c->pooling : NULL;
}

/* Kept are sums, and behind them z where the activation needs it, or where pooled values come from.
 */
static void plan_memory(nn_layer *l, const nn_shape *gives)
{
    const nn_convolution *c = l->conf;

    l->scratch_bytes = nn_conv_scratch(&c->conv, pooling_of(c));
    l->saved_fixed = nn_real_padded(nn_conv_shared(&c->conv) / sizeof(nn_real)) * sizeof(nn_real);
    l->saved_per_sample = 0;
    if (c->pools)
        l->saved_per_sample = nn_shape_len(gives) * sizeof(nn_tap);
    else if (nn_layer_saves_z(l))
        l->saved_per_sample = nn_shape_len(gives) * sizeof(nn_real);
}

nn_code nn_convolution_plan(nn_layer *l, bool is_sequence, nn_err *err)
{
    nn_convolution *c = l->conf;
    const nn_conv *conv = &c->conv;

    NN_TRY(plan_conv(l, c, is_sequence, err));
    l->out = nn_image_shape(conv->rows.out, conv->cols.out, conv->out, is_sequence);
    plan_weights(l, c, is_sequence);
    if (l->weight[KERNEL].size.rows == 0) /* too large, as the graph will say */
        return NN_OK;
    plan_memory(l, &l->out);
    l->flops = 2.0 * conv->rows.size * conv->cols.size * conv->in * (double)conv->rows.out *
               conv->cols.out * conv->out;
    return NN_OK;
}

/* Outputs up to the last one that a window reaches. */
static int reached(const nn_axis *a)
{
    const int end = nn_axis_at(a, a->out - 1, a->size - 1) + 1;

    return end < a->in ? end : a->in;
}

/* The activation then comes after the pooling, which must not matter. */
static bool absorb_pooling(nn_layer *l, const nn_layer *next)
{
    const nn_activation *act = nn_activation_of(&l->act);
    nn_convolution *c = l->conf;

    if (c->pools || !act->rises || act->needs_x)
        return false;
    c->pools = true;
    c->pooling = ((const nn_pooling *)next->conf)->windows;
    c->pooling.rows.in = c->conv.rows.out = reached(&c->pooling.rows);
    c->pooling.cols.in = c->conv.cols.out = reached(&c->pooling.cols);
    plan_memory(l, &next->out);
    return true;
}

static bool absorb_activation(nn_layer *l, const nn_layer *next)
{
    const nn_convolution *c = l->conf;

    if ((c->pools && nn_activation_of(&next->act)->needs_x) || !nn_layer_take_activation(l, next))
        return false;
    plan_memory(l, &next->out);
    return true;
}

bool nn_convolution_absorb(nn_layer *l, const nn_layer *next)
{
    if (next->class->forward == nn_max_pooling_forward)
        return absorb_pooling(l, next);
    return absorb_activation(l, next);
}

/* The activation of one image at a time, while it is in cache. */
typedef struct fused {
    const nn_layer *layer;
    const nn_real *z; /* what the activation is applied to; backward: NULL unless it is saved */
    const nn_real *y;
    nn_real *to; /* y, or dy */
    size_t len;  /* numbers of an image */
    int width;
} fused;

static fused fuse(const nn_layer *l, const nn_real *z, const nn_real *y, nn_real *to)
{
    return (fused){l, z, y, to, nn_shape_len(&l->gives), nn_shape_last(&l->gives)};
}

static void activate(const void *context, int image)
{
    const fused *f = context;
    const size_t at = (size_t)image * f->len;

    nn_activation_of(&f->layer->act)
        ->forward(&f->layer->act.conf, f->z + at, f->to + at, f->len / (size_t)f->width, f->width);
}

static void activate_back(const void *context, int image)
{
    const fused *f = context;
    const size_t at = (size_t)image * f->len;

    nn_activation_of(&f->layer->act)
        ->backward(&f->layer->act.conf, f->z == NULL ? NULL : f->z + at, f->y + at, f->to + at,
                   f->to + at, f->len / (size_t)f->width, f->width);
}

/* z, or places in windows; NULL when nothing is saved. */
static void *behind_sums(const nn_layer *l, void *saved)
{
    return saved == NULL ? NULL : (char *)saved + l->saved_fixed;
}

void nn_convolution_forward(const nn_layer *l, const nn_fwd *io)
{
    const nn_convolution *c = l->conf;
    void *const kept = io->training ? behind_sums(l, io->saved) : NULL;
    nn_real *const z = kept != NULL && nn_layer_saves_z(l) ? kept : io->y;
    const fused f = fuse(l, z, NULL, io->y);

    nn_conv_forward(io->pool, &c->conv,
                    &(nn_conv_run){.n = io->n,
                                   .x = io->x[0],
                                   .w = io->w[KERNEL],
                                   .bias = c->use_bias ? io->w[BIAS] : NULL,
                                   .pooled = pooling_of(c),
                                   .from = c->pools ? kept : NULL,
                                   .y = z,
                                   .each = nn_activation_is_linear(&l->act) ? NULL : activate,
                                   .context = &f,
                                   .scratch = io->scratch,
                                   .scratch_bytes = l->scratch_bytes});
}

/* What the tasks of a step share. Rows are samples. */
typedef struct moment {
    const nn_conv *conv;
    const nn_real *x;    /* [n][in] */
    nn_real *past;       /* [n][reach][in] */
    size_t reach, place; /* inputs that are kept; where the oldest lies, and this one will */
    const nn_real *w;    /* [size][in][out] */
    const nn_real *bias; /* [out], or NULL */
    nn_real *y;          /* [n][out] */
} moment;

static void step_rows(void *context, size_t begin, size_t end)
{
    const moment *m = context;
    const size_t taps = (size_t)m->conv->cols.size, dilation = (size_t)m->conv->cols.dilation;
    const size_t in = (size_t)m->conv->in, out = (size_t)m->conv->out;

    for (size_t i = begin; i < end; i++) {
        nn_real *ring = m->past + i * m->reach * in, *y = m->y + i * out;

        for (size_t k = 0; k < out; k++)
            y[k] = m->bias == NULL ? 0 : m->bias[k];
        for (size_t t = 0; t < taps; t++) {
            const bool is_now = t + 1 == taps;
            const nn_real *x =
                is_now ? m->x + i * in : ring + (m->place + t * dilation) % m->reach * in;

            for (size_t c = 0; c < in; c++)
                nn_vec_axpy(y, x[c], m->w + (t * in + c) * out, out);
        }
        if (m->reach > 0)
            memcpy(ring + m->place * in, m->x + i * in, in * sizeof(*ring));
    }
}

void nn_convolution_step(const nn_layer *l, const nn_fwd *io)
{
    const nn_convolution *c = l->conf;
    const size_t reach = (size_t)(c->conv.cols.size - 1) * (size_t)c->conv.cols.dilation;
    moment m = {.conv = &c->conv,
                .x = io->x[0],
                .past = io->past,
                .reach = reach,
                .place = reach > 0 ? (size_t)io->position % reach : 0,
                .w = io->w[KERNEL],
                .bias = c->use_bias ? io->w[BIAS] : NULL,
                .y = io->y};

    nn_rows_run(io->pool, (size_t)io->n, (size_t)(c->conv.in * c->conv.cols.size), step_rows, &m);
    nn_layer_activate(l, io->pool, io->y, io->y, io->n);
}

void nn_convolution_backward(const nn_layer *l, const nn_bwd *io)
{
    const nn_convolution *c = l->conf;
    void *const kept = behind_sums(l, io->saved);
    const fused f = fuse(l, nn_layer_saves_z(l) ? kept : NULL, io->y, io->dy);

    nn_conv_backward(io->pool, &c->conv,
                     &(nn_conv_run){.n = io->n,
                                    .x = io->x[0],
                                    .w = io->w[KERNEL],
                                    .pooled = pooling_of(c),
                                    .from = c->pools ? kept : NULL,
                                    .dy = io->dy,
                                    .dx = io->dx[0],
                                    .dw = io->dw[KERNEL],
                                    .dbias = c->use_bias ? io->dw[BIAS] : NULL,
                                    .each = nn_activation_is_linear(&l->act) ? NULL : activate_back,
                                    .context = &f,
                                    .scratch = io->scratch,
                                    .scratch_bytes = l->scratch_bytes,
                                    .shared = io->saved});
}
