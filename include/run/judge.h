/*
 * What `eval` tells beyond loss and metrics: more scores, those of the naive answer beside every
 * one of them, and the worst rows. A judge looks on while an evaluator works.
 */
#ifndef NN_RUN_JUDGE_H
#define NN_RUN_JUDGE_H

#include "run/each.h"

enum { NN_JUDGE_MEASURES = NN_MAX_METRICS + 8, NN_JUDGE_MAX_WORST = 10000 };

typedef struct nn_measure {
    const char *name; /* "balanced_accuracy" */
    double model;     /* NaN: not defined; likewise below */
    double naive;     /* of the naive answer: NaN also when the model does not know it */
    double last;      /* of a time series: of a forecast by the last value */
    double seasonal;  /* and by the value one season before */
} nn_measure;

/* A row that was judged. Classes: truth and said are class numbers; else see values. */
typedef struct nn_worst {
    size_t row; /* of the dataset */
    double loss;
    double probability; /* of the truth; NaN unless classes */
    int truth, said;
    const nn_real *values; /* [2][width] truth and prediction; NULL for classes */
} nn_worst;

typedef struct nn_verdict {
    nn_measure measure[NN_JUDGE_MEASURES]; /* the subject's metrics first */
    int measures;
    nn_class_score macro;      /* means over the classes; NaN unless there is a confusion matrix */
    const double *naive;       /* the naive answer, as nn_prep.baseline; NULL: not known */
    bool last;                 /* is there a forecast by the last value? */
    int season;                /* rows of a season; 0: there is no forecast by it */
    int naive_class;           /* the most common one; -1: numbers, or not known */
    const nn_each_score *each; /* [outputs] of every output on its own, or NULL */
    const char *const *each_names; /* of their scores, NULL behind the last */
    int outputs;
    const nn_worst *worst; /* largest loss first */
    size_t worst_count;
} nn_verdict;

typedef struct nn_judge nn_judge;
/* For the rows of a view, of which the `worst` worst are kept. */
NN_MUST_CHECK nn_code nn_judge_new(nn_judge **out, const nn_subject *subject, const nn_view *view,
                                   size_t worst, nn_err *err);
void nn_judge_free(nn_judge *j);
/* For nn_evaluate_watched, with the judge as context. */
nn_evaluated_fn nn_judge_look;
/* After it; `scores` is what it filled. *out points into the judge. */
void nn_judge_end(nn_judge *j, const nn_scores *scores, nn_verdict *out);

/* The names of the measures alone, before there is anything to measure. */
void nn_judge_names(const nn_subject *subject, nn_verdict *out);

#endif
