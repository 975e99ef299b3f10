/*
 * Which inputs a decision rests on. What is explained is one output of the network, before its
 * softmax or sigmoid: the score of a class, or a number in the units of the data (in units of its
 * logarithm where targets were log1p). Inputs are compared with the baseline, which is 0 after
 * scaling: a black pixel, the mean of a standardised column.
 */
#ifndef NN_RUN_EXPLAIN_H
#define NN_RUN_EXPLAIN_H

#include "run/evaluate.h"
#include "run/still.h"

typedef enum nn_explain_method {
    NN_EXPLAIN_GRADIENT,   /* gradient times input */
    NN_EXPLAIN_INTEGRATED, /* integrated gradients: the attributions sum to the difference */
    NN_EXPLAIN_OCCLUSION   /* what is lost when a patch is put to the baseline */
} nn_explain_method;

typedef struct nn_explain_conf {
    nn_explain_method method;
    int target; /* the output; -1: the likeliest class, or the first number */
    int patch;  /* occlusion of pictures: its side in pixels; 0: an eighth of the picture */
} nn_explain_conf;

typedef struct nn_explanation {
    size_t row;      /* of the dataset */
    int target;      /* a class, or an output */
    double output;   /* for the sample */
    double baseline; /* for the baseline */
    double sum;      /* of the attributions */
    int steps;       /* integrated gradients: that were taken */
    double *share;   /* [numbers of a sample] the attributions; the explainer's until the next */
    size_t len;
    double probability; /* of the class; NaN for numbers */
} nn_explanation;

typedef struct nn_explainer nn_explainer;
/* For samples of this kind of dataset. NN_EUSAGE for a method or target that cannot be. */
NN_MUST_CHECK nn_code nn_explainer_new(nn_explainer **out, const nn_model *m,
                                       const nn_dataset *like, const nn_explain_conf *conf,
                                       nn_pool *pool, nn_err *err);
void nn_explainer_free(nn_explainer *e); /* NULL is fine */
/*
 * The columns of a sample as the user knows them, and what each adds: all numbers that it was made
 * into, in every row of a window. Samples of no table have a column for each number.
 */
int nn_explained_columns(const nn_explanation *x, const nn_prep *prep);
double nn_explained_column(const nn_explanation *x, const nn_prep *prep, int column);
/* Sample i of the view. */
void nn_explain(nn_explainer *e, const nn_view *view, size_t i, nn_explanation *out);

/* How much worse a score gets when a column's values change places among the rows. */
typedef struct nn_importance {
    int column;
    double mean, spread; /* over the repeats; spread: their standard deviation */
} nn_importance;

/*
 * For every column of a table without windows (every number of other samples): out[count], by mean,
 * the largest first. `score` becomes the name of the first metric, `base` its value on the rows as
 * they are. Free *out with nn_free.
 */
NN_MUST_CHECK nn_code nn_permutation_importance(nn_importance **out, int *count, const char **score,
                                                double *base, const nn_subject *subject,
                                                const nn_view *view, int repeats, uint64_t seed,
                                                nn_err *err);

#endif
