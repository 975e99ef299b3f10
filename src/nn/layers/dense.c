/* Dense: y = activation(x kernel + bias) along the last dimension, whatever stands before it. */
#include "nn/layer.h"

#include "math/gemm.h"

#include <limits.h>

typedef struct conf {
    int units;
    nn_choice activation;
    bool use_bias;
    nn_choice kernel_initializer;
    nn_choice bias_initializer;
    nn_penalty kernel_regularizer;
} conf;

static const nn_field fields[] = {
    {.key = "units",
     .type = NN_FIELD_INT,
     .at = offsetof(conf, units),
     .range = "[1,1048576]",
     .help = "Width of the output."},
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
     .help = "Add a bias."},
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

enum { KERNEL, BIAS };

static void parse(nn_layer *l, nn_node node)
{
    (void)node;
    l->act = ((const conf *)l->conf)->activation;
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    const conf *c = l->conf;
    const int width = nn_shape_last(&l->in[0]);
    char text[NN_SHAPE_TEXT];

    if (l->in[0].rank == 0)
        return nn_err_set(err, NN_ECONFIG, NULL, "Dense needs at least one dimension, got %s",
                          nn_shape_text(text, &l->in[0]));
    l->out = l->in[0];
    nn_layer_each_step(l);
    l->out.dim[l->out.rank - 1] = c->units;
    nn_layer_weight(l, "kernel", nn_shape_2(width, c->units), &c->kernel_initializer, width,
                    c->units)
        ->penalty = c->kernel_regularizer;
    if (c->use_bias)
        nn_layer_weight(l, "bias", nn_shape_1(c->units), &c->bias_initializer, c->units, c->units);
    if (nn_layer_saves_z(l))
        l->saved_per_sample = nn_shape_len(&l->out) * sizeof(nn_real);
    if (width <= INT_MAX / c->units && nn_gemm_parts(1, c->units, width) > 1)
        l->work_per_sample = NN_GEMM_PARTS * nn_shape_len(&l->out) * sizeof(nn_real);
    l->flops = 2.0 * (double)nn_shape_len(&l->in[0]) * c->units;
    return NN_OK;
}

/* Where a finished tile of z goes through the activation. */
typedef struct fused {
    const nn_layer *layer;
    nn_real *y; /* [rows][width] */
    int width;
} fused;

static void activate_tile(const void *context, nn_real *tile, int ldc, int row, int rows, int col,
                          int cols)
{
    const fused *f = context;
    const nn_activation *act = nn_activation_of(&f->layer->act);

    for (int r = 0; r < rows; r++)
        act->forward(&f->layer->act.conf, tile + (size_t)r * (size_t)ldc,
                     f->y + (size_t)(row + r) * (size_t)f->width + col, 1, cols);
}

/* Rows of the product: every position of every sample. */
static int row_count(const nn_layer *l, int n)
{
    return (int)((size_t)n * nn_shape_len(&l->out) / (size_t)nn_shape_last(&l->out));
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    const bool saves = io->training && nn_layer_saves_z(l);
    const bool by_row = nn_activation_of(&l->act)->by_row;
    const fused f = {l, io->y, nn_shape_last(&l->out)};
    nn_gemm g = {.m = row_count(l, io->n), .n = f.width, .k = nn_shape_last(&l->in[0])};

    g.a = io->x[0];
    g.zeros = true;
    g.b = io->w[KERNEL];
    g.c = saves ? io->saved : io->y;
    g.room = io->training ? io->work : NULL;
    g.bias = l->weights > BIAS ? io->w[BIAS] : NULL;
    if (!by_row && !nn_activation_is_linear(&l->act)) {
        g.done = activate_tile;
        g.context = &f;
    }
    nn_gemm_run(io->pool, &g);
    if (by_row)
        nn_layer_activate(l, io->pool, g.c, io->y, io->n);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    const int rows = row_count(l, io->n);
    const int in = nn_shape_last(&l->in[0]), out = nn_shape_last(&l->out);

    nn_layer_activate_back(l, io->pool, nn_layer_saves_z(l) ? io->saved : NULL, io->y, io->dy,
                           io->n);
    if (io->dw[KERNEL] != NULL)
        nn_gemm_run(io->pool, &(nn_gemm){.m = in,
                                         .n = out,
                                         .k = rows,
                                         .a = io->x[0],
                                         .ta = true,
                                         .zeros = true,
                                         .b = io->dy,
                                         .c = io->dw[KERNEL]});
    if (l->weights > BIAS && io->dw[BIAS] != NULL)
        nn_colsum_run(io->pool, io->dy, rows, out, io->dw[BIAS]);
    if (io->dx[0] != NULL)
        nn_gemm_run(io->pool, &(nn_gemm){.m = rows,
                                         .n = in,
                                         .k = out,
                                         .a = io->dy,
                                         .b = io->w[KERNEL],
                                         .tb = true,
                                         .c = io->dx[0]});
}

const nn_layer_class nn_layer_dense = {
    .kind = {"Dense", "Every output is a weighted sum of every input.", fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .plan = plan,
    .forward = forward,
    .backward = backward};
