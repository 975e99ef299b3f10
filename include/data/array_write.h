/* Writing array files element by element, so that no array has to fit into memory. */
#ifndef NN_DATA_ARRAY_WRITE_H
#define NN_DATA_ARRAY_WRITE_H

#include "base/file.h"
#include "data/array.h"

typedef enum nn_element_type {
    NN_ELEMENT_U8,
    NN_ELEMENT_I32,
    NN_ELEMENT_I64, /* NPY only */
    NN_ELEMENT_F32,
    NN_ELEMENT_F64,
    NN_ELEMENT_AUTO
} nn_element_type;
extern const char *const nn_element_words[]; /* "u8", "i32", ... "auto"; ends with NULL */

/* Is every whole number from `least` to `most` (or with fractions: every number) of this type? */
bool nn_element_holds(nn_element_type type, double least, double most, bool whole);
/*
 * The narrowest type for numbers of a table: u8, i32, i64 (in IDX f64) for whole ones, f32 for
 * others, f64 beyond its range.
 */
nn_element_type nn_element_for(bool idx, double least, double most, bool whole);
/* The type that keeps an array's numbers as they are: bytes stay bytes, floats floats. */
nn_element_type nn_element_of(const nn_array *a, bool idx);

typedef struct nn_array_writer {
    nn_out *out; /* the caller's */
    nn_element_type type;
    bool big; /* bytes in the order of IDX */
    unsigned char buffer[4096];
    size_t used;
} nn_array_writer;

/* Writes the header. `format` is "idx" or "npy". */
NN_MUST_CHECK nn_code nn_array_write_head(nn_array_writer *w, nn_out *out, const char *format,
                                          nn_element_type type, size_t rows, const nn_shape *shape,
                                          nn_err *err);
/* The next number, which the type holds. */
NN_MUST_CHECK nn_code nn_array_write(nn_array_writer *w, double value, nn_err *err);
NN_MUST_CHECK nn_code nn_array_write_end(nn_array_writer *w, nn_err *err);

/* NPY's magic, version 1.0 and dict, padded to a line of 64 bytes; `size` as in "(3, 2)". */
void nn_npy_head(nn_buf *out, const char *descr, const char *size);

#endif
