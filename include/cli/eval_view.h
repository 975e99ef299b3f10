/* What an evaluation found, as text and as JSON. */
#ifndef NN_CLI_EVAL_VIEW_H
#define NN_CLI_EVAL_VIEW_H

#include "cli/label.h"
#include "run/held.h"
#include "run/judge.h"

/* What was measured, on what. */
typedef struct nn_eval_result {
    const nn_model *model;
    const nn_held *held;
    nn_scores scores;
    nn_verdict verdict;
    nn_named_list named; /* everything that has a name: scores, then measures */
} nn_eval_result;

void nn_eval_put_report(const nn_eval_result *r, nn_buf *out);
void nn_eval_put_json(const nn_eval_result *r, nn_buf *out);

#endif
