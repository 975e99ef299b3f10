/* MaxPooling2D: the largest value of each channel in windows over images. */
#include "pooling.h"

static const nn_field fields[] = {NN_POOLING_FIELDS_2D};

static nn_code plan(nn_layer *l, nn_err *err)
{
    return nn_max_pooling_plan(l, false, err);
}

const nn_layer_class nn_layer_max_pooling2d = {
    .kind = {"MaxPooling2D", "The largest value of each channel in windows over images.", fields,
             sizeof(nn_pooling)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = nn_pooling_parse_2d,
    .plan = plan,
    .forward = nn_max_pooling_forward,
    .backward = nn_max_pooling_backward};
