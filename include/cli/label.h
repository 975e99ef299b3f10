/* Names of classes and scores, as eval, predict and train show them. */
#ifndef NN_CLI_LABEL_H
#define NN_CLI_LABEL_H

#include "cli/condition.h"
#include "run/evaluate.h"

/* The name of class k, or its number (in dst, NN_NUMBER_TEXT bytes) when the classes have no names.
 */
const char *nn_label(const nn_prep *prep, int k, char *dst);

/* prefix + "loss", the metrics, and for numbers mse, rmse, mae and r2. */
void nn_named_scores(nn_named_list *list, const char *prefix, const nn_scores *scores,
                     const nn_choice *metric, int metrics, nn_task task);

#endif
