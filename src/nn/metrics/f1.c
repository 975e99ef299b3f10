/* F1: the harmonic mean of precision and recall. */
#include "nn/metric_parts.h"

static double score(const nn_class_count *c)
{
    return 2 * c->both / (c->truth + c->said); /* classes never met do not come */
}

static double value(const void *conf, void *state)
{
    (void)conf;
    return nn_class_counts_mean((const nn_class_counts *)state, score);
}

const nn_metric_class nn_metric_f1 = {
    .kind = {"f1", "2 precision recall / (precision + recall) of a class; the mean over classes",
             NULL, 0},
    .higher_is_better = true,
    .for_classes = true,
    .state_size = nn_class_counts_size,
    .start = nn_class_counts_start,
    .add = nn_class_counts_add,
    .value = value,
    .holds = nn_class_counts_hold,
};
