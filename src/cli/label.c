/* Names of scores. */
#include "cli/label.h"

#include "run/train.h"

void nn_named_scores(nn_named_list *list, const char *prefix, const nn_scores *scores,
                     const nn_choice *metric, int metrics, nn_task task)
{
    nn_named_add(list, prefix, "loss", scores->loss);
    for (int i = 0; i < metrics; i++)
        nn_named_add(list, prefix, nn_metric_name(&metric[i]), scores->metric[i]);
    if (task != NN_TASK_REGRESSION)
        return;
    nn_named_add(list, prefix, "mse", scores->mse);
    nn_named_add(list, prefix, "rmse", scores->rmse);
    nn_named_add(list, prefix, "mae", scores->mae);
    nn_named_add(list, prefix, "r2", scores->r2);
}
