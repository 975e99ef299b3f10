/* Loss, metrics and the confusion matrix of a model over a view. */
#ifndef NN_RUN_EVALUATE_H
#define NN_RUN_EVALUATE_H

#include "nn/exec.h"
#include "run/model.h"

/* Samples that are evaluated or predicted at a time: enough to fill the kernels, few enough for
 * caches. */
enum { NN_EVAL_BATCH = 256 };

/* What an evaluator works with; all of it stays the caller's. */
typedef struct nn_subject {
    const nn_graph *graph;
    nn_real *weights;
    const nn_prep *prep;
    const nn_choice *loss;
    const nn_choice *metric; /* [metrics] */
    int metrics;
    nn_pool *pool;
} nn_subject;
nn_subject nn_setup_subject(const nn_setup *s, nn_real *weights, nn_pool *pool);
nn_subject nn_model_subject(const nn_model *m, nn_pool *pool);

/*
 * What a sample is asked: one answer, or one for each label of it, or for each step when a mask
 * says which of them count.
 */
int nn_answers(const nn_prep *prep, const nn_graph *g);
/* A batch's targets as losses and metrics take them, after `e` has run on it. */
nn_target nn_batch_target(const nn_batch *b, const nn_prep *prep, const nn_exec *e, int answers,
                          int width);

typedef struct nn_scores {
    size_t samples;
    double loss;                   /* mean over samples, penalties not included */
    double metric[NN_MAX_METRICS]; /* in the subject's order; NaN: not defined */
    size_t *confusion;             /* [classes][classes], rows: truth; NULL unless wanted */
    int classes;
    double mse, rmse, mae, r2; /* numbers only; in the units of the data; NaN otherwise */
} nn_scores;

typedef struct nn_evaluator nn_evaluator;
/* Allocates for views of at most `most` samples of this kind of dataset. */
NN_MUST_CHECK nn_code nn_evaluator_new(nn_evaluator **out, const nn_subject *subject,
                                       const nn_dataset *like, size_t most, bool confusion,
                                       nn_err *err);
void nn_evaluator_free(nn_evaluator *e);
/* Allocates nothing; out->confusion points into the evaluator. */
void nn_evaluate(nn_evaluator *e, const nn_view *view, nn_scores *out);

/* A batch that was evaluated: probabilities for classes, else numbers in the data's units. */
typedef struct nn_evaluated {
    int n;     /* answers: `steps` for each of the batch's samples */
    int steps; /* usually one */
    int width;
    const nn_dataset *data;
    const uint32_t *row; /* [n / steps] rows of the dataset */
    const nn_real *y;    /* [n][width] */
    nn_target target;
    const double *loss; /* [n] */
} nn_evaluated;
/* The same with a look at every batch, in order. */
typedef void nn_evaluated_fn(void *context, const nn_evaluated *b);
void nn_evaluate_watched(nn_evaluator *e, const nn_view *view, nn_evaluated_fn *watch,
                         void *context, nn_scores *out);

/* Per-class figures from a confusion matrix; NaN where undefined. */
typedef struct nn_class_score {
    double precision, recall, f1;
    size_t support;
} nn_class_score;
nn_class_score nn_class_score_of(const size_t *confusion, int classes, int k);

#endif
