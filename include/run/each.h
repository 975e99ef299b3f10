/* Scores of every output on its own: of several numbers, or of several yes or no (multilabel). */
#ifndef NN_RUN_EACH_H
#define NN_RUN_EACH_H

#include "run/evaluate.h"

/* Of more outputs nobody reads the scores one by one. */
enum { NN_EACH_MOST = 100, NN_EACH_SCORES = 4 };

typedef struct nn_each_score {
    double score[NN_EACH_SCORES]; /* in the order of the names; NaN: not defined */
    double support;               /* of yes or no: what the true ones count; else 0 */
} nn_each_score;

typedef struct nn_each nn_each;
/* *out is NULL for subjects whose outputs have no scores of their own. */
NN_MUST_CHECK nn_code nn_each_new(nn_each **out, const nn_subject *subject, nn_err *err);
void nn_each_free(nn_each *e);
void nn_each_add(nn_each *e, const nn_evaluated *b);
/* [outputs], inside `e`; *names ends with NULL. */
const nn_each_score *nn_each_end(nn_each *e, int *outputs, const char *const **names);

#endif
