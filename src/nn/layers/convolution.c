/* Conv2D and Conv1D: shapes, weights and memory; math does the rest. */
#include "convolution.h"

#include <limits.h>

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

nn_code nn_convolution_plan(nn_layer *l, bool is_sequence, nn_err *err)
{
    nn_convolution *c = l->conf;
    const nn_conv *conv = &c->conv;

    NN_TRY(plan_conv(l, c, is_sequence, err));
    l->out = nn_image_shape(conv->rows.out, conv->cols.out, conv->out, is_sequence);
    plan_weights(l, c, is_sequence);
    if (l->weight[KERNEL].size.rows == 0) /* too large, as the graph will say */
        return NN_OK;
    l->scratch_bytes = nn_conv_scratch(conv);
    l->saved_fixed = nn_real_padded(nn_conv_shared(conv) / sizeof(nn_real)) * sizeof(nn_real);
    if (nn_layer_saves_z(l))
        l->saved_per_sample = nn_shape_len(&l->out) * sizeof(nn_real);
    l->flops = 2.0 * conv->rows.size * conv->cols.size * conv->in * (double)conv->rows.out *
               conv->cols.out * conv->out;
    return NN_OK;
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
    return (fused){l, z, y, to, nn_shape_len(&l->out), nn_shape_last(&l->out)};
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

/* z stands behind what backward needs for itself. */
static nn_real *saved_z(const nn_layer *l, void *saved)
{
    return (nn_real *)(void *)((char *)saved + l->saved_fixed);
}

void nn_convolution_forward(const nn_layer *l, const nn_fwd *io)
{
    const nn_convolution *c = l->conf;
    nn_real *const z = io->training && nn_layer_saves_z(l) ? saved_z(l, io->saved) : io->y;
    const fused f = fuse(l, z, NULL, io->y);

    nn_conv_forward(io->pool, &c->conv,
                    &(nn_conv_run){.n = io->n,
                                   .x = io->x[0],
                                   .w = io->w[KERNEL],
                                   .bias = c->use_bias ? io->w[BIAS] : NULL,
                                   .y = z,
                                   .each = nn_activation_is_linear(&l->act) ? NULL : activate,
                                   .context = &f,
                                   .scratch = io->scratch,
                                   .scratch_bytes = l->scratch_bytes});
}

void nn_convolution_backward(const nn_layer *l, const nn_bwd *io)
{
    const nn_convolution *c = l->conf;
    const fused f = fuse(l, nn_layer_saves_z(l) ? saved_z(l, io->saved) : NULL, io->y, io->dy);

    nn_conv_backward(io->pool, &c->conv,
                     &(nn_conv_run){.n = io->n,
                                    .x = io->x[0],
                                    .w = io->w[KERNEL],
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
