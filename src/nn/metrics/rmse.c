/* Root of the mean squared error: an error in the unit of the targets. */
#include "nn/metric_parts.h"

#include <math.h>

static double value(const void *conf, void *state)
{
    return sqrt(nn_tally_value(conf, state));
}

const nn_metric_class nn_metric_rmse = {
    .kind = {"rmse", "root of the mean squared error", NULL, 0},
    .for_classes = true,
    .for_numbers = true,
    .state_size = nn_tally_size,
    .start = nn_tally_start,
    .add = nn_tally_squares,
    .value = value,
};
