/*
 * An array file: IDX or NPY, gzipped or not, recognised by content. A format is one file in
 * src/data/formats/ and one row in data/formats.def. The first dimension counts the samples.
 */
#ifndef NN_DATA_ARRAY_H
#define NN_DATA_ARRAY_H

#include "base/gz.h"
#include "base/shape.h"
#include "conf/field.h"

/* Bytes stay bytes; what fits a float exactly is F32; the rest (i32, i64, f64) F64. */
typedef enum nn_store { NN_STORE_U8, NN_STORE_F32, NN_STORE_F64 } nn_store;

typedef struct nn_array {
    nn_store store;
    size_t rows;
    nn_shape shape; /* of one sample; rank 0 for a plain list such as labels */
    bool whole;     /* the file's numbers are integers by type */
    void *data;     /* [rows][shape], native byte order */
    nn_file_id id;
} nn_array;

typedef struct nn_array_format {
    nn_kind kind;
    bool (*is)(const unsigned char *head, size_t len); /* by the first (up to 64) bytes */
    /* Reads the header: everything but data. */
    nn_code (*head)(nn_array *out, nn_gz *f, const char *path, nn_err *err);
    /* Header and data, checked to the last byte. */
    nn_code (*load)(nn_array *out, nn_gz *f, const char *path, nn_err *err);
} nn_array_format;

extern const nn_family nn_array_formats; /* data/formats.def */

/* `format` NULL: by content. On failure *out is empty. */
NN_MUST_CHECK nn_code nn_array_load(nn_array *out, const char *path, const nn_array_format *format,
                                    nn_err *err);
NN_MUST_CHECK nn_code nn_array_head(nn_array *out, const char *path, const nn_array_format *format,
                                    nn_err *err);
/* Which array format does this file have? NULL when none (CSV, say). */
NN_MUST_CHECK nn_code nn_array_sniff(const nn_array_format **out, const char *path, nn_err *err);
void nn_array_free(nn_array *a);
double nn_array_value(const nn_array *a, size_t i);

/* NPY bytes (v1.0, '<f4', C order) of a [rows][cols] matrix (cols 0: a vector), for predictions. */
void nn_npy_write(nn_buf *out, const float *data, size_t rows, size_t cols);

#endif
