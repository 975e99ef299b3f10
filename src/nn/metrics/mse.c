/* Mean squared error as a metric. */
#include "nn/metric_parts.h"

const nn_metric_class nn_metric_mse = {
    .kind = {"mse", "mean squared error", NULL, 0},
    .for_classes = true,
    .for_numbers = true,
    .state_size = nn_tally_size,
    .start = nn_tally_start,
    .add = nn_tally_squares,
    .value = nn_tally_value,
};
