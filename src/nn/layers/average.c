/* Average: the mean of inputs of equal shape. */
#include "merge.h"

static void forward_piece(const nn_merge *m, size_t begin, size_t end)
{
    nn_merge_sum(m, begin, end, (nn_real)1 / (nn_real)m->inputs);
}

static void backward_piece(const nn_merge *m, size_t begin, size_t end)
{
    nn_merge_spread(m, begin, end, (nn_real)1 / (nn_real)m->inputs);
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    nn_merge_forward(l, io, forward_piece);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    nn_merge_backward(l, io, backward_piece);
}

const nn_layer_class nn_layer_average = {
    .kind = {"Average", "The mean of inputs of equal shape.", NULL, 0},
    .min_inputs = 2,
    .max_inputs = NN_MAX_INPUTS,
    .plan = nn_merge_plan,
    .forward = forward,
    .backward = backward,
    .mask = nn_join_any};
