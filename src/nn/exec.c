/* Runs a graph in memory that was planned and allocated before. */
#include "nn/exec.h"

#include "base/mem.h"
#include "map.h"
#include "math/vec.h"
#include "past.h"

#include <assert.h>
#include <string.h>

struct nn_exec {
    const nn_graph *g;
    nn_map map;
    nn_pool *pool;
    nn_real *weights;
    int max_batch;
    nn_exec_mode mode;
    uint64_t seed;

    unsigned char *activations;
    unsigned char *saved;
    void *scratch;
    nn_real *gradients;
    unsigned char *masks;

    const nn_real *x; /* of the last forward */
    uint64_t step;
    const nn_watch *watch; /* or NULL */
    const nn_past *past;   /* or NULL */
    nn_real *dx;           /* where the user wants the input's gradient; NULL: nowhere */
};

nn_code nn_exec_plan(const nn_graph *g, int max_batch, int threads, nn_exec_mode mode,
                     nn_exec_memory *out, nn_err *err)
{
    nn_map map = {0};
    const nn_code rc = nn_map_new(&map, g, max_batch, threads, mode, err);

    *out = map.memory;
    nn_map_free(&map);
    return rc;
}

/* No memory where there is nothing to hold. */
static nn_code reserve(void *out, const char *what, size_t bytes, nn_err *err)
{
    void *const block = bytes > 0 ? nn_alloc(1, bytes) : NULL;

    if (bytes > 0 && block == NULL)
        return nn_err_memory(err, what, bytes);
    memcpy(out, &block, sizeof(block));
    return NN_OK;
}

static nn_code allocate(nn_exec *e, nn_err *err)
{
    const nn_exec_memory *m = &e->map.memory;

    NN_TRY(reserve(&e->activations, "activations", m->activations, err));
    NN_TRY(reserve(&e->saved, "what layers save", m->saved, err));
    NN_TRY(reserve(&e->scratch, "scratch", m->scratch, err));
    NN_TRY(reserve(&e->masks, "masks", m->masks, err));
    return reserve(&e->gradients, "gradients", m->gradients, err);
}

nn_code nn_exec_new(nn_exec **out, const nn_graph *g, nn_real *weights, nn_pool *pool,
                    int max_batch, nn_exec_mode mode, uint64_t seed, nn_err *err)
{
    nn_exec *e = nn_alloc(1, sizeof(*e));
    nn_code rc = NN_OK;

    if (e == NULL)
        return nn_err_memory(err, "an exec", sizeof(*e));
    *e = (nn_exec){.g = g,
                   .pool = pool,
                   .weights = weights,
                   .max_batch = max_batch,
                   .mode = mode,
                   .seed = seed};
    if ((rc = nn_map_new(&e->map, g, max_batch, nn_pool_threads(pool), mode, err)) != NN_OK ||
        (rc = allocate(e, err)) != NN_OK) {
        nn_exec_free(e);
        return rc;
    }
    *out = e;
    return NN_OK;
}

void nn_exec_free(nn_exec *e)
{
    if (e == NULL)
        return;
    nn_map_free(&e->map);
    nn_free(e->activations);
    nn_free(e->saved);
    nn_free(e->scratch);
    nn_free(e->gradients);
    nn_free(e->masks);
    nn_free(e);
}

static nn_real *at(const nn_exec *e, size_t bytes)
{
    return (nn_real *)(void *)(e->activations + bytes);
}

/* The numbers of a root: a layer's output, or the graph's input. */
static const nn_real *value_of(const nn_exec *e, int root)
{
    return root < 0 ? e->x : at(e, e->map.cell[root].y);
}

static void *saved_of(const nn_exec *e, const nn_layer *l)
{
    const bool saves = l->saved_per_sample > 0 || l->saved_fixed > 0;

    return e->mode == NN_TRAIN && saves ? e->saved + e->map.cell[l->index].saved : NULL;
}

/* The mask that a layer makes; NULL: -1 makes none. */
static unsigned char *mask_of(const nn_exec *e, int maker)
{
    return maker < 0 ? NULL : e->masks + e->map.cell[maker].mask;
}

/* Pointers to a layer's inputs and weights, as forward and backward get them. */
typedef struct hands {
    const nn_real *x[NN_MAX_INPUTS];
    const unsigned char *mask[NN_MAX_INPUTS];
    nn_real *w[NN_MAX_WEIGHTS];
} hands;

static void fill_hands(const nn_exec *e, const nn_layer *l, hands *h)
{
    const nn_edge *edge = &e->map.edge[e->map.cell[l->index].edge];

    for (int i = 0; i < l->inputs; i++) {
        h->x[i] = value_of(e, edge[i].root);
        h->mask[i] = mask_of(e, l->mask_in[i]);
    }
    for (int i = 0; i < l->weights; i++)
        h->w[i] = e->weights + l->weight[i].at;
}

/* Behind the scratch of all workers. */
static void *work_of(const nn_exec *e, const nn_layer *l)
{
    const size_t at = l->scratch_bytes * (size_t)nn_pool_threads(e->pool);

    return e->scratch == NULL ? NULL : (unsigned char *)e->scratch + at;
}

void nn_exec_take_past(nn_exec *e, const nn_past *past)
{
    e->past = past;
}

/* What the steps before left to a layer, and where it stands in time. */
static void *past_of(const nn_exec *e, const nn_layer *l, int *position)
{
    const nn_moment *moment = e->past == NULL ? NULL : &e->past->layer[l->index];
    const bool steps = moment != NULL && moment->in_time;

    *position = steps ? e->past->position : 0;
    return steps && l->past_bytes > 0 ? e->past->bytes + moment->past : NULL;
}

static void forward_layer(const nn_exec *e, const nn_layer *l, int n, bool training)
{
    nn_real *y = at(e, e->map.cell[l->index].y);
    hands h;

    fill_hands(e, l, &h);
    if (l->is_view) { /* one that could not share */
        memcpy(y, h.x[0], (size_t)n * nn_shape_len(&l->out) * sizeof(*y));
        return;
    }

    nn_fwd io = {.pool = e->pool,
                 .n = n,
                 .training = training,
                 .seed = e->seed,
                 .step = e->step,
                 .x = h.x,
                 .mask = h.mask,
                 .mask_out = mask_of(e, l->mask_out),
                 .y = y,
                 .w = h.w,
                 .saved = saved_of(e, l),
                 .scratch = e->scratch,
                 .work = work_of(e, l)};

    io.past = past_of(e, l, &io.position);
    if (l->mask_out == l->index)
        l->class->mask(l, &io, mask_of(e, l->index));
    l->class->forward(l, &io);
}

nn_real *nn_exec_forward(nn_exec *e, const nn_real *x, int n, bool training, uint64_t step)
{
    const int count = e->g->count;

    assert(n >= 1 && n <= e->max_batch && (e->mode == NN_TRAIN || !training));
    e->x = x;
    e->step = step;
    for (int i = 0; i < count; i++) {
        if (e->map.cell[i].root != i)
            continue;
        forward_layer(e, e->g->layer[i], n, training);
        nn_watch_tell(e->watch, NN_STAGE_FORWARD, i);
    }
    return at(e, e->map.cell[e->map.cell[count - 1].root].y);
}

nn_real *nn_exec_dy(nn_exec *e)
{
    assert(e->mode == NN_TRAIN);
    return at(e, e->map.cell[e->map.cell[e->g->count - 1].root].dy);
}

/* Does anything need the gradient of this root? */
static bool is_wanted(const nn_exec *e, int root)
{
    return e->dx != NULL || (root >= 0 && e->map.cell[root].moves);
}

/* Where the gradient of a root is summed. */
static nn_real *gradient_of(const nn_exec *e, int root)
{
    return root < 0 ? e->dx : at(e, e->map.cell[root].dy);
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

/* Adds what a layer wrote aside to the gradients it belongs to. */
static void add_branches(const nn_exec *e, const nn_layer *l, int n, nn_real *const *dx)
{
    const nn_edge *edge = &e->map.edge[e->map.cell[l->index].edge];

    for (int i = 0; i < l->inputs; i++) {
        sum s = {gradient_of(e, edge[i].root), dx[i]};

        if (dx[i] != NULL && edge[i].adds)
            nn_rows_run(e->pool, (size_t)n * nn_shape_len(&l->in[i]), 1, add_piece, &s);
    }
}

static void backward_layer(const nn_exec *e, const nn_layer *l, int n)
{
    const nn_cell *cell = &e->map.cell[l->index];
    nn_real *dx[NN_MAX_INPUTS], *dw[NN_MAX_WEIGHTS];
    hands h;

    fill_hands(e, l, &h);
    for (int i = 0; i < l->inputs; i++) {
        const nn_edge *edge = &e->map.edge[cell->edge + i];
        nn_real *const to = edge->adds ? at(e, edge->dx) : gradient_of(e, edge->root);

        dx[i] = is_wanted(e, edge->root) ? to : NULL;
    }
    for (int i = 0; i < l->weights; i++)
        dw[i] = l->weight[i].trainable ? e->gradients + l->weight[i].at : NULL;
    if (!l->is_view)
        l->class->backward(l, &(nn_bwd){.pool = e->pool,
                                        .n = n,
                                        .seed = e->seed,
                                        .step = e->step,
                                        .x = h.x,
                                        .mask = h.mask,
                                        .mask_out = mask_of(e, l->mask_out),
                                        .y = at(e, cell->y),
                                        .w = h.w,
                                        .dy = at(e, cell->dy),
                                        .dx = dx,
                                        .dw = dw,
                                        .saved = saved_of(e, l),
                                        .scratch = e->scratch,
                                        .work = work_of(e, l)});
    else if (dx[0] != NULL)
        memcpy(dx[0], at(e, cell->dy), (size_t)n * nn_shape_len(&l->out) * sizeof(*dx[0]));
    add_branches(e, l, n, dx);
}

void nn_exec_backward(nn_exec *e, int n)
{
    assert(e->mode == NN_TRAIN && n >= 1 && n <= e->max_batch);
    for (int i = e->g->count - 1; i >= 0; i--) {
        if (e->map.cell[i].root != i || !is_wanted(e, i))
            continue;
        backward_layer(e, e->g->layer[i], n);
        nn_watch_tell(e->watch, NN_STAGE_BACKWARD, i);
    }
}

nn_real *nn_exec_gradients(nn_exec *e)
{
    return e->gradients;
}

void nn_exec_want_input_gradient(nn_exec *e, nn_real *dx)
{
    e->dx = dx;
}

void nn_exec_watch(nn_exec *e, const nn_watch *watch)
{
    e->watch = watch;
}

double nn_exec_backward_flops(const nn_exec *e, int layer)
{
    const nn_layer *l = e->g->layer[layer];
    const nn_edge *edge = &e->map.edge[e->map.cell[layer].edge];
    bool weights = false, inputs = false;

    if (e->mode != NN_TRAIN || !is_wanted(e, layer))
        return 0;
    for (int i = 0; i < l->weights; i++)
        weights = weights || l->weight[i].trainable;
    for (int i = 0; i < l->inputs; i++)
        inputs = inputs || is_wanted(e, edge[i].root);
    return l->flops * weights + (inputs ? l->flops : l->flops_within);
}

const unsigned char *nn_exec_mask(const nn_exec *e)
{
    return mask_of(e, e->g->layer[e->g->count - 1]->mask_out);
}

const nn_real *nn_exec_output(const nn_exec *e, int layer)
{
    return value_of(e, e->map.cell[layer].root);
}

size_t nn_exec_output_len(const nn_exec *e, int layer)
{
    const int root = e->map.cell[layer].root;

    return nn_shape_len(root < 0 ? &e->g->in : &e->g->layer[root]->gives);
}

int nn_exec_first_nonfinite(const nn_exec *e, int n)
{
    for (int i = 0; i < e->g->count; i++) {
        if (!nn_vec_finite(nn_exec_output(e, i), (size_t)n * nn_exec_output_len(e, i)))
            return i;
    }
    return -1;
}
