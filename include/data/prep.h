/*
 * Preprocessing: what is fitted on the training rows alone and travels in the model file: scaling
 * of the inputs and targets, names of classes and columns.
 */
#ifndef NN_DATA_PREP_H
#define NN_DATA_PREP_H

#include "data/encoder.h"
#include "data/source.h"
#include "data/split.h"
#include "math/real.h"

typedef struct nn_prep {
    nn_scale scale; /* never AUTO */
    nn_shape shape; /* of a sample that it was made for */
    /* Length of shift and factor: all features of a table, else the last dimension, or 1 for NONE
     * and UNIT. */
    int columns;
    double *shift; /* x' = (x - shift) * factor, by the index modulo `columns` */
    double *factor;
    nn_target_scale target_scale;
    int width;            /* of target_shift, target_factor */
    double *target_shift; /* y' = (f(y) - shift) * factor, f = log1p or the identity */
    double *target_factor;
    double *
        baseline; /* the naive answer: shares of the classes, or mean targets in the data's units */
    int baseline_count; /* 0: not known, and baseline is NULL */
    nn_task task;
    nn_classes classes;
    nn_encoder *encoder;       /* of a table; else NULL */
    nn_vocabulary *vocabulary; /* of text; else NULL */
    nn_windows windows;        /* of a sequence; window 0: a row is a sample */
    int steps;                 /* labels of a row when each of its steps has one; 0: it has one */
    nn_column_place series_column, order_column;
    int season;    /* rows after which the targets repeat themselves; 1: they do not */
    char **column; /* feature names, or NULL */
    int column_count;
    nn_classes targets;        /* names of a table's target columns; count 0: none */
    const char *target_column; /* the name when there is just one, else NULL */
} nn_prep;

/*
 * Fits on these rows, which of a sequence are rows, not windows; `warn` gets constant columns and
 * the like. `encoder`: the one that has made samples of a table; taken over, also on failure.
 */
NN_MUST_CHECK nn_code nn_prep_fit(nn_prep **out, const nn_view *train, nn_encoder *encoder,
                                  const nn_data_conf *conf, nn_task task, nn_problems *warn,
                                  nn_err *err);
void nn_prep_free(nn_prep *p);
/* Labels of a sample: more than one when each step, or row of a horizon, has its own. */
int nn_prep_steps(const nn_prep *p);
/* Are its classes tokens of a text, which the network tells from those before them? */
bool nn_prep_is_language(const nn_prep *p);
int nn_prep_columns(const nn_prep *p); /* what `columns` must be, by encoder, scale and shape */
/* A prep that does nothing, for hand-set models. */
NN_MUST_CHECK nn_code nn_prep_none(nn_prep **out, const nn_shape *shape, nn_task task, nn_err *err);

/*
 * As JSON for the model file, and back: `object` is "preprocess", `classes` the list of names,
 * which the model file keeps apart. Faults go to the documents' problems, with the document's code.
 */
void nn_prep_write(const nn_prep *p, nn_buf *out);
NN_MUST_CHECK nn_code nn_prep_read(nn_prep **out, nn_node object, nn_node classes, nn_err *err);

/*
 * The name of class k, or its number (in dst, NN_NUMBER_TEXT bytes) when the classes have no names.
 */
const char *nn_prep_label(const nn_prep *p, int k, char *dst);
/* Likewise of output k of `width` that are no classes: its target column, or "output_K". */
const char *nn_prep_output(const nn_prep *p, int width, int k, char *dst);

/* Predictions back to the units of the data, in place: [n][width]. */
void nn_prep_undo_target(const nn_prep *p, nn_real *y, size_t n);
/* How to load more data for this model: *how and *conf are filled; both point into the prep. */
void nn_prep_load(const nn_prep *p, nn_load *how, nn_data_conf *conf);

#endif
