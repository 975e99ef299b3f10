/*
 * Deflate data in memory with zlib's frame, as PNG has it. Gzip files are read by base/gz.h.
 */
#ifndef NN_BASE_DEFLATE_H
#define NN_BASE_DEFLATE_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Could `len` bytes become `unpacked` ones? Deflate has a limit; ask before allocating. */
bool nn_inflate_fits(size_t unpacked, size_t len);
/* Unpacks into exactly `unpacked` bytes, and every packed byte is used; else NN_EDATA at `name`. */
NN_MUST_CHECK nn_code nn_inflate(void *dst, size_t unpacked, const void *bytes, size_t len,
                                 const char *name, nn_err *err);
/* Adds the packed bytes to `out`; the same bytes give the same result. */
NN_MUST_CHECK nn_code nn_deflate(nn_buf *out, const void *bytes, size_t len, nn_err *err);

#endif
