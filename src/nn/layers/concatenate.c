/* Concatenate: inputs side by side along one dimension. */
#include "join_masks.h"

#include <limits.h>
#include <string.h>

typedef struct conf {
    int axis;
} conf;

static const nn_field fields[] = {
    {.key = "axis",
     .type = NN_FIELD_INT,
     .at = offsetof(conf, axis),
     .fallback = "-1",
     .range = "[-8,8]",
     .help = "The dimension: 1 is the first of a sample (0 would be the batch), -1 the last."},
    {0}};

static void parse(nn_layer *l, nn_node node)
{
    if (((const conf *)l->conf)->axis == 0)
        nn_node_fault(nn_node_get(node, "axis"), NULL,
                      "axis 0 is the batch; a sample's dimensions count from 1");
}

/* The dimension of a sample that `axis` means; outside 0..rank-1 when there is none. */
static int dimension(const nn_layer *l)
{
    const int axis = ((const conf *)l->conf)->axis;

    return axis < 0 ? axis + l->in[0].rank : axis - 1;
}

static bool fit(const nn_shape *a, const nn_shape *b, int axis)
{
    nn_shape c = *b;

    if (a->rank == b->rank)
        c.dim[axis] = a->dim[axis];
    return nn_shape_equal(a, &c);
}

/* One after the other in time, or side by side. */
static void plan_mask(nn_layer *l, int axis)
{
    if (axis > 0)
        nn_layer_each_step(l);
    nn_join_plan_all(l);
    if (axis == 0 && l->mask_out >= 0)
        l->mask_out = l->index;
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    const int axis = dimension(l);
    char first[NN_SHAPE_TEXT], other[NN_SHAPE_TEXT];
    size_t total = 0;

    if (axis < 0 || axis >= l->in[0].rank)
        return nn_err_set(err, NN_ECONFIG, NULL, "Concatenate: %s has no axis %d",
                          nn_shape_text(first, &l->in[0]), ((const conf *)l->conf)->axis);
    for (int i = 0; i < l->inputs; i++) {
        if (!fit(&l->in[0], &l->in[i], axis))
            return nn_err_set(
                err, NN_ECONFIG, NULL,
                "Concatenate: inputs \"%s\" %s and \"%s\" %s must agree except in dimension %d",
                l->source[0], nn_shape_text(first, &l->in[0]), l->source[i],
                nn_shape_text(other, &l->in[i]), axis + 1);
        total += (size_t)l->in[i].dim[axis];
    }
    if (total > INT_MAX)
        return nn_err_set(err, NN_ECONFIG, NULL, "Concatenate: the output is too large");
    l->out = l->in[0];
    l->out.dim[axis] = (int)total;
    plan_mask(l, axis);
    return NN_OK;
}

/* Numbers of `s` in one piece: those of the concatenated dimension and behind it. */
static size_t piece_of(const nn_shape *s, int axis)
{
    size_t len = 1;

    for (int i = axis; i < s->rank; i++)
        len *= (size_t)s->dim[i];
    return len;
}

/* Rows [piece of input 0 | piece of input 1 | ...], which are joined or cut apart again. */
typedef struct pass {
    const nn_layer *layer;
    const nn_real *const *x;
    nn_real *y;
    const nn_real *dy;
    nn_real *const *dx;
} pass;

static void join_rows(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const int axis = dimension(p->layer);
    nn_real *to = p->y + begin * piece_of(&p->layer->out, axis);

    for (size_t r = begin; r < end; r++) {
        for (int i = 0; i < p->layer->inputs; i++) {
            const size_t len = piece_of(&p->layer->in[i], axis);

            memcpy(to, p->x[i] + r * len, len * sizeof(*to));
            to += len;
        }
    }
}

static void cut_rows(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const int axis = dimension(p->layer);
    const nn_real *from = p->dy + begin * piece_of(&p->layer->out, axis);

    for (size_t r = begin; r < end; r++) {
        for (int i = 0; i < p->layer->inputs; i++) {
            const size_t len = piece_of(&p->layer->in[i], axis);

            if (p->dx[i] != NULL)
                memcpy(p->dx[i] + r * len, from, len * sizeof(*from));
            from += len;
        }
    }
}

static void run(const nn_layer *l, nn_pool *pool, int n, pass *p, nn_rows_fn *fn)
{
    const size_t width = piece_of(&l->out, dimension(l));

    p->layer = l;
    nn_rows_run(pool, (size_t)n * nn_shape_len(&l->out) / width, width, fn, p);
}

/* The masks of sequences that follow each other; where there is none, all steps count. */
static void mask(const nn_layer *l, const nn_fwd *io, unsigned char *to)
{
    if (dimension(l) > 0) {
        nn_join_all(l, io, to);
        return;
    }
    for (size_t sample = 0; sample < (size_t)io->n; sample++) {
        for (int i = 0; i < l->inputs; i++) {
            const size_t steps = (size_t)l->in[i].dim[0];

            if (io->mask[i] != NULL)
                memcpy(to, io->mask[i] + sample * steps, steps);
            else
                memset(to, 1, steps);
            to += steps;
        }
    }
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = {.x = io->x, .y = io->y};

    run(l, io->pool, io->n, &p, join_rows);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = {.dy = io->dy, .dx = io->dx};

    run(l, io->pool, io->n, &p, cut_rows);
}

const nn_layer_class nn_layer_concatenate = {
    .kind = {"Concatenate", "Inputs side by side along one dimension.", fields, sizeof(conf)},
    .min_inputs = 2,
    .max_inputs = NN_MAX_INPUTS,
    .parse = parse,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .mask = mask};
