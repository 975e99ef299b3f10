/* GlobalMaxPooling1D: the largest value of each channel in the whole sequence. */
#include "global_pooling.h"

static nn_code plan(nn_layer *l, nn_err *err)
{
    return nn_global_max_plan(l, true, err);
}

const nn_layer_class nn_layer_global_max_pooling1d = {
    .kind = {"GlobalMaxPooling1D", "The largest value of each channel in the whole sequence.", NULL,
             0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = nn_global_max_forward,
    .backward = nn_global_max_backward};
