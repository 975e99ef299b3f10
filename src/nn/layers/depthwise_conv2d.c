/* DepthwiseConv2D: a window slides over images; every channel has weights of its own. */
#include "image.h"

#include "math/hot.h"
#include "math/vec.h"

#include <limits.h>
#include <string.h>

typedef struct conf {
    int kernel_size[2], strides[2], dilation_rate[2]; /* rows, columns */
    int padding;
    nn_choice activation;
    bool use_bias;
    nn_choice kernel_initializer;
    nn_choice bias_initializer;
    nn_penalty kernel_regularizer;
    nn_axis rows, cols; /* by plan */
    int channels;
} conf;

static const nn_field fields[] = {
    {.key = "kernel_size",
     .type = NN_FIELD_PAIR,
     .at = offsetof(conf, kernel_size),
     .range = "[1,4096]",
     .help = "Rows and columns of the window."},
    {.key = "strides",
     .type = NN_FIELD_PAIR,
     .at = offsetof(conf, strides),
     .fallback = "1",
     .range = "[1,4096]",
     .help = "Steps of the window down and across."},
    {.key = "dilation_rate",
     .type = NN_FIELD_PAIR,
     .at = offsetof(conf, dilation_rate),
     .fallback = "1",
     .range = "[1,4096]",
     .help = "Distance of the window's taps."},
    NN_PADDING_FIELD(conf, nn_padding_words),
    {.key = "activation",
     .type = NN_FIELD_CHOICE,
     .at = offsetof(conf, activation),
     .fallback = "\"linear\"",
     .family = &nn_activations,
     .help = "Applied to the output."},
    {.key = "use_bias",
     .type = NN_FIELD_BOOL,
     .at = offsetof(conf, use_bias),
     .fallback = "true",
     .help = "Add a bias to every channel."},
    {.key = "kernel_initializer",
     .type = NN_FIELD_CHOICE,
     .at = offsetof(conf, kernel_initializer),
     .fallback = "\"glorot_uniform\"",
     .family = &nn_initializers,
     .help = "First values of the kernel."},
    {.key = "bias_initializer",
     .type = NN_FIELD_CHOICE,
     .at = offsetof(conf, bias_initializer),
     .fallback = "\"zeros\"",
     .family = &nn_initializers,
     .help = "First values of the bias."},
    {.key = "kernel_regularizer",
     .type = NN_FIELD_OBJECT,
     .at = offsetof(conf, kernel_regularizer),
     .fallback = "{}",
     .table = &nn_penalty_table,
     .help = "Penalty on the kernel; without it that of the config's regularization."},
    {0}};

enum { KERNEL, BIAS, PARTS = 8 /* of the batch, whose gradients of the weights are added up */ };

static void parse(nn_layer *l, nn_node node)
{
    (void)node;
    l->act = ((const conf *)l->conf)->activation;
}

static int taps(const conf *c)
{
    return c->rows.size * c->cols.size;
}

/* Gradients of the kernel and the bias of one part. */
static size_t part_len(const conf *c)
{
    return ((size_t)taps(c) + 1) * (size_t)c->channels;
}

static void plan_weights(nn_layer *l, const conf *c)
{
    const nn_shape kernel = {4, {c->rows.size, c->cols.size, c->channels, 1}};
    const double fan_in = (double)taps(c) * c->channels; /* as Keras counts, by the shape alone */

    nn_layer_weight(l, "kernel", kernel, &c->kernel_initializer,
                    fan_in < INT_MAX ? (int)fan_in : INT_MAX, taps(c))
        ->penalty = c->kernel_regularizer;
    if (c->use_bias)
        nn_layer_weight(l, "bias", nn_shape_1(c->channels), &c->bias_initializer, c->channels,
                        c->channels);
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    conf *c = l->conf;
    nn_image image;

    NN_TRY(nn_image_of(&image, l, false, err));
    c->rows = (nn_axis){.in = image.rows,
                        .size = c->kernel_size[0],
                        .stride = c->strides[0],
                        .dilation = c->dilation_rate[0]};
    c->cols = (nn_axis){.in = image.cols,
                        .size = c->kernel_size[1],
                        .stride = c->strides[1],
                        .dilation = c->dilation_rate[1]};
    c->channels = image.channels;
    NN_TRY(nn_window_plan(l, &c->rows, &c->cols, (nn_padding)c->padding, err));
    l->out = nn_shape_3(c->rows.out, c->cols.out, c->channels);
    plan_weights(l, c);
    l->saved_fixed = nn_real_padded(PARTS * part_len(c)) * sizeof(nn_real);
    if (nn_layer_saves_z(l))
        l->saved_per_sample = nn_shape_len(&l->out) * sizeof(nn_real);
    l->flops = 2.0 * taps(c) * (double)nn_shape_len(&l->out);
    return NN_OK;
}

/* z stands behind the sums of the parts. */
static nn_real *saved_z(const nn_layer *l, void *saved)
{
    return (nn_real *)(void *)((char *)saved + l->saved_fixed);
}

/* y += a * b */
static NN_HOT void add_products(nn_real *restrict y, const nn_real *restrict a,
                                const nn_real *restrict b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a[i] * b[i];
}

typedef struct pass {
    const conf *c;
    int n;
    size_t in, out; /* numbers of an image */
    const nn_real *x, *w, *bias;
    nn_real *z;
    const nn_real *dz;
    nn_real *dx;
    nn_real *sums; /* [PARTS][part_len] */
} pass;

/* What lies under one tap of the window of one output. */
typedef void tap_fn(const pass *p, size_t in, size_t tap, size_t out);

/* Calls fn for all taps of all outputs of an image that lie on it; offsets are of channel 0. */
static void each_tap(const pass *p, size_t image, tap_fn *fn)
{
    const conf *c = p->c;
    const size_t channels = (size_t)c->channels;
    size_t out = image * p->out;
    int y0, y1, x0, x1;

    for (int row = 0; row < c->rows.out; row++) {
        nn_axis_taps(&c->rows, row, &y0, &y1);
        for (int col = 0; col < c->cols.out; col++, out += channels) {
            nn_axis_taps(&c->cols, col, &x0, &x1);
            for (int ky = y0; ky < y1; ky++) {
                const size_t line = (size_t)nn_axis_at(&c->rows, row, ky) * (size_t)c->cols.in;

                for (int kx = x0; kx < x1; kx++)
                    fn(p, image * p->in + (line + (size_t)nn_axis_at(&c->cols, col, kx)) * channels,
                       (size_t)(ky * c->cols.size + kx) * channels, out);
            }
        }
    }
}

static void forward_tap(const pass *p, size_t in, size_t tap, size_t out)
{
    add_products(p->z + out, p->x + in, p->w + tap, (size_t)p->c->channels);
}

static void forward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const size_t channels = (size_t)p->c->channels;

    for (size_t at = begin * p->out; at < end * p->out; at += channels) {
        if (p->bias != NULL)
            memcpy(p->z + at, p->bias, channels * sizeof(*p->z));
        else
            memset(p->z + at, 0, channels * sizeof(*p->z));
    }
    for (size_t i = begin; i < end; i++)
        each_tap(p, i, forward_tap);
}

static void dx_tap(const pass *p, size_t in, size_t tap, size_t out)
{
    add_products(p->dx + in, p->dz + out, p->w + tap, (size_t)p->c->channels);
}

static void backward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    memset(p->dx + begin * p->in, 0, (end - begin) * p->in * sizeof(*p->dx));
    for (size_t i = begin; i < end; i++)
        each_tap(p, i, dx_tap);
}

static void dw_tap(const pass *p, size_t in, size_t tap, size_t out)
{
    add_products(p->sums + tap, p->x + in, p->dz + out, (size_t)p->c->channels);
}

/* The gradients of kernel and bias from a part of the images. */
static void sum_part(void *context, int task, int worker)
{
    pass p = *(const pass *)context;
    const conf *c = p.c;
    const size_t begin = (size_t)p.n * (size_t)task / PARTS;
    const size_t end = (size_t)p.n * ((size_t)task + 1) / PARTS;
    const size_t channels = (size_t)c->channels;

    (void)worker;
    p.sums += (size_t)task * part_len(c);
    memset(p.sums, 0, part_len(c) * sizeof(*p.sums));
    for (size_t i = begin; i < end; i++)
        each_tap(&p, i, dw_tap);
    nn_real *const dbias = p.sums + (size_t)taps(c) * channels;
    for (size_t at = begin * p.out; at < end * p.out; at += channels)
        nn_vec_add(dbias, dbias, p.dz + at, channels);
}

static void add_parts(const pass *p, nn_real *to, size_t at, size_t len)
{
    if (to == NULL)
        return;
    memcpy(to, p->sums + at, len * sizeof(*to));
    for (size_t part = 1; part < PARTS; part++)
        nn_vec_add(to, to, p->sums + part * part_len(p->c) + at, len);
}

static pass pass_of(const nn_layer *l, int n)
{
    return (pass){
        .c = l->conf, .n = n, .in = nn_shape_len(&l->in[0]), .out = nn_shape_len(&l->out)};
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    const bool saves = io->training && nn_layer_saves_z(l);
    pass p = pass_of(l, io->n);

    p.x = io->x[0];
    p.w = io->w[KERNEL];
    p.bias = p.c->use_bias ? io->w[BIAS] : NULL;
    p.z = saves ? saved_z(l, io->saved) : io->y;
    nn_images_run(l, io->pool, io->n, forward_images, &p);
    nn_layer_activate(l, io->pool, p.z, io->y, io->n);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    const size_t kernel = l->weight[KERNEL].size.count;
    pass p = pass_of(l, io->n);

    nn_layer_activate_back(l, io->pool, nn_layer_saves_z(l) ? saved_z(l, io->saved) : NULL, io->y,
                           io->dy, io->n);
    p.x = io->x[0];
    p.w = io->w[KERNEL];
    p.dz = io->dy;
    p.dx = io->dx[0];
    p.sums = io->saved;
    if (l->trainable) {
        nn_pool_run(io->pool, PARTS, sum_part, &p);
        add_parts(&p, io->dw[KERNEL], 0, kernel);
        add_parts(&p, p.c->use_bias ? io->dw[BIAS] : NULL, kernel, (size_t)p.c->channels);
    }
    if (p.dx != NULL)
        nn_images_run(l, io->pool, io->n, backward_images, &p);
}

const nn_layer_class nn_layer_depthwise_conv2d = {
    .kind = {"DepthwiseConv2D", "A window slides over images, with own weights for every channel.",
             fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .plan = plan,
    .forward = forward,
    .backward = backward};
