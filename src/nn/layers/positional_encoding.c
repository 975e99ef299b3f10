/*
 * PositionalEncoding: adds to every step a row of its own. Sinusoidal: column 2i of step t is
 * sin(t / 10000^(2i / features)), column 2i + 1 its cosine.
 */
#include "nn/layer.h"

#include "math/gemm.h"
#include "math/vec.h"

#include <math.h>
#include <string.h>

typedef struct conf {
    int encoding;
    nn_choice embeddings_initializer;
} conf;

enum { SINUSOIDAL, LEARNED };
static const char *const encodings[] = {"sinusoidal", "learned", NULL};

static const nn_field fields[] = {{.key = "encoding",
                                   .type = NN_FIELD_WORD,
                                   .at = offsetof(conf, encoding),
                                   .fallback = "\"sinusoidal\"",
                                   .words = encodings,
                                   .help = "Fixed waves, or rows that are trained."},
                                  {.key = "embeddings_initializer",
                                   .type = NN_FIELD_CHOICE,
                                   .at = offsetof(conf, embeddings_initializer),
                                   .fallback = "\"random_uniform\"",
                                   .family = &nn_initializers,
                                   .help = "First values of learned rows."},
                                  {0}};

static nn_code plan(nn_layer *l, nn_err *err)
{
    const conf *c = l->conf;
    const nn_shape *in = &l->in[0];
    char text[NN_SHAPE_TEXT];

    if (in->rank != 2)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "PositionalEncoding needs steps of features, got the shape %s",
                          nn_shape_text(text, in));
    l->out = *in;
    l->mask_out = l->mask_in[0];
    l->sight = NN_SEES_BACK;
    l->most_steps = in->dim[0];
    if (c->encoding == LEARNED)
        nn_layer_weight(l, "embeddings", *in, &c->embeddings_initializer, in->dim[0], in->dim[1]);
    else
        l->work_fixed = nn_shape_len(in) * sizeof(nn_real);
    return NN_OK;
}

/* What the tasks share. */
typedef struct pass {
    size_t steps, width;
    size_t first;     /* the place of the first step */
    const nn_real *x; /* [n][steps][width] */
    nn_real *y;
    const nn_real *rows; /* [steps][width] */
    nn_real *waves;      /* the same, to be filled */
} pass;

static void fill_waves(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t t = begin; t < end; t++) {
        for (size_t j = 0; j < p->width; j++) {
            const double part = (double)(j - j % 2) / (double)p->width;
            const double angle = (double)(p->first + t) * pow(10000, -part);

            p->waves[t * p->width + j] = (nn_real)(j % 2 == 0 ? sin(angle) : cos(angle));
        }
    }
}

static void add_samples(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const size_t len = p->steps * p->width;

    for (size_t i = begin; i < end; i++)
        nn_vec_add(p->y + i * len, p->x + i * len, p->rows, len);
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = {.steps = (size_t)l->in[0].dim[0],
              .width = (size_t)l->in[0].dim[1],
              .first = (size_t)io->position,
              .x = io->x[0],
              .y = io->y,
              .waves = io->work};

    if (l->weights == 0)
        nn_rows_run(io->pool, p.steps, 8 * p.width, fill_waves, &p);
    p.rows = l->weights == 0 ? p.waves : io->w[0] + p.first * p.width;
    nn_rows_run(io->pool, (size_t)io->n, p.steps * p.width, add_samples, &p);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    const size_t len = nn_shape_len(&l->in[0]);

    if (io->dx[0] != NULL)
        memcpy(io->dx[0], io->dy, (size_t)io->n * len * sizeof(nn_real));
    if (l->weights > 0 && io->dw[0] != NULL)
        nn_colsum_run(io->pool, io->dy, io->n, (int)len, io->dw[0]);
}

const nn_layer_class nn_layer_positional_encoding = {
    .kind = {"PositionalEncoding", "Adds to every step a row that tells its place.", fields,
             sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward};
