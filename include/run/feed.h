/*
 * Rows of a table to predict as they come in, so that a model can stand in a pipe: a row is there
 * as soon as its line is, and memory does not grow with what has passed.
 */
#ifndef NN_RUN_FEED_H
#define NN_RUN_FEED_H

#include "run/model.h"

/* Starts zeroed and stays where it is; release with nn_feed_close. */
typedef struct nn_feed {
    const nn_model *model;
    nn_data_conf conf;
    nn_rows *rows;
    size_t taken;         /* rows so far */
    size_t tiny, unknown; /* as in nn_dataset, of all rows so far */
} nn_feed;

/* CSV rows from stdin; `id`: the name of a column that names them, or NULL. */
NN_MUST_CHECK nn_code nn_feed_open(nn_feed *f, const nn_model *m, const char *id, nn_err *err);
/* The rows that have come in, waiting for one at least; NULL at the end. No row at all: NN_EDATA.
 */
NN_MUST_CHECK nn_code nn_feed_next(nn_feed *f, nn_dataset **out, nn_err *err);
void nn_feed_close(nn_feed *f);

#endif
