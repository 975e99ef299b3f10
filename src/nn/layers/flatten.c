/* Flatten: a sample as one row of numbers. */
#include "nn/layer.h"

static nn_code plan(nn_layer *l, nn_err *err)
{
    (void)err; /* every shape will do */
    l->out = nn_shape_1((int)nn_shape_len(&l->in[0]));
    l->is_view = true;
    return NN_OK;
}

const nn_layer_class nn_layer_flatten = {
    .kind = {"Flatten", "A sample as one row of numbers.", NULL, 0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan};
