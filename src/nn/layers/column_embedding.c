/*
 * ColumnEmbedding: in a row of a table, a category's number becomes a row of embeddings; numbers
 * stay. All columns share one tensor, in which each has its own rows, one for each category.
 */
#include "nn/layer.h"

#include "math/vec.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

typedef struct conf {
    int output_dim;
    nn_choice embeddings_initializer;
} conf;

static const nn_field fields[] = {{.key = "output_dim",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(conf, output_dim),
                                   .fallback = "8",
                                   .range = "[1,65536]",
                                   .help = "How many numbers a category becomes."},
                                  {.key = "embeddings_initializer",
                                   .type = NN_FIELD_CHOICE,
                                   .at = offsetof(conf, embeddings_initializer),
                                   .fallback = "\"random_uniform\"",
                                   .family = &nn_initializers,
                                   .help = "First values of the rows."},
                                  {0}};

static nn_code plan(nn_layer *l, nn_err *err)
{
    const conf *c = l->conf;
    size_t rows = 0, width = 0;

    for (int k = 0; l->categories != NULL && k < nn_shape_last(&l->in[0]); k++) {
        rows += (size_t)l->categories[k];
        width += l->categories[k] > 0 ? (size_t)c->output_dim : 1;
    }
    if (rows == 0)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "ColumnEmbedding takes the model's input, a row of a table in which "
                          "data.columns encodes a column as \"embedding\"");
    if (rows > INT_MAX || width > INT_MAX)
        return nn_err_set(err, NN_ECONFIG, NULL, "ColumnEmbedding: too many categories");
    l->out = l->in[0];
    l->out.dim[l->out.rank - 1] = (int)width;
    nn_layer_weight(l, "embeddings", nn_shape_2((int)rows, c->output_dim),
                    &c->embeddings_initializer, (int)rows, c->output_dim);
    return NN_OK;
}

/* What the tasks share. */
typedef struct pass {
    const nn_layer *layer;
    size_t features, dim, width; /* numbers of a row, of an embedding, of a row of the output */
    size_t n;                    /* rows: of a sequence, those of all steps */
    const nn_real *x;            /* [n][features] */
    const nn_real *w;            /* [rows][dim] */
    nn_real *y;                  /* [n][width] */
    const nn_real *dy;
    nn_real *dx;
    nn_real *dw;
} pass;

static pass make_pass(const nn_layer *l, const nn_real *x, int n)
{
    return (pass){.layer = l,
                  .features = (size_t)nn_shape_last(&l->in[0]),
                  .dim = (size_t)((const conf *)l->conf)->output_dim,
                  .width = (size_t)nn_shape_last(&l->out),
                  .n = (size_t)n * nn_shape_len(&l->in[0]) / (size_t)nn_shape_last(&l->in[0]),
                  .x = x};
}

/* A number below 0 is none of the categories, and nothing; one beyond them gives NaN. */
static void put_row(nn_real *y, const nn_real *w, size_t dim, nn_real x, int categories)
{
    if (x < (nn_real)categories && x >= 0)
        memcpy(y, w + (size_t)x * dim, dim * sizeof(*y));
    for (size_t j = 0; j < dim && !(x < (nn_real)categories && x >= 0); j++)
        y[j] = x < 0 ? 0 : (nn_real)NAN;
}

static void look_up(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t i = begin; i < end; i++) {
        const nn_real *x = p->x + i * p->features, *w = p->w;
        nn_real *y = p->y + i * p->width;

        for (size_t k = 0; k < p->features; k++) {
            const int categories = p->layer->categories[k];

            if (categories == 0) {
                *y++ = x[k];
                continue;
            }
            put_row(y, w, p->dim, x[k], categories);
            w += (size_t)categories * p->dim;
            y += p->dim;
        }
    }
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = make_pass(l, io->x[0], io->n);

    p.w = io->w[0];
    p.y = io->y;
    nn_rows_run(io->pool, p.n, p.width, look_up, &p);
}

/* The gradients of one column's rows, so that no two tasks add to the same number. */
static void add_column(void *context, int task, int worker)
{
    const pass *p = context;
    const int *const categories = p->layer->categories;
    size_t row = 0, at = 0;

    (void)worker;
    if (categories[task] == 0)
        return;
    for (int k = 0; k < task; k++) {
        row += (size_t)categories[k];
        at += categories[k] > 0 ? p->dim : 1;
    }
    nn_real *const dw = p->dw + row * p->dim;

    memset(dw, 0, (size_t)categories[task] * p->dim * sizeof(*dw));
    for (size_t i = 0; i < p->n; i++) {
        const nn_real x = p->x[i * p->features + (size_t)task];
        nn_real *to = x >= 0 && x < (nn_real)categories[task] ? dw + (size_t)x * p->dim : NULL;

        if (to != NULL)
            nn_vec_add(to, to, p->dy + i * p->width + at, p->dim);
    }
}

/* Numbers pass; a step up or down a little leads to the same row of embeddings. */
static void pass_numbers(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t i = begin; i < end; i++) {
        const nn_real *dy = p->dy + i * p->width;

        for (size_t k = 0; k < p->features; k++) {
            const bool number = p->layer->categories[k] == 0;

            p->dx[i * p->features + k] = number ? *dy : 0;
            dy += number ? 1 : p->dim;
        }
    }
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = make_pass(l, io->x[0], io->n);

    p.dy = io->dy;
    p.dx = io->dx[0];
    p.dw = io->dw[0];
    if (p.dw != NULL)
        nn_pool_run(io->pool, (int)p.features, add_column, &p);
    if (p.dx != NULL)
        nn_rows_run(io->pool, p.n, p.features, pass_numbers, &p);
}

const nn_layer_class nn_layer_column_embedding = {
    .kind = {"ColumnEmbedding",
             "A row of numbers for every category of the columns of a table that data.columns "
             "encodes as \"embedding\"; other columns pass. The config need not name it: without "
             "one, it stands before all layers.",
             fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .embeds_columns = true,
    .plan = plan,
    .forward = forward,
    .backward = backward};
