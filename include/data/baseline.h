/*
 * The naive answer: what the training rows say of a target before any sample is looked at. Held in
 * the preprocessing (nn_prep.baseline), so that a model's scores can always stand beside its.
 */
#ifndef NN_DATA_BASELINE_H
#define NN_DATA_BASELINE_H

#include "data/prep.h"

/* Fills p->baseline from these rows; nothing when they have no targets. */
NN_MUST_CHECK nn_code nn_baseline_fit(nn_prep *p, const nn_view *train, nn_err *err);
/* As a list of numbers, and back; `list` NONE: not known. */
void nn_baseline_write(const nn_prep *p, nn_buf *out);
NN_MUST_CHECK nn_code nn_baseline_read(nn_prep *p, nn_node list, nn_err *err);

#endif
