/* Merging equal shapes: the check, and the cutting into tasks. */
#include "merge.h"

#include "math/vec.h"

nn_code nn_merge_plan(nn_layer *l, nn_err *err)
{
    char first[NN_SHAPE_TEXT], other[NN_SHAPE_TEXT];

    for (int i = 1; i < l->inputs; i++) {
        if (!nn_shape_equal(&l->in[0], &l->in[i]))
            return nn_err_set(err, NN_ECONFIG, NULL,
                              "%s: inputs \"%s\" %s and \"%s\" %s must have the same shape",
                              l->class->kind.name, l->source[0], nn_shape_text(first, &l->in[0]),
                              l->source[i], nn_shape_text(other, &l->in[i]));
    }
    l->out = l->in[0];
    nn_layer_each_step(l);
    nn_join_plan_any(l);
    l->flops = (double)(l->inputs - 1) * (double)nn_shape_len(&l->out);
    return NN_OK;
}

typedef struct job {
    nn_merge merge;
    nn_merge_fn *fn;
} job;

static void run_piece(void *context, size_t begin, size_t end)
{
    const job *j = context;

    j->fn(&j->merge, begin, end);
}

void nn_merge_forward(const nn_layer *l, const nn_fwd *io, nn_merge_fn *fn)
{
    job j = {{.inputs = l->inputs, .x = io->x, .y = io->y}, fn};

    nn_rows_run(io->pool, (size_t)io->n * nn_shape_len(&l->out), 1, run_piece, &j);
}

void nn_merge_backward(const nn_layer *l, const nn_bwd *io, nn_merge_fn *fn)
{
    job j = {{.inputs = l->inputs, .x = io->x, .dy = io->dy, .dx = io->dx}, fn};

    nn_rows_run(io->pool, (size_t)io->n * nn_shape_len(&l->out), 1, run_piece, &j);
}

void nn_merge_sum(const nn_merge *m, size_t begin, size_t end, nn_real factor)
{
    const size_t len = end - begin;
    nn_real *y = m->y + begin;

    nn_vec_add(y, m->x[0] + begin, m->x[1] + begin, len);
    for (int i = 2; i < m->inputs; i++)
        nn_vec_add(y, y, m->x[i] + begin, len);
    if (factor != 1)
        nn_vec_scale(y, y, factor, len);
}

void nn_merge_spread(const nn_merge *m, size_t begin, size_t end, nn_real factor)
{
    for (int i = 0; i < m->inputs; i++) {
        if (m->dx[i] != NULL)
            nn_vec_scale(m->dx[i] + begin, m->dy + begin, factor, end - begin);
    }
}
