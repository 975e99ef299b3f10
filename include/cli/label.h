/* Names of scores, as eval, predict and train show them. */
#ifndef NN_CLI_LABEL_H
#define NN_CLI_LABEL_H

#include "cli/condition.h"
#include "run/evaluate.h"

/* prefix + "loss", the metrics, and for numbers mse, rmse, mae and r2. */
void nn_named_scores(nn_named_list *list, const char *prefix, const nn_scores *scores,
                     const nn_choice *metric, int metrics, nn_task task);

#endif
