/* Data files into each other: IDX, NPY and CSV; a folder of pictures by class into IDX or NPY. */
#ifndef NN_DATA_CONVERT_H
#define NN_DATA_CONVERT_H

#include "data/array_write.h"
#include "data/raster.h"

typedef struct nn_convert {
    const char *in; /* a file, or a folder of pictures */
    const char *out;
    const char *to;       /* "idx", "npy" or "csv" */
    const char *y;        /* the targets: read beside arrays, written beside them; NULL: none */
    const char *target;   /* of a table: the column that goes to `y`; NULL: none */
    nn_element_type type; /* of samples; AUTO: as nn_element_for or nn_element_of */
    nn_shape shape;       /* rank 0: as it is; a table's rows become lists */
    nn_raster_form form;  /* of pictures; its size is that of `shape`, or of the first */
    nn_exists exists;
} nn_convert;

/* What became of it, for the user. */
typedef struct nn_converted {
    size_t rows;
    nn_shape shape;
    nn_element_type type; /* AUTO: a table */
    nn_buf
        classes; /* "0 large, 1 small" when words or folders became numbers; the caller's to free */
} nn_converted;

/* All outputs appear when all are complete. */
NN_MUST_CHECK nn_code nn_convert_file(const nn_convert *c, nn_converted *done, nn_err *err);

/* "idx", "npy" or "csv" by the ending of a name; NULL: it does not tell. */
const char *nn_format_by_name(const char *path);

#endif
