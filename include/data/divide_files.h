/* A data file split into files: tables row by row as their bytes are, arrays with their targets. */
#ifndef NN_DATA_DIVIDE_FILES_H
#define NN_DATA_DIVIDE_FILES_H

#include "base/file.h"
#include "data/divide.h"

typedef struct nn_divide_conf {
    const char *table;  /* a CSV file; or else */
    const char *x, *y;  /* arrays; y may be NULL */
    const char *target; /* of a table: spread its classes evenly; NULL: no matter */
    const char *group;  /* of a table: keep its rows together; NULL: no matter */
    const char *prefix; /* outputs are PREFIX-train.csv, PREFIX-test-x.npy and so on */
    nn_fractions fractions;
    uint64_t seed;
    nn_exists exists;
} nn_divide_conf;

typedef struct nn_divided {
    size_t rows[NN_MAX_PARTS];
} nn_divided;

/* "train", "validation", "test", or numbers when there are more than three. */
const char *nn_part_name(const nn_fractions *f, int k, char *dst, size_t size);

/* All files appear when all are complete. A part that would get no row is NN_EDATA. */
NN_MUST_CHECK nn_code nn_divide_files(const nn_divide_conf *c, nn_divided *done, nn_err *err);

#endif
