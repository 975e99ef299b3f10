/*
 * safetensors files: one strict reader (the rules of the format, plus this program's limits), one
 * writer. Data is little-endian on disk; the reader hands out values only through nn_tensor_read.
 */
#ifndef NN_CONF_TENSORS_H
#define NN_CONF_TENSORS_H

#include "base/err.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The metadata's checksum: 8 lower-case hexadecimal digits of the CRC-32 (zlib's) over the header's
 * bytes as they stand in the file, padding included, with these digits read as 00000000, followed
 * by the data. It finds damage; it proves nothing about who wrote the file.
 */
#define NN_TENSOR_CRC "crc32"

typedef enum nn_dtype { NN_F32, NN_F64, NN_F16, NN_BF16, NN_U8, NN_I32, NN_I64, NN_U64 } nn_dtype;

typedef struct nn_tensor {
    const char *name;
    nn_dtype dtype;
    int rank;
    int64_t dim[NN_TENSOR_MAX_DIMS];
    size_t count;     /* elements */
    const void *data; /* raw bytes; may be unaligned when read from a file */
    size_t bytes;
} nn_tensor;

typedef struct nn_meta {
    const char *key;
    const char *value;
} nn_meta;

typedef struct nn_tensors nn_tensors;

/* Reads and validates the whole file: NN_EMODEL with the reason, NN_EFILE for the file system. */
NN_MUST_CHECK nn_code nn_tensors_load(nn_tensors **out, const char *path, nn_err *err);
/* The same for bytes in memory, for tests and fuzzing. The bytes are copied. */
NN_MUST_CHECK nn_code nn_tensors_parse(nn_tensors **out, const char *name, const void *bytes,
                                       size_t len, nn_err *err);
void nn_tensors_free(nn_tensors *t);
int nn_tensors_count(const nn_tensors *t);
const nn_tensor *nn_tensors_at(const nn_tensors *t, int i); /* in the order of the data */
const nn_tensor *nn_tensors_find(const nn_tensors *t, const char *name);
const char *nn_tensors_meta(const nn_tensors *t, const char *key); /* NULL when absent */
/* Is "crc32" in the metadata right? NN_OK also when it is absent and `required` is false. */
NN_MUST_CHECK nn_code nn_tensors_check_crc(const nn_tensors *t, bool required, nn_err *err);

/* Element i as a number, whatever the dtype. */
double nn_tensor_value(const nn_tensor *t, size_t i);
/* All elements as float or double. */
void nn_tensor_read_f32(const nn_tensor *t, float *dst);
void nn_tensor_read_f64(const nn_tensor *t, double *dst);

/*
 * Writes a file whole or not at all: sorted as the reference does (alignment, then name), padded,
 * with the checksum added to the metadata. `count` and `bytes` must agree with the shape. Refuses
 * NaN and Inf in F32/F64 tensors with NN_EDIVERGED unless `allow_nonfinite`.
 */
NN_MUST_CHECK nn_code nn_tensors_save(const char *path, const nn_tensor *tensors, int count,
                                      const nn_meta *meta, int metas, bool allow_nonfinite,
                                      nn_err *err);
/* The same for numbers of any kind; what stood under the name is kept as `keep` beside it. */
NN_MUST_CHECK nn_code nn_tensors_save_keeping(const char *path, const char *keep,
                                              const nn_tensor *tensors, int count,
                                              const nn_meta *meta, int metas, nn_err *err);

#endif
