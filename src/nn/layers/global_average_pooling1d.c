/* GlobalAveragePooling1D: the mean of each channel over the whole sequence. */
#include "global_pooling.h"

static nn_code plan(nn_layer *l, nn_err *err)
{
    return nn_global_pooling_plan(l, true, err);
}

const nn_layer_class nn_layer_global_average_pooling1d = {
    .kind = {"GlobalAveragePooling1D", "The mean of each channel over the whole sequence.", NULL,
             0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = nn_global_average_forward,
    .backward = nn_global_average_backward};
