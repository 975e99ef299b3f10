/*
 * Embedding: every whole number of the input stands for a row of the embeddings. What lies outside
 * of them gives NaN, so that it is noticed.
 */
#include "nn/layer.h"

#include "math/vec.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

typedef struct conf {
    int input_dim;
    int output_dim;
    nn_choice embeddings_initializer;
    bool mask_zero;
} conf;

static const nn_field fields[] = {{.key = "input_dim",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(conf, input_dim),
                                   .range = "[1,16777216]",
                                   .help = "How many numbers there are: from 0 to input_dim - 1."},
                                  {.key = "output_dim",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(conf, output_dim),
                                   .range = "[1,65536]",
                                   .help = "Width of a row."},
                                  {.key = "embeddings_initializer",
                                   .type = NN_FIELD_CHOICE,
                                   .at = offsetof(conf, embeddings_initializer),
                                   .fallback = "\"random_uniform\"",
                                   .family = &nn_initializers,
                                   .help = "First values of the rows."},
                                  {.key = "mask_zero",
                                   .type = NN_FIELD_BOOL,
                                   .at = offsetof(conf, mask_zero),
                                   .fallback = "false",
                                   .help = "Steps that are 0 fill up short sequences: the layers "
                                           "after it do not count them."},
                                  {0}};

enum { STRIPE = 16 /* columns of a task in backward */ };

static nn_code plan(nn_layer *l, nn_err *err)
{
    const conf *c = l->conf;
    char text[NN_SHAPE_TEXT];

    if (l->in[0].rank == NN_MAX_RANK)
        return nn_err_set(err, NN_ECONFIG, NULL, "Embedding cannot add a dimension to the shape %s",
                          nn_shape_text(text, &l->in[0]));
    l->out = l->in[0];
    l->out.dim[l->out.rank++] = c->output_dim;
    if (c->mask_zero && l->in[0].rank != 1)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "Embedding with mask_zero needs a sequence of numbers, got the shape %s",
                          nn_shape_text(text, &l->in[0]));
    nn_layer_weight(l, "embeddings", nn_shape_2(c->input_dim, c->output_dim),
                    &c->embeddings_initializer, c->input_dim, c->output_dim);
    l->sight = l->in[0].rank > 0 ? NN_SEES_EACH : NN_SEES_ALL;
    l->mask_out = c->mask_zero ? l->index : l->mask_in[0];
    return NN_OK;
}

/* What the layer reads as 0. */
static void mask(const nn_layer *l, const nn_fwd *io, unsigned char *to)
{
    const size_t count = (size_t)io->n * nn_shape_len(&l->in[0]);

    for (size_t i = 0; i < count; i++)
        to[i] = !(io->x[0][i] > -1 && io->x[0][i] < 1);
}

/* What the tasks share. */
typedef struct pass {
    const conf *conf;
    const nn_real *x; /* [count] */
    size_t count;
    const nn_real *w; /* [input_dim][output_dim] */
    nn_real *y;       /* [count][output_dim] */
    const nn_real *dy;
    nn_real *dw;
} pass;

static pass make_pass(const nn_layer *l, const nn_real *x, int n)
{
    return (pass){.conf = l->conf, .x = x, .count = (size_t)n * nn_shape_len(&l->in[0])};
}

/* The row that a number stands for; -1: none. As Keras has it, 2.9 stands for 2. */
static ptrdiff_t row_of(const pass *p, size_t i)
{
    const nn_real x = p->x[i];

    return x > -1 && x < (nn_real)p->conf->input_dim ? (ptrdiff_t)x : -1;
}

static void look_up(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const size_t width = (size_t)p->conf->output_dim;

    for (size_t i = begin; i < end; i++) {
        const ptrdiff_t row = row_of(p, i);
        nn_real *y = p->y + i * width;

        if (row >= 0)
            memcpy(y, p->w + (size_t)row * width, width * sizeof(*y));
        for (size_t j = 0; row < 0 && j < width; j++)
            y[j] = (nn_real)NAN;
    }
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = make_pass(l, io->x[0], io->n);

    p.w = io->w[0];
    p.y = io->y;
    nn_rows_run(io->pool, p.count, (size_t)p.conf->output_dim, look_up, &p);
}

/* A stripe of columns of all rows, so that no two tasks add to the same number. */
static void add_stripe(void *context, int task, int worker)
{
    const pass *p = context;
    const size_t width = (size_t)p->conf->output_dim, rows = (size_t)p->conf->input_dim;
    const size_t at = (size_t)task * STRIPE;
    const size_t some = width - at < STRIPE ? width - at : STRIPE;

    (void)worker;
    for (size_t row = 0; row < rows; row++)
        memset(p->dw + row * width + at, 0, some * sizeof(*p->dw));
    for (size_t i = 0; i < p->count; i++) {
        const ptrdiff_t row = row_of(p, i);

        if (row >= 0) {
            nn_real *dw = p->dw + (size_t)row * width + at;

            nn_vec_add(dw, dw, p->dy + i * width + at, some);
        }
    }
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = make_pass(l, io->x[0], io->n);

    p.dy = io->dy;
    p.dw = io->dw[0];
    if (p.dw != NULL)
        nn_pool_run(io->pool, (p.conf->output_dim + STRIPE - 1) / STRIPE, add_stripe, &p);
    if (io->dx[0] != NULL) /* a step up or down a little leads to the same row */
        memset(io->dx[0], 0, p.count * sizeof(nn_real));
}

const nn_layer_class nn_layer_embedding = {
    .kind = {"Embedding", "A row of numbers for every whole number.", fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .mask = mask};
