/* GlobalAveragePooling2D: the mean of each channel over the whole image. */
#include "global_pooling.h"

static nn_code plan(nn_layer *l, nn_err *err)
{
    return nn_global_pooling_plan(l, false, err);
}

const nn_layer_class nn_layer_global_average_pooling2d = {
    .kind = {"GlobalAveragePooling2D", "The mean of each channel over the whole image.", NULL, 0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = nn_global_average_forward,
    .backward = nn_global_average_backward};
