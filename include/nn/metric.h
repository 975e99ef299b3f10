/*
 * Metrics: numbers over a whole split, collected batch by batch from predictions (head applied).
 * State is a caller's flat block, sized before the start; nothing allocates while collecting.
 * A sample counts as much as the data's weight column says (nn_target.share), else 1: a weight of 2
 * is as good as the same row twice. Weights of classes are the loss's alone.
 *
 * Targets given as labels are classes: one output is the probability of class 1 (yes above 0.5),
 * more are one per class (the largest wins). Targets given as values are, for metrics of classes, a
 * yes or no for each output on its own (multilabel).
 */
#ifndef NN_NN_METRIC_H
#define NN_NN_METRIC_H

#include "conf/field.h"
#include "nn/target.h"

#include <stdbool.h>

typedef struct nn_metric_case {
    int width;      /* outputs of a sample */
    int classes;    /* 0: the targets are numbers; binary: 2 */
    size_t samples; /* most that will be added */
} nn_metric_case;

typedef struct nn_metric_class {
    nn_kind kind;
    bool higher_is_better;
    bool for_classes, for_numbers;
    size_t (*state_size)(const void *conf, const nn_metric_case *what);
    void (*start)(const void *conf, const nn_metric_case *what, void *state);
    void (*add)(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                int width);
    /*
     * NaN when it is not defined (no sample of the kind it speaks of). It may put the state into
     * another order, but may be called again, also after more was added.
     */
    double (*value)(const void *conf, void *state);
    /*
     * Can this metric have left these bytes, after at most `added` samples? They may come from a
     * file, and what is inside them must not be believed before. NULL: any bytes will do.
     */
    bool (*holds)(const void *conf, const nn_metric_case *what, size_t added, const void *state);
} nn_metric_class;

extern const nn_family nn_metrics; /* nn/metrics.def */

/* The class that a row of predictions says: argmax, or for width 1: > 0.5. First of equals. */
int nn_predicted_class(const nn_real *y, int width);

#endif
