/* Batches: rows gathered, scaled and turned into reals, in buffers that were allocated before. */
#ifndef NN_DATA_BATCH_H
#define NN_DATA_BATCH_H

#include "data/prep.h"
#include "math/pool.h"
#include "math/real.h"

typedef struct nn_batch {
    int n;
    nn_real *x;      /* [most][shape] */
    int32_t *label;  /* [most][steps], or NULL */
    int steps;       /* labels of a sample: more than one for its steps, or rows of a horizon */
    nn_real *value;  /* [most][width] scaled targets, or NULL */
    int width;       /* of value */
    nn_real *weight; /* [most][weights] weights, or NULL */
    nn_real *share;  /* [most][weights] those of the samples alone, without classes', or NULL */
    int weights;     /* of a sample: one for each of its labels, or as was asked for */
    uint32_t *row;   /* [most] rows of the dataset, for messages */
    int most;

    nn_augment *augment; /* NULL: samples come as they are */
    uint64_t epoch;      /* with `augment`: set by the caller, each has its own looks */
    /*
     * When samples are mixed: [most][steps][soft_width] shares of the classes, what the loss
     * compares with; `label` is then the class of the larger share. Else NULL; `value` is mixed in
     * place.
     */
    nn_real *soft;
    int soft_width;
    nn_real *partner; /* [tasks][shape + width] the samples that are mixed in, or NULL */
} nn_batch;

/* `weights`: 0: none are wanted; else how many a sample has where its targets are numbers. */
NN_MUST_CHECK nn_code nn_batch_new(nn_batch **out, const nn_dataset *d, const nn_prep *prep,
                                   int most, int weights, nn_err *err);
/*
 * Augments whatever is filled in from now on: for the batches that are trained on. `outputs` of the
 * network: one makes `soft` a share of class 1, more a share of each class.
 */
NN_MUST_CHECK nn_code nn_batch_augment(nn_batch *b, const nn_augment_conf *conf,
                                       const nn_dataset *d, int outputs, uint64_t seed,
                                       nn_err *err);
/* What that takes for batches of `rows`, in bytes. */
size_t nn_batch_augment_bytes(const nn_augment_conf *conf, const nn_shape *shape, int outputs,
                              int rows);
void nn_batch_free(nn_batch *b);
/*
 * Fills with view positions order[begin..begin+n) (order NULL: begin..begin+n themselves); the
 * order has as many as the view, since the samples of the next batch are looked ahead at.
 * `class_weight` ([classes], or NULL) and the dataset's own weights
 * make the samples' weights. Cannot fail, allocates nothing.
 */
void nn_batch_fill(nn_batch *b, const nn_view *v, const nn_prep *prep, const uint32_t *order,
                   size_t begin, int n, const double *class_weight, nn_pool *pool);

#endif
