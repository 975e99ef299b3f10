/* Recall: how many of a class are found. */
#include "nn/metric_parts.h"

static double score(const nn_class_count *c)
{
    return c->truth > 0 ? c->both / c->truth : 0;
}

static double value(const void *conf, void *state)
{
    (void)conf;
    return nn_class_counts_mean((const nn_class_counts *)state, score);
}

const nn_metric_class nn_metric_recall = {
    .kind = {"recall", "of those in a class, the share that is found; the mean over classes", NULL,
             0},
    .higher_is_better = true,
    .for_classes = true,
    .state_size = nn_class_counts_size,
    .start = nn_class_counts_start,
    .add = nn_class_counts_add,
    .value = value,
    .holds = nn_class_counts_hold,
};
