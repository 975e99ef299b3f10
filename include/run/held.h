/*
 * The data to judge a model on: a split of what its run was made with, or files given instead.
 * Paths come from the run directory or the command line, never from inside a model file.
 */
#ifndef NN_RUN_HELD_H
#define NN_RUN_HELD_H

#include "data/raster.h"
#include "run/model.h"

typedef struct nn_held {
    int threads;       /* the caller's: to read tables with; 0 and 1: one */
    nn_dataset *owned; /* NULL when the view is the model's own setup's */
    nn_view view;
    const char
        *split; /* "train", "validation", "test"; "files" for files given, "input" to predict */
} nn_held;

/*
 * `split` NULL: test if there is one, else validation, else train. A bare model file names no data:
 * NN_EUSAGE.
 */
NN_MUST_CHECK nn_code nn_held_split(nn_held *out, const nn_model *m, const char *split,
                                    nn_err *err);
/* x and y, or csv; targets must be there. */
NN_MUST_CHECK nn_code nn_held_files(nn_held *out, const nn_model *m, const char *x, const char *y,
                                    const char *csv, nn_err *err);
/*
 * Samples to predict: an IDX, NPY or CSV file. No targets needed. `id`: the column of a CSV file
 * that names its rows, or NULL. Of a time series it is the last window of each; only then may
 * `path` be NULL, CSV rows from stdin. (Other rows are fed by run/feed.h.)
 */
NN_MUST_CHECK nn_code nn_held_input(nn_held *out, const nn_model *m, const char *path,
                                    const char *id, nn_err *err);
/* Have the samples the shape that the model takes? */
NN_MUST_CHECK nn_code nn_held_check(const nn_dataset *d, const nn_model *m, nn_err *err);
/* One picture to predict; `form` says what may be done to make it what the model takes. */
NN_MUST_CHECK nn_code nn_held_picture(nn_held *out, const nn_model *m, const char *path,
                                      const nn_raster_form *form, nn_err *err);
void nn_held_free(nn_held *h);

#endif
