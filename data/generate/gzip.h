/*
 * A gzip writer whose output depends on its input alone. zlib's own output changes from version to
 * version, and the bundled data must come out byte for byte the same everywhere.
 */
#ifndef NN_GENERATE_GZIP_H
#define NN_GENERATE_GZIP_H

#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

/* Appends `bytes` (below 2^31 of them) to *out as one gzip member without a name or a time. */
NN_MUST_CHECK nn_code nn_gzip_pack(nn_buf *out, const uint8_t *bytes, size_t len, nn_err *err);

#endif
