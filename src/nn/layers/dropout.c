/* Dropout: in training each value is 0 with probability rate, and the rest grows by 1 / (1 - rate).
 */
#include "nn/layer.h"

#include "math/hot.h"

#include <string.h>

typedef struct conf {
    double rate;
} conf;

static const nn_field fields[] = {{.key = "rate",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, rate),
                                   .range = "[0,1)",
                                   .help = "Share of the values that are dropped."},
                                  {0}};

enum { WORDS = 4 /* random words in a block */ };

static nn_code plan(nn_layer *l, nn_err *err)
{
    (void)err; /* every shape will do */
    l->out = l->in[0];
    nn_layer_each_step(l);
    l->is_identity_in_eval = true;
    l->saved_per_sample = nn_shape_len(&l->out); /* a byte for each value: was it kept? */
    return NN_OK;
}

/* What the tasks share. Tasks are cut between blocks of random words. */
typedef struct pass {
    nn_rng rng;
    double rate;
    size_t len;
    const nn_real *from;
    nn_real *to;
    unsigned char *keep; /* [len] */
} pass;

static nn_real factor(const pass *p)
{
    return (nn_real)(1 / (1 - p->rate));
}

static NN_HOT void apply(const nn_real *restrict from, const unsigned char *restrict keep,
                         nn_real scale, nn_real *restrict to, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = keep[i] ? scale * from[i] : 0;
}

static void choose(const pass *p, size_t block)
{
    const double least = p->rate * 4294967296.0; /* words below it drop their value */
    const size_t at = block * WORDS;
    uint32_t word[WORDS];

    nn_rng_block(&p->rng, block, word);
    for (size_t i = 0; i < WORDS && at + i < p->len; i++)
        p->keep[at + i] = (double)word[i] >= least;
}

static void apply_blocks(const pass *p, size_t begin, size_t end)
{
    const size_t at = begin * WORDS;
    const size_t len = (end * WORDS < p->len ? end * WORDS : p->len) - at;

    apply(p->from + at, p->keep + at, factor(p), p->to + at, len);
}

static void forward_blocks(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t block = begin; block < end; block++)
        choose(p, block);
    apply_blocks(p, begin, end);
}

static void backward_blocks(void *context, size_t begin, size_t end)
{
    apply_blocks(context, begin, end);
}

static void run(const nn_layer *l, nn_pool *pool, int n, pass *p, nn_rows_fn *fn)
{
    p->rate = ((const conf *)l->conf)->rate;
    p->len = (size_t)n * nn_shape_len(&l->out);
    nn_rows_run(pool, (p->len + WORDS - 1) / WORDS, WORDS, fn, p);
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = {.rng = {io->seed, NN_RNG_LAYER + (uint32_t)l->index, io->step},
              .from = io->x[0],
              .to = io->y,
              .keep = io->saved};

    if (io->training)
        run(l, io->pool, io->n, &p, forward_blocks);
    else
        memcpy(io->y, io->x[0], (size_t)io->n * nn_shape_len(&l->out) * sizeof(nn_real));
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = {.from = io->dy, .to = io->dx[0], .keep = io->saved};

    if (io->dx[0] != NULL)
        run(l, io->pool, io->n, &p, backward_blocks);
}

const nn_layer_class nn_layer_dropout = {
    .kind = {"Dropout", "In training, drops a share of the values.", fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward};
