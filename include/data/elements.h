/*
 * What the array formats share: the types of their elements, the check of the dimensions that a
 * header promises, and reading the elements into native numbers.
 */
#ifndef NN_DATA_ELEMENTS_H
#define NN_DATA_ELEMENTS_H

#include "data/array.h"

enum { NN_ARRAY_MAX_DIMS = NN_MAX_RANK };

typedef struct nn_elements {
    char kind; /* 'u', 'i', 'f', or 'b' for bytes that are 0 or 1 */
    int size;  /* bytes of one element: 1, 2, 4 or 8 */
    bool big;  /* big-endian */
} nn_elements;

/* Could `left` bytes hold that many elements of `size` bytes? */
bool nn_elements_fit(const uint64_t *dim, int dims, int size, uint64_t left);

/*
 * Fills store, whole, rows and shape, after checking that no dimension is zero or over a limit and
 * that what is left of the file can hold the elements. Allocates nothing.
 */
NN_MUST_CHECK nn_code nn_elements_plan(nn_array *out, const nn_elements *type, const uint64_t *dim,
                                       int dims, const nn_gz *f, const char *path, nn_err *err);

/*
 * Reads the planned elements and nothing but them up to the end of the file. Never holds more
 * memory than a few times what the file gave. NaN and infinity are refused.
 */
NN_MUST_CHECK nn_code nn_elements_read(nn_array *out, const nn_elements *type, nn_gz *f,
                                       const char *path, nn_err *err);

#endif
