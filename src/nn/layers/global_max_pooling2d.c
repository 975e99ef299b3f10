/* GlobalMaxPooling2D: the largest value of each channel in the whole image. */
#include "global_pooling.h"

static nn_code plan(nn_layer *l, nn_err *err)
{
    return nn_global_max_plan(l, false, err);
}

const nn_layer_class nn_layer_global_max_pooling2d = {
    .kind = {"GlobalMaxPooling2D", "The largest value of each channel in the whole image.", NULL,
             0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = nn_global_max_forward,
    .backward = nn_global_max_backward};
