/* Explanations as text, CSV and JSON. */
#ifndef NN_CLI_EXPLAIN_VIEW_H
#define NN_CLI_EXPLAIN_VIEW_H

#include "base/text.h"
#include "run/explain.h"

/* A sample with what its prediction rests on. */
typedef struct nn_explained {
    const nn_model *model;
    const nn_dataset *data;
    nn_explain_method method;
    const nn_explanation *x;
} nn_explained;

/* The output that is explained, in words: `"7"`, "price"; dst NN_SHOWN. */
const char *nn_explained_target(const nn_explained *e, char *dst);
/* `color`: may be drawn for a terminal. */
NN_MUST_CHECK nn_code nn_explain_put_text(const nn_explained *e, bool color, nn_buf *out,
                                          nn_err *err);
void nn_explain_put_csv_head(const nn_explained *e, nn_buf *out);
void nn_explain_put_csv(const nn_explained *e, nn_buf *out);
void nn_explain_put_json(const nn_explained *e, nn_buf *out);

/* Permutation importances. */
typedef struct nn_importances {
    const nn_prep *prep;
    const nn_dataset *data;
    const nn_importance *list; /* [count] */
    int count;
    const char *score, *split;
    double base;
    int repeats;
} nn_importances;
/* The name of a column, as it may be shown; dst NN_SHOWN. */
const char *nn_importance_name(const nn_importances *p, int i, char *dst);
void nn_importance_put_text(const nn_importances *p, nn_buf *out);
void nn_importance_put_csv(const nn_importances *p, nn_buf *out);
void nn_importance_put_json(const nn_importances *p, nn_buf *out);

#endif
