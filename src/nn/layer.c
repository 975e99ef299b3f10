/* What layer kinds share: declaring weights, the fused activation. */
#include "nn/layer.h"

#include <assert.h>
#include <limits.h>

static const nn_field penalty_fields[] = {{.key = "l1",
                                           .type = NN_FIELD_NUM,
                                           .at = offsetof(nn_penalty, l1),
                                           .fallback = "0",
                                           .range = "[0,]",
                                           .help = "Times the sum of the absolute values."},
                                          {.key = "l2",
                                           .type = NN_FIELD_NUM,
                                           .at = offsetof(nn_penalty, l2),
                                           .fallback = "0",
                                           .range = "[0,]",
                                           .help = "Times the sum of the squares."},
                                          {0}};

const nn_table nn_penalty_table = {"penalty", "What large weights add to the loss.",
                                   penalty_fields};

/* The matrix that a weight is for an initializer: its leading dimensions together, and the last. */
static void set_matrix(nn_weight *w)
{
    const size_t cols = (size_t)nn_shape_last(&w->shape);
    const size_t rows = w->size.count / cols;

    w->size.cols = (int)cols;
    w->size.rows = rows <= INT_MAX ? (int)rows : 0;
}

nn_weight *nn_layer_weight(nn_layer *l, const char *name, nn_shape shape, const nn_choice *init,
                           int fan_in, int fan_out)
{
    nn_weight *w = &l->weight[l->weights];

    assert(l->weights < NN_MAX_WEIGHTS);
    l->weights++;
    *w = (nn_weight){.name = name, .shape = shape, .init = *init};
    w->size.fan_in = fan_in;
    w->size.fan_out = fan_out;
    if (nn_shape_len_checked(&shape, SIZE_MAX / sizeof(nn_real), &w->size.count))
        set_matrix(w);
    return w;
}

void nn_layer_each_step(nn_layer *l)
{
    if (l->in[0].rank < 2)
        return;
    l->sight = NN_SEES_EACH;
    l->mask_out = l->mask_in[0];
}

nn_code nn_layer_plan_inner(nn_layer *l, int i, nn_shape in, nn_err *err)
{
    nn_layer *inner = l->inner[i];

    inner->index = l->index;
    inner->inputs = 1;
    inner->from[0] = l->from[0];
    inner->source[0] = l->source[0];
    inner->in[0] = in;
    inner->mask_in[0] = nn_shape_equal(&in, &l->in[0]) ? l->mask_in[0] : -1; /* not of a step */
    inner->mask_out = -1;
    NN_TRY(inner->class->plan(inner, err));
    inner->gives = inner->out;
    inner->scratch_bytes = nn_line_bytes(inner->scratch_bytes);
    return NN_OK;
}

void nn_layer_adopt(nn_layer *l, int i, const char *const *names)
{
    const nn_layer *inner = l->inner[i];

    assert(l->weights + inner->weights <= NN_MAX_WEIGHTS);
    for (int k = 0; k < inner->weights; k++) {
        nn_weight *w = &l->weight[l->weights++];

        *w = inner->weight[k];
        if (names != NULL)
            w->name = names[k];
    }
}

/* What the tasks of an activation share. */
typedef struct pass {
    const nn_activation *act;
    const void *conf;
    const nn_real *z;    /* [rows][width] */
    const nn_real *from; /* y, for backward */
    nn_real *to;         /* y, or dy */
    int width;
} pass;

static void forward_rows(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const size_t at = begin * (size_t)p->width;

    p->act->forward(p->conf, p->z + at, p->to + at, end - begin, p->width);
}

static void backward_rows(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const size_t at = begin * (size_t)p->width;

    p->act->backward(p->conf, p->z == NULL ? NULL : p->z + at, p->from + at, p->to + at, p->to + at,
                     end - begin, p->width);
}

static void run_pass(const nn_layer *l, nn_pool *pool, int n, pass *p, nn_rows_fn *fn)
{
    p->act = nn_activation_of(&l->act);
    p->conf = &l->act.conf;
    p->width = nn_shape_last(&l->out);

    const size_t rows = (size_t)n * nn_shape_len(&l->out) / (size_t)p->width;

    nn_rows_run(pool, rows, (size_t)p->width, fn, p);
}

void nn_layer_activate(const nn_layer *l, nn_pool *pool, const nn_real *z, nn_real *y, int n)
{
    pass p = {.z = z, .to = y};

    if (y != z || !nn_activation_is_linear(&l->act))
        run_pass(l, pool, n, &p, forward_rows);
}

void nn_layer_activate_back(const nn_layer *l, nn_pool *pool, const nn_real *z, const nn_real *y,
                            nn_real *dy, int n)
{
    pass p = {.z = z, .from = y, .to = dy};

    if (!nn_activation_is_linear(&l->act))
        run_pass(l, pool, n, &p, backward_rows);
}
