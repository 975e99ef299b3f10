/* Predictions of a model for samples, batch by batch, in the units of the data. */
#ifndef NN_RUN_PREDICT_H
#define NN_RUN_PREDICT_H

#include "run/evaluate.h"

/* `y` is [n][width]: probabilities, or numbers in the data's units; `row` counts from 0. */
typedef nn_code nn_predicted_fn(void *context, size_t row, const nn_real *y, int n, int width,
                                nn_err *err);

/* Calls `each` for consecutive blocks of rows in order; stops at its first error. */
NN_MUST_CHECK nn_code nn_predict(const nn_subject *subject, const nn_view *view,
                                 nn_predicted_fn *each, void *context, nn_err *err);

#endif
