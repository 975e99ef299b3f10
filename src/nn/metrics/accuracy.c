/* Accuracy: the share of right answers. */
#include "nn/metric_parts.h"

/* Of a multilabel sample, the share of its outputs that are right. */
static double right_outputs(const nn_real *y, const nn_target *t, size_t i, int width)
{
    int right = 0;

    for (int j = 0; j < width; j++)
        right += (y[j] > (nn_real)0.5) == (nn_target_at(t, i, j) > (nn_real)0.5);
    return (double)right / width;
}

static void add(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                int width)
{
    nn_tally *const tally = (nn_tally *)state;

    (void)conf;
    for (size_t i = 0; i < (size_t)n; i++) {
        const nn_real *const row = y + i * (size_t)width;
        const double share = nn_target_share(t, i);

        if (t->label == NULL)
            tally->sum += share * right_outputs(row, t, i, width);
        else if (nn_predicted_class(row, width) == t->label[i])
            tally->sum += share;
        tally->seen += share;
    }
}

const nn_metric_class nn_metric_accuracy = {
    .kind = {"accuracy", "share of right answers; multilabel: the mean over the outputs", NULL, 0},
    .higher_is_better = true,
    .for_classes = true,
    .state_size = nn_tally_size,
    .start = nn_tally_start,
    .add = add,
    .value = nn_tally_value,
};
