/*
 * What a report tells of a model on a split: its scores with intervals, the naive answer's beside
 * them, where it is wrong and how sure it was, how far numbers are off.
 */
#ifndef NN_RUN_FINDINGS_H
#define NN_RUN_FINDINGS_H

#include "run/bootstrap.h"
#include "run/histogram.h"
#include "run/judge.h"

enum {
    NN_FINDINGS_WRONG = 24,    /* samples that are shown */
    NN_FINDINGS_BINS = 10,     /* of the calibration */
    NN_FINDINGS_OUTPUTS = 4,   /* of a network for numbers, the first of them */
    NN_FINDINGS_POINTS = 1200, /* samples that stand for all in a plot */
    NN_FINDINGS_LABELS = 1000  /* of a multilabel network, the first of them */
};

/* A sample that was taken for another class. */
typedef struct nn_mistake {
    size_t row; /* of the dataset */
    int truth, said;
    double sure;   /* the probability of what was said */
    double chance; /* of the truth */
} nn_mistake;

/* Answers that were about equally sure. */
typedef struct nn_sureness {
    size_t count;
    double sure, right; /* sums over them */
} nn_sureness;

/* A yes or no for each sample, of one output of a multilabel network. */
typedef struct nn_yes_no {
    size_t hits, misses, alarms; /* true positives, false negatives, false positives */
} nn_yes_no;

typedef struct nn_findings {
    nn_scores scores;                        /* confusion: NULL unless classes exclude each other */
    nn_verdict verdict;                      /* worst: for numbers only */
    nn_interval interval[NN_JUDGE_MEASURES]; /* of each of its measures; NaN: none */
    nn_interval loss;

    nn_mistake wrong[NN_FINDINGS_WRONG]; /* the surest first */
    int wrong_count;
    size_t mistakes;                        /* in all */
    nn_sureness sureness[NN_FINDINGS_BINS]; /* by the probability of what was said */
    nn_yes_no *yes_no;                      /* [labels]; NULL unless multilabel */
    int labels;

    int outputs; /* of numbers, as far as they are shown; 0: classes */
    size_t points;
    float *truth[NN_FINDINGS_OUTPUTS]; /* [points] */
    float *said[NN_FINDINGS_OUTPUTS];
    float *residual[NN_FINDINGS_OUTPUTS];     /* said less true */
    nn_histogram spread[NN_FINDINGS_OUTPUTS]; /* of the residuals of all samples */

    nn_judge *judge; /* keeps what the verdict points to */
    size_t *confusion;
} nn_findings;

/* Expected calibration error: how far sureness and rightness are apart, on average. */
double nn_findings_calibration_error(const nn_findings *f);

/* `seed` is the bootstrap's. Free with nn_findings_free. */
NN_MUST_CHECK nn_code nn_findings_new(nn_findings **out, const nn_subject *subject,
                                      const nn_view *view, uint64_t seed, nn_err *err);
void nn_findings_free(nn_findings *f); /* NULL is fine */

#endif
