/* Add: the sum of inputs of equal shape. */
#include "merge.h"

static void forward_piece(const nn_merge *m, size_t begin, size_t end)
{
    nn_merge_sum(m, begin, end, 1);
}

static void backward_piece(const nn_merge *m, size_t begin, size_t end)
{
    nn_merge_spread(m, begin, end, 1);
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    nn_merge_forward(l, io, forward_piece);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    nn_merge_backward(l, io, backward_piece);
}

const nn_layer_class nn_layer_add = {.kind = {"Add", "The sum of inputs of equal shape.", NULL, 0},
                                     .min_inputs = 2,
                                     .max_inputs = NN_MAX_INPUTS,
                                     .plan = nn_merge_plan,
                                     .forward = forward,
                                     .backward = backward,
                                     .mask = nn_join_any};
