/* TimeDistributed: the same inner layer on every step, as if each were a sample of its own. */
#include "nn/layer.h"

#include "base/mem.h"

typedef struct conf {
    nn_node layer;
} conf;

static const nn_field fields[] = {
    NN_INNER_LAYER(conf, layer,
                   "The layer, for one step, without name, trainable, inputs and weights."),
    {0}};

static nn_shape without_steps(const nn_shape *in)
{
    nn_shape step = {.rank = in->rank - 1};

    for (int i = 0; i < step.rank; i++)
        step.dim[i] = in->dim[i + 1];
    return step;
}

static nn_code with_steps(nn_shape *out, const nn_shape *step, int steps, nn_err *err)
{
    char text[NN_SHAPE_TEXT];

    if (step->rank == NN_MAX_RANK)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "TimeDistributed cannot add the steps to the shape %s",
                          nn_shape_text(text, step));
    *out = (nn_shape){.rank = step->rank + 1, .dim = {steps}};
    for (int i = 0; i < step->rank; i++)
        out->dim[i + 1] = step->dim[i];
    return NN_OK;
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    const nn_layer *inner = l->inner[0];
    const int steps = l->in[0].dim[0];
    char text[NN_SHAPE_TEXT];

    if (l->in[0].rank < 1)
        return nn_err_set(err, NN_ECONFIG, NULL, "TimeDistributed needs steps, got the shape %s",
                          nn_shape_text(text, &l->in[0]));
    NN_TRY(nn_layer_plan_inner(l, 0, without_steps(&l->in[0]), err));
    NN_TRY(with_steps(&l->out, &inner->out, steps, err));
    if (inner->mask_out >= 0)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "TimeDistributed cannot hand on the mask that %s makes of every step",
                          inner->class->kind.name);
    l->sight = NN_SEES_EACH;
    l->mask_out = l->mask_in[0];
    nn_layer_adopt(l, 0, NULL);
    l->is_view = inner->is_view;
    l->is_identity_in_eval = inner->is_identity_in_eval;
    if (!nn_mul_size((size_t)steps, inner->saved_per_sample, &l->saved_per_sample) ||
        !nn_mul_size((size_t)steps, inner->work_per_sample, &l->work_per_sample))
        return nn_err_set(err, NN_ECONFIG, NULL, "TimeDistributed over %d steps is too large",
                          steps);
    l->saved_fixed = inner->saved_fixed;
    l->scratch_bytes = inner->scratch_bytes;
    l->work_fixed = inner->work_fixed;
    l->flops = steps * inner->flops;
    l->flops_within = steps * inner->flops_within;
    return NN_OK;
}

/* The mask is of the steps, and an inner layer sees one step only. */
static const unsigned char *const no_mask[1] = {NULL};

static void forward(const nn_layer *l, const nn_fwd *io)
{
    nn_fwd all = *io;

    all.n = io->n * l->in[0].dim[0];
    all.mask = no_mask;
    all.mask_out = NULL;
    l->inner[0]->class->forward(l->inner[0], &all);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    nn_bwd all = *io;

    all.n = io->n * l->in[0].dim[0];
    all.mask = no_mask;
    all.mask_out = NULL;
    l->inner[0]->class->backward(l->inner[0], &all);
}

const nn_layer_class nn_layer_time_distributed = {
    .kind = {"TimeDistributed", "The same layer on every step.", fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .inner = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward};
