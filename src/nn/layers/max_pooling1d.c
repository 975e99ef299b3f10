/* MaxPooling1D: the largest value of each channel in windows over sequences. */
#include "pooling.h"

static const nn_field fields[] = {NN_POOLING_FIELDS_1D};

static nn_code plan(nn_layer *l, nn_err *err)
{
    return nn_max_pooling_plan(l, true, err);
}

const nn_layer_class nn_layer_max_pooling1d = {
    .kind = {"MaxPooling1D", "The largest value of each channel in windows over sequences.", fields,
             sizeof(nn_pooling)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = nn_pooling_parse_1d,
    .plan = plan,
    .forward = nn_max_pooling_forward,
    .backward = nn_max_pooling_backward};
