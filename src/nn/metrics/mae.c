/* Mean absolute error as a metric. */
#include "nn/metric_parts.h"

#include <math.h>

static void add(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                int width)
{
    nn_tally *const tally = (nn_tally *)state;

    (void)conf;
    for (size_t i = 0; i < (size_t)n; i++) {
        const double share = nn_target_share(t, i);

        for (int j = 0; j < width; j++)
            tally->sum +=
                share * fabs((double)y[i * (size_t)width + (size_t)j] - nn_target_at(t, i, j));
        tally->seen += share * width;
    }
}

const nn_metric_class nn_metric_mae = {
    .kind = {"mae", "mean absolute error", NULL, 0},
    .for_classes = true,
    .for_numbers = true,
    .state_size = nn_tally_size,
    .start = nn_tally_start,
    .add = add,
    .value = nn_tally_value,
};
