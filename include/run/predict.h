/* Predictions of a model for samples, batch by batch, in the units of the data. */
#ifndef NN_RUN_PREDICT_H
#define NN_RUN_PREDICT_H

#include "nn/watch.h"
#include "run/evaluate.h"

/* One batch after another; `subject` and what it names must outlive it. */
typedef struct nn_predictor nn_predictor;
/* For batches of up to `most` samples of this kind of dataset. */
NN_MUST_CHECK nn_code nn_predictor_new(nn_predictor **out, const nn_subject *subject,
                                       const nn_dataset *like, int most, nn_err *err);
void nn_predictor_free(nn_predictor *p); /* NULL is fine */
/*
 * Samples begin..begin+n of the view: [n][width] probabilities, or numbers in the data's units;
 * valid until the next call. Allocates nothing.
 */
const nn_real *nn_predictor_run(nn_predictor *p, const nn_view *view, size_t begin, int n);
/* Told as each stage of a batch ends; it stays the caller's. NULL: nobody is told. */
void nn_predictor_watch(nn_predictor *p, const nn_watch *watch);

/* `y` is [n][width] as above; `row` counts from 0. */
typedef nn_code nn_predicted_fn(void *context, size_t row, const nn_real *y, int n, int width,
                                nn_err *err);

/* Calls `each` for consecutive blocks of rows in order; stops at its first error. */
NN_MUST_CHECK nn_code nn_predict(const nn_subject *subject, const nn_view *view,
                                 nn_predicted_fn *each, void *context, nn_err *err);

#endif
