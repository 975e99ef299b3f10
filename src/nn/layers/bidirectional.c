/* Bidirectional: a recurrent layer in both directions of time, their outputs merged. */
#include "recurrent.h"

#include "math/hot.h"
#include "math/vec.h"

#include <string.h>

typedef struct conf {
    nn_node layer;
    int merge_mode;
} conf;

enum { CONCAT, SUM, MUL, AVE };
static const char *const modes[] = {"concat", "sum", "mul", "ave", NULL};

static const nn_field fields[] = {
    NN_INNER_LAYER(conf, layer,
                   "SimpleRNN, LSTM or GRU, without name, trainable, inputs and weights."),
    {.key = "merge_mode",
     .type = NN_FIELD_WORD,
     .at = offsetof(conf, merge_mode),
     .fallback = "\"concat\"",
     .words = modes,
     .help = "How the two outputs become one."},
    {0}};

/* The second layer goes the other way, and turns its outputs so that they fit the first one's. */
static void parse(nn_layer *l, nn_node node)
{
    const nn_node at = nn_node_get(node, "layer");

    if (l->inner[0] != NULL && nn_recurrent_of(l->inner[0]) == NULL)
        nn_node_fault(at, NULL, "expected SimpleRNN, LSTM or GRU, got %s",
                      l->inner[0]->class->kind.name);
    else if (l->inner[1] != NULL) {
        nn_recurrent *back = nn_recurrent_of(l->inner[1]);

        back->go_backwards = !back->go_backwards;
        back->turns_output = true;
    }
}

static int mode_of(const nn_layer *l)
{
    return ((const conf *)l->conf)->merge_mode;
}

/* What follows in `saved` begins on a line of its own. */
static size_t outputs_bytes(const nn_layer *l, size_t n)
{
    return nn_line_bytes(2 * n * nn_shape_len(&l->inner[0]->out) * sizeof(nn_real));
}

static size_t inner_bytes(const nn_layer *l, size_t n)
{
    return nn_line_bytes(n * l->inner[0]->saved_per_sample);
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    static const char *const names[NN_MAX_INNER][3] = {
        {"forward/kernel", "forward/recurrent_kernel", "forward/bias"},
        {"backward/kernel", "backward/recurrent_kernel", "backward/bias"}};
    const nn_layer *inner = l->inner[0];
    size_t aside = 0;

    for (int i = 0; i < NN_MAX_INNER; i++) {
        NN_TRY(nn_layer_plan_inner(l, i, l->in[0], err));
        nn_layer_adopt(l, i, names[i]);
        l->flops += l->inner[i]->flops;
        l->flops_within += l->inner[i]->flops_within;
    }
    l->out = inner->out;
    l->heeds_mask = true;
    l->mask_out = inner->mask_out;
    l->out.dim[l->out.rank - 1] *= mode_of(l) == CONCAT ? 2 : 1;
    l->saved_per_sample = outputs_bytes(l, 1) + 2 * inner_bytes(l, 1);
    l->scratch_bytes = inner->scratch_bytes;
    aside = nn_shape_len(&l->in[0]) * sizeof(nn_real);
    l->work_per_sample = outputs_bytes(l, 1) > aside ? outputs_bytes(l, 1) : nn_line_bytes(aside);
    l->work_fixed = inner->work_fixed;
    return NN_OK;
}

/* Rows of the two outputs, or their gradients, and of the merged one. */
typedef struct merge {
    int mode;
    size_t width;    /* of one of the two */
    nn_real *a, *b;  /* [rows][width] */
    nn_real *merged; /* [rows][width], or twice as wide */
} merge;

static void join_rows(void *context, size_t begin, size_t end)
{
    const merge *m = context;
    const size_t width = m->width, len = (end - begin) * width;
    const nn_real *a = m->a + begin * width, *b = m->b + begin * width;
    nn_real *y = m->merged + begin * width;

    if (m->mode == MUL) {
        nn_vec_mul(y, a, b, len);
    } else if (m->mode != CONCAT) {
        nn_vec_add(y, a, b, len);
        if (m->mode == AVE)
            nn_vec_scale(y, y, (nn_real)0.5, len);
    } else {
        for (size_t r = begin; r < end; r++) {
            memcpy(m->merged + 2 * r * width, m->a + r * width, width * sizeof(*y));
            memcpy(m->merged + (2 * r + 1) * width, m->b + r * width, width * sizeof(*y));
        }
    }
}

/* y = a b: a becomes its own gradient, and so does b. */
static NN_HOT void part_product(nn_real *restrict a, nn_real *restrict b,
                                const nn_real *restrict dy, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const nn_real da = dy[i] * b[i];

        b[i] = dy[i] * a[i];
        a[i] = da;
    }
}

static void part_rows(void *context, size_t begin, size_t end)
{
    const merge *m = context;
    const size_t width = m->width, len = (end - begin) * width;
    nn_real *a = m->a + begin * width, *b = m->b + begin * width;
    const nn_real *dy = m->merged + begin * width;

    if (m->mode == MUL) {
        part_product(a, b, dy, len);
    } else if (m->mode != CONCAT) {
        nn_vec_scale(a, dy, m->mode == AVE ? (nn_real)0.5 : 1, len);
        memcpy(b, a, len * sizeof(*b));
    } else {
        for (size_t r = begin; r < end; r++) {
            memcpy(m->a + r * width, m->merged + 2 * r * width, width * sizeof(*a));
            memcpy(m->b + r * width, m->merged + (2 * r + 1) * width, width * sizeof(*b));
        }
    }
}

static void run_merge(const nn_layer *l, nn_pool *pool, int n, nn_real *both, nn_real *merged,
                      nn_rows_fn *fn)
{
    const size_t len = (size_t)n * nn_shape_len(&l->inner[0]->out);
    merge m = {.mode = mode_of(l),
               .width = (size_t)nn_shape_last(&l->inner[0]->out),
               .a = both,
               .b = both + len,
               .merged = merged};

    nn_rows_run(pool, len / m.width, m.width, fn, &m);
}

/* The seed of a direction: each drops numbers of its own. */
static uint64_t seed_of(uint64_t seed, int i)
{
    return i == 0 ? seed : ~seed;
}

/* What direction i saves stands behind the outputs. */
static void *saved_of(const nn_layer *l, void *saved, int n, int i)
{
    return (unsigned char *)saved + outputs_bytes(l, (size_t)n) +
           (size_t)i * inner_bytes(l, (size_t)n);
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    const size_t len = (size_t)io->n * nn_shape_len(&l->inner[0]->out);
    unsigned char *work = io->work;
    nn_real *both = io->training ? io->saved : io->work;

    for (int i = 0; i < NN_MAX_INNER; i++) {
        const nn_layer *inner = l->inner[i];
        nn_fwd own = *io;

        own.seed = seed_of(io->seed, i);
        own.y = both + (size_t)i * len;
        own.w = io->w + i * inner->weights;
        own.saved = io->training ? saved_of(l, io->saved, io->n, i) : NULL;
        own.work = work + (size_t)io->n * l->work_per_sample;
        inner->class->forward(inner, &own);
    }
    run_merge(l, io->pool, io->n, both, io->y, join_rows);
}

typedef struct sum {
    nn_real *to;
    const nn_real *from;
} sum;

static void add_piece(void *context, size_t begin, size_t end)
{
    const sum *s = context;

    nn_vec_add(s->to + begin, s->to + begin, s->from + begin, end - begin);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    const size_t len = (size_t)io->n * nn_shape_len(&l->inner[0]->out);
    unsigned char *work = io->work;
    sum s = {io->dx[0], io->work};

    run_merge(l, io->pool, io->n, io->saved, io->dy, part_rows);
    for (int i = 0; i < NN_MAX_INNER; i++) {
        const nn_layer *inner = l->inner[i];
        nn_real *const dx = i == 0 || io->dx[0] == NULL ? io->dx[0] : io->work;
        nn_bwd own = *io;

        own.seed = seed_of(io->seed, i);
        own.y = NULL; /* recurrent layers keep what they need of it */
        own.dy = (nn_real *)io->saved + (size_t)i * len;
        own.w = io->w + i * inner->weights;
        own.dw = io->dw + i * inner->weights;
        own.dx = &dx;
        own.saved = saved_of(l, io->saved, io->n, i);
        own.work = work + (size_t)io->n * l->work_per_sample;
        inner->class->backward(inner, &own);
    }
    if (io->dx[0] != NULL)
        nn_rows_run(io->pool, (size_t)io->n * nn_shape_len(&l->in[0]), 1, add_piece, &s);
}

const nn_layer_class nn_layer_bidirectional = {
    .kind = {"Bidirectional", "A recurrent layer in both directions of time.", fields,
             sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .inner = NN_MAX_INNER,
    .parse = parse,
    .plan = plan,
    .forward = forward,
    .backward = backward};
