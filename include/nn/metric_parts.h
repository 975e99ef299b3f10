/* What metrics share: a mean that is being collected, and counts per class. For src/nn/metrics/. */
#ifndef NN_NN_METRIC_PARTS_H
#define NN_NN_METRIC_PARTS_H

#include "nn/metric.h"

#include <stddef.h>
#include <stdint.h>

/* A mean: what a metric's state is when it is nothing more. */
typedef struct nn_tally {
    double sum;
    double seen; /* what the samples count together, a whole number without weights */
} nn_tally;

size_t nn_tally_size(const void *conf, const nn_metric_case *what);
void nn_tally_start(const void *conf, const nn_metric_case *what, void *state);
double nn_tally_value(const void *conf, void *state); /* NaN when nothing was seen */
/* nn_metric_class.add of squared errors, the mean over all outputs of all samples. */
void nn_tally_squares(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                      int width);

/* What happened to one class: how often it was true, was said, and both at once. */
typedef struct nn_class_count {
    double truth, said, both; /* whole numbers without weights */
} nn_class_count;

/*
 * Counts for every class, or for every output of a multilabel task, or for class 1 alone when there
 * is one output.
 */
typedef struct nn_class_counts {
    int classes;
    nn_class_count count[]; /* [classes] */
} nn_class_counts;

size_t nn_class_counts_size(const void *conf, const nn_metric_case *what);
void nn_class_counts_start(const void *conf, const nn_metric_case *what, void *state);
bool nn_class_counts_hold(const void *conf, const nn_metric_case *what, size_t added,
                          const void *state);
void nn_class_counts_add(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                         int width);

/*
 * The mean of `score` over the classes that were true or said at least once, as far as scores are
 * defined by them: 0 stands for 0/0 there. NaN when there is no such class.
 */
double nn_class_counts_mean(const nn_class_counts *c, double (*score)(const nn_class_count *c));

#endif
