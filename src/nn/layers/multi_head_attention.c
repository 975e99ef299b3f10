/*
 * MultiHeadAttention of a sequence to itself. Each head h: softmax(q k^T / sqrt(key_dim)) v, where
 * q, k and v are x times the head's part of three kernels; the heads' outputs, side by side, times
 * the output kernel. Causal: a step sees itself and those before it.
 */
#include "nn/layer.h"

#include "base/mem.h"
#include "math/gemm.h"
#include "math/hot.h"
#include "math/vec.h"

#include <limits.h>
#include <math.h>
#include <string.h>

typedef struct conf {
    int num_heads;
    int key_dim;
    bool causal;
    bool use_bias;
    nn_choice kernel_initializer;
    nn_choice bias_initializer;
} conf;

static const nn_field fields[] = {{.key = "num_heads",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(conf, num_heads),
                                   .range = "[1,1024]",
                                   .help = "How many heads attend, each in its own way."},
                                  {.key = "key_dim",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(conf, key_dim),
                                   .range = "[1,65536]",
                                   .help = "Width of a head."},
                                  {.key = "causal",
                                   .type = NN_FIELD_BOOL,
                                   .at = offsetof(conf, causal),
                                   .fallback = "false",
                                   .help = "No step sees those after it."},
                                  {.key = "use_bias",
                                   .type = NN_FIELD_BOOL,
                                   .at = offsetof(conf, use_bias),
                                   .fallback = "true",
                                   .help = "Add a bias after each kernel."},
                                  {.key = "kernel_initializer",
                                   .type = NN_FIELD_CHOICE,
                                   .at = offsetof(conf, kernel_initializer),
                                   .fallback = "\"glorot_uniform\"",
                                   .family = &nn_initializers,
                                   .help = "First values of the kernels."},
                                  {.key = "bias_initializer",
                                   .type = NN_FIELD_CHOICE,
                                   .at = offsetof(conf, bias_initializer),
                                   .fallback = "\"zeros\"",
                                   .family = &nn_initializers,
                                   .help = "First values of the biases."},
                                  {0}};

/* Pairs of steps of a sample: beyond it no machine has the memory, and sizes would overflow. */
static const size_t most_pairs = (size_t)1 << 40;

/* The projections, in the order of their weights. */
enum { QUERY, KEY, VALUE, OUTPUT, PROJECTIONS };

static int product(int a, int b)
{
    return a > INT_MAX / b ? INT_MAX : a * b;
}

/* Keras counts all dimensions but the last two as a window. */
static void declare(nn_layer *l, int which, nn_shape kernel, nn_shape bias)
{
    static const char *const names[PROJECTIONS][2] = {{"query_kernel", "query_bias"},
                                                      {"key_kernel", "key_bias"},
                                                      {"value_kernel", "value_bias"},
                                                      {"output_kernel", "output_bias"}};
    const conf *c = l->conf;
    const int last = nn_shape_last(&bias);

    nn_layer_weight(l, names[which][0], kernel, &c->kernel_initializer,
                    product(kernel.dim[0], kernel.dim[1]), product(kernel.dim[0], kernel.dim[2]));
    if (c->use_bias)
        nn_layer_weight(l, names[which][1], bias, &c->bias_initializer,
                        bias.rank == 2 ? bias.dim[0] : last, last);
}

/* Sizes, and what the tasks share. A task is one head of one sample. */
typedef struct pass {
    const conf *conf;
    int n, steps, features, heads, head; /* head: width of one */
    int width;                           /* of all heads */
    nn_pool *pool;
    nn_real *part[PROJECTIONS]; /* q, k, v and what the heads give: [n][steps][width] */
    nn_real *p;                 /* softmax: [n][heads][steps][steps]; NULL: in scratch */
    nn_real *dheads;            /* [n][steps][width]: gradient of what the heads give */
    const unsigned char *mask;  /* [n][steps], or NULL */
    unsigned char *scratch;
    size_t scratch_bytes;
    unsigned char *past; /* when one step is run after another */
    int position, most;  /* the step, and how many there can be */
} pass;

static pass make_pass(const nn_layer *l, int n)
{
    const conf *c = l->conf;

    return (pass){.conf = c,
                  .n = n,
                  .steps = l->in[0].dim[0],
                  .features = l->in[0].dim[1],
                  .heads = c->num_heads,
                  .head = c->key_dim,
                  .width = c->num_heads * c->key_dim,
                  .most = l->most_steps,
                  .scratch_bytes = l->scratch_bytes};
}

static size_t part_len(const pass *p)
{
    return (size_t)p->n * (size_t)p->steps * (size_t)p->width;
}

/* Bytes of a past for each step: keys, values, scores; and does it count? Whole reals. */
static size_t past_bytes(const pass *p)
{
    return (2 * (size_t)p->width + (size_t)p->heads + 1) * sizeof(nn_real);
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    const conf *c = l->conf;
    char text[NN_SHAPE_TEXT];

    if (l->in[0].rank != 2)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "MultiHeadAttention needs steps of features, got the shape %s",
                          nn_shape_text(text, &l->in[0]));

    const pass p = make_pass(l, 1);
    const size_t part = part_len(&p);
    size_t square = 0;

    if (!nn_mul_size((size_t)p.steps, (size_t)p.steps, &square) || square > most_pairs)
        return nn_err_set(err, NN_ECONFIG, NULL, "MultiHeadAttention over %d steps is too large",
                          p.steps);

    for (int i = QUERY; i <= VALUE; i++)
        declare(l, i, nn_shape_3(p.features, p.heads, p.head), nn_shape_2(p.heads, p.head));
    declare(l, OUTPUT, nn_shape_3(p.heads, p.head, p.features), nn_shape_1(p.features));
    l->out = l->in[0];
    l->heeds_mask = true;
    l->mask_out = l->mask_in[0];
    l->sight = c->causal ? NN_SEES_BACK : NN_SEES_ALL;
    l->most_steps = p.steps;
    l->past_bytes = (size_t)p.steps * past_bytes(&p);
    l->saved_per_sample = (PROJECTIONS * part + (size_t)p.heads * square) * sizeof(nn_real);
    l->work_per_sample = PROJECTIONS * part * sizeof(nn_real);
    l->scratch_bytes = (square + (size_t)p.steps * (size_t)c->key_dim) * sizeof(nn_real);
    l->flops = 8.0 * p.steps * p.features * p.width + 4.0 * (double)square * p.width;
    return NN_OK;
}

/* Index of a projection's kernel among the weights; its bias comes next. */
static int kernel_of(const pass *p, int which)
{
    return p->conf->use_bias ? 2 * which : which;
}

static void lay_parts(pass *p, nn_real *block)
{
    for (int i = 0; i < PROJECTIONS; i++)
        p->part[i] = block + (size_t)i * part_len(p);
}

/* y[n * steps][cols] = x[n * steps][rows] kernel + bias. */
static void project(const pass *p, nn_real *const *w, int which, const nn_real *x, nn_real *y)
{
    const int kernel = kernel_of(p, which);

    nn_gemm_run(p->pool, &(nn_gemm){.m = p->n * p->steps,
                                    .n = which == OUTPUT ? p->features : p->width,
                                    .k = which == OUTPUT ? p->width : p->features,
                                    .a = x,
                                    .b = w[kernel],
                                    .c = y,
                                    .bias = p->conf->use_bias ? w[kernel + 1] : NULL});
}

/* Where a head's columns of a sample begin in an array [n][steps][width]. */
static nn_real *head_of(const pass *p, nn_real *part, int task)
{
    const size_t sample = (size_t)(task / p->heads), head = (size_t)(task % p->heads);

    return part + sample * (size_t)p->steps * (size_t)p->width + head * (size_t)p->head;
}

static size_t square_of(const pass *p)
{
    return (size_t)p->steps * (size_t)p->steps;
}

static nn_real *scratch_of(const pass *p, int worker)
{
    return (void *)(p->scratch + (size_t)worker * p->scratch_bytes);
}

/* c[steps][steps] = a[steps][head] b[steps][head]^T. */
static void compare(const pass *p, const nn_real *a, const nn_real *b, nn_real *c)
{
    nn_gemm_serial(&(nn_gemm){.m = p->steps,
                              .n = p->steps,
                              .k = p->head,
                              .a = a,
                              .lda = p->width,
                              .b = b,
                              .ldb = p->width,
                              .tb = true,
                              .c = c});
}

/* c[steps][head] (rows ldc apart) = a[steps][steps] b[steps][head]; `turned`: a^T. */
static void gather(const pass *p, const nn_real *a, bool turned, const nn_real *b, nn_real *c,
                   int ldc)
{
    nn_gemm_serial(&(nn_gemm){.m = p->steps,
                              .n = p->head,
                              .k = p->steps,
                              .a = a,
                              .ta = turned,
                              .b = b,
                              .ldb = p->width,
                              .c = c,
                              .ldc = ldc});
}

static nn_real scale_of(const pass *p)
{
    return (nn_real)(1 / sqrt((double)p->head));
}

/* The scores of `count` steps become weights that add up to 1; all 0 when no step counts. */
static void weigh_row(nn_real *s, const unsigned char *mask, size_t count)
{
    bool any = mask == NULL;

    for (size_t i = 0; mask != NULL && i < count; i++) {
        any |= mask[i] != 0;
        s[i] = mask[i] ? s[i] : -(nn_real)INFINITY;
    }
    if (any)
        nn_vec_softmax(s, s, 1, (int)count);
    else
        memset(s, 0, count * sizeof(*s));
}

/* Every step attends to those it may see. */
static void weigh(const pass *p, nn_real *s, const unsigned char *mask)
{
    const size_t steps = (size_t)p->steps;

    nn_vec_scale(s, s, scale_of(p), steps * steps);
    if (!p->conf->causal && mask == NULL) {
        nn_vec_softmax(s, s, steps, p->steps);
        return;
    }
    for (size_t t = 0; t < steps; t++, s += steps) {
        const size_t seen = p->conf->causal ? t + 1 : steps;

        weigh_row(s, mask, seen);
        memset(s + seen, 0, (steps - seen) * sizeof(*s));
    }
}

static void attend(void *context, int task, int worker)
{
    const pass *p = context;
    nn_real *s = p->p == NULL ? scratch_of(p, worker) : p->p + (size_t)task * square_of(p);
    const size_t sample = (size_t)(task / p->heads) * (size_t)p->steps;

    compare(p, head_of(p, p->part[QUERY], task), head_of(p, p->part[KEY], task), s);
    weigh(p, s, p->mask == NULL ? NULL : p->mask + sample);
    gather(p, s, false, head_of(p, p->part[VALUE], task), head_of(p, p->part[OUTPUT], task),
           p->width);
}

/* What the steps so far left of a sample. */
typedef struct past {
    nn_real *both;       /* [most][2][width]: keys and values */
    nn_real *scores;     /* [heads][most] */
    unsigned char *mask; /* [most] */
} past;

static past past_of(const pass *p, int sample)
{
    const size_t most = (size_t)p->most;
    nn_real *both = (void *)(p->past + (size_t)sample * most * past_bytes(p));
    nn_real *scores = both + most * 2 * (size_t)p->width;

    return (past){both, scores, (void *)(scores + most * (size_t)p->heads)};
}

static void remember(const pass *p)
{
    const size_t width = (size_t)p->width;

    for (int i = 0; i < p->n; i++) {
        const past own = past_of(p, i);
        nn_real *to = own.both + (size_t)p->position * 2 * width;

        memcpy(to, p->part[KEY] + (size_t)i * width, width * sizeof(*to));
        memcpy(to + width, p->part[VALUE] + (size_t)i * width, width * sizeof(*to));
        own.mask[p->position] = p->mask == NULL || p->mask[i];
    }
}

/* One head of one sample looks back from the newest step. */
static void look_back(void *context, int task, int worker)
{
    const pass *p = context;
    const past own = past_of(p, task / p->heads);
    const int count = p->position + 1;
    const nn_real *keys = own.both + (size_t)(task % p->heads) * (size_t)p->head;
    nn_real *s = own.scores + (size_t)(task % p->heads) * (size_t)p->most;

    (void)worker;
    nn_gemm_serial(&(nn_gemm){.m = 1,
                              .n = count,
                              .k = p->head,
                              .a = head_of(p, p->part[QUERY], task),
                              .b = keys,
                              .ldb = 2 * p->width,
                              .tb = true,
                              .c = s});
    nn_vec_scale(s, s, scale_of(p), (size_t)count);
    weigh_row(s, own.mask, (size_t)count);
    nn_gemm_serial(&(nn_gemm){.m = 1,
                              .n = p->head,
                              .k = count,
                              .a = s,
                              .b = keys + p->width,
                              .ldb = 2 * p->width,
                              .c = head_of(p, p->part[OUTPUT], task)});
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = make_pass(l, io->n);

    p.pool = io->pool;
    p.mask = io->mask[0];
    p.past = io->past;
    p.position = io->position;
    p.scratch = io->scratch;
    lay_parts(&p, io->training ? io->saved : io->work);
    p.p = io->training ? p.part[OUTPUT] + part_len(&p) : NULL;
    for (int i = QUERY; i <= VALUE; i++)
        project(&p, io->w, i, io->x[0], p.part[i]);
    if (p.past != NULL)
        remember(&p);
    nn_pool_run(io->pool, p.n * p.heads, p.past != NULL ? look_back : attend, &p);
    project(&p, io->w, OUTPUT, p.part[OUTPUT], io->y);
}

/* Gradient of a row before softmax and scaling, in place of that after; w: the row's weights. */
static NN_HOT void slope_row(nn_real *restrict ds, const nn_real *restrict w, nn_real mean,
                             nn_real scale, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds[i] = scale * w[i] * (ds[i] - mean);
}

/*
 * From the gradient of a head's output to those of its q, k and v, which take their places: each
 * value is used for the last time before it is overwritten.
 */
static void attend_back(void *context, int task, int worker)
{
    const pass *p = context;
    const size_t steps = (size_t)p->steps, head = (size_t)p->head, width = (size_t)p->width;
    const nn_real *w = p->p + (size_t)task * square_of(p);
    nn_real *q = head_of(p, p->part[QUERY], task), *k = head_of(p, p->part[KEY], task);
    nn_real *v = head_of(p, p->part[VALUE], task), *dy = head_of(p, p->dheads, task);
    nn_real *ds = scratch_of(p, worker), *dq = ds + square_of(p);

    compare(p, dy, v, ds);
    gather(p, w, true, dy, v, p->width);
    for (size_t t = 0; t < steps; t++) {
        const nn_real *row = w + t * steps;

        slope_row(ds + t * steps, row, (nn_real)nn_vec_dot(ds + t * steps, row, steps), scale_of(p),
                  steps);
    }
    gather(p, ds, false, k, dq, p->head);
    gather(p, ds, true, q, k, p->width);
    for (size_t t = 0; t < steps; t++)
        memcpy(q + t * width, dq + t * head, head * sizeof(*q));
}

/* Gradients of a projection's kernel and bias; x: what went in, dy: of what came out. */
static void find_gradients(const pass *p, nn_real *const *dw, int which, const nn_real *x,
                           const nn_real *dy)
{
    const int kernel = kernel_of(p, which), rows = p->n * p->steps;
    const int in = which == OUTPUT ? p->width : p->features;
    const int out = which == OUTPUT ? p->features : p->width;

    if (dw[kernel] != NULL)
        nn_gemm_run(
            p->pool,
            &(nn_gemm){.m = in, .n = out, .k = rows, .a = x, .ta = true, .b = dy, .c = dw[kernel]});
    if (p->conf->use_bias && dw[kernel + 1] != NULL)
        nn_colsum_run(p->pool, dy, rows, out, dw[kernel + 1]);
}

/* dx (+)= dy kernel^T. */
static void project_back(const pass *p, nn_real *const *w, int which, const nn_real *dy,
                         nn_real *dx, bool add)
{
    nn_gemm_run(p->pool, &(nn_gemm){.m = p->n * p->steps,
                                    .n = which == OUTPUT ? p->width : p->features,
                                    .k = which == OUTPUT ? p->features : p->width,
                                    .a = dy,
                                    .b = w[kernel_of(p, which)],
                                    .tb = true,
                                    .c = dx,
                                    .add = add});
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = make_pass(l, io->n);

    p.pool = io->pool;
    p.scratch = io->scratch;
    p.dheads = io->work;
    lay_parts(&p, io->saved);
    p.p = p.part[OUTPUT] + part_len(&p);
    find_gradients(&p, io->dw, OUTPUT, p.part[OUTPUT], io->dy);
    project_back(&p, io->w, OUTPUT, io->dy, p.dheads, false);
    nn_pool_run(io->pool, p.n * p.heads, attend_back, &p);
    for (int i = QUERY; i <= VALUE; i++) {
        find_gradients(&p, io->dw, i, io->x[0], p.part[i]);
        if (io->dx[0] != NULL)
            project_back(&p, io->w, i, p.part[i], io->dx[0], i > QUERY);
    }
}

const nn_layer_class nn_layer_multi_head_attention = {
    .kind = {"MultiHeadAttention", "Every step gathers from the steps that matter to it.", fields,
             sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward};
