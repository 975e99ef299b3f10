/* AveragePooling1D: the mean value of each channel in windows over sequences. */
#include "pooling.h"

static const nn_field fields[] = {NN_POOLING_FIELDS_1D};

static nn_code plan(nn_layer *l, nn_err *err)
{
    return nn_average_pooling_plan(l, true, err);
}

const nn_layer_class nn_layer_average_pooling1d = {
    .kind = {"AveragePooling1D", "The mean value of each channel in windows over sequences.",
             fields, sizeof(nn_pooling)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = nn_pooling_parse_1d,
    .plan = plan,
    .forward = nn_average_pooling_forward,
    .backward = nn_average_pooling_backward};
