/*
 * How predictions are written. A format is one file in src/cli/predictions/ and one row in
 * cli/predictions.def.
 */
#ifndef NN_CLI_PREDICTION_H
#define NN_CLI_PREDICTION_H

#include "cli/label.h"

/* What is predicted, and what of it is asked for. */
typedef struct nn_predictions {
    const nn_prep *prep;
    int steps;   /* answers of a sample: a line for each */
    int step;    /* the one that is told, from 0 */
    int width;   /* outputs of an answer */
    int classes; /* 0: numbers; binary with one output: 2 */
    bool proba;  /* every class's probability as well */
    int top;     /* the so many likeliest classes instead of one; 0: off */
    size_t rows;
    const char *id_name; /* the column that names the rows; NULL: their numbers do */
    const char *id;      /* this row's */
    bool spreadsheet;    /* CSV: texts that begin like a formula get a ' in front */
    nn_buf *out;
    nn_buf values; /* floats that a format keeps until the end */
} nn_predictions;

typedef struct nn_prediction_format {
    const char *name;
    void (*begin)(nn_predictions *p);
    void (*row)(nn_predictions *p, size_t row, const nn_real *y);
    void (*end)(nn_predictions *p);
} nn_prediction_format;

extern const nn_prediction_format *const nn_prediction_formats[]; /* ends with NULL */

/* The probability of class k. */
double nn_prediction_probability(const nn_predictions *p, const nn_real *y, int k);
/* The likeliest class after `before` (-1: of all); the first of equals. */
int nn_prediction_next(const nn_predictions *p, const nn_real *y, int before);

#endif
