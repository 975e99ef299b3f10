/*
 * Reading bytes that may be gzipped, decided by content and not by name. The only user of zlib.
 * A stream is read forward once; nn_gz_end is where the checksum and the absence of trailing bytes
 * become known, so nothing that was read is trusted before it returned NN_OK.
 * Faults of the content are NN_EDATA, of the file system NN_EFILE.
 */
#ifndef NN_BASE_GZ_H
#define NN_BASE_GZ_H

#include "base/err.h"
#include "base/sha256.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct nn_gz nn_gz;

/* Opens a regular file (not a FIFO, device, directory: NN_EFILE, and never blocks on one). */
NN_MUST_CHECK nn_code nn_gz_open(nn_gz **out, const char *path, nn_err *err);
/* The same for bytes in memory (kept by the caller) and for an open descriptor such as stdin. */
NN_MUST_CHECK nn_code nn_gz_open_bytes(nn_gz **out, const char *name, const void *bytes, size_t len,
                                       nn_err *err);
NN_MUST_CHECK nn_code nn_gz_open_fd(nn_gz **out, const char *name, int fd, nn_err *err);
void nn_gz_close(nn_gz *f); /* NULL is fine */

/* Reads up to len bytes; *got < len only at the end. */
NN_MUST_CHECK nn_code nn_gz_read(nn_gz *f, void *dst, size_t len, size_t *got, nn_err *err);
/* Reads what has come in without waiting for len bytes (0 = end); for rows from a pipe. */
NN_MUST_CHECK nn_code nn_gz_read_some(nn_gz *f, void *dst, size_t len, size_t *got, nn_err *err);
/* Looks at the first bytes without taking them (len <= 64); *got < len when there are no more. */
NN_MUST_CHECK nn_code nn_gz_peek(nn_gz *f, void *dst, size_t len, size_t *got, nn_err *err);
/* The end must be here: nothing follows but zero padding after gzip; CRC and length hold. */
NN_MUST_CHECK nn_code nn_gz_end(nn_gz *f, nn_err *err);
/*
 * As much as the stream can still give: exact for a plain file, an upper bound from the compressed
 * size (deflate expands at most 1032 to 1) for gzip; UINT64_MAX for a pipe. It bounds what
 * a reader may allocate.
 */
uint64_t nn_gz_left(const nn_gz *f);
bool nn_gz_is_packed(const nn_gz *f); /* gzip, as opposed to plain bytes */

/* What identifies the file after nn_gz_end: its size on disk and the SHA-256 of those bytes. */
typedef struct nn_file_id {
    uint64_t bytes;
    uint8_t sha256[NN_SHA256_SIZE];
} nn_file_id;
void nn_gz_id(const nn_gz *f, nn_file_id *id);

/*
 * What content looks like by its first bytes (64 are enough), for readers that find something else
 * than they can read: "a PNG image", "zlib data", "a PyTorch file (.pt)", ...; NULL when it is
 * nothing known.
 */
const char *nn_format_guess(const unsigned char *head, size_t len);

/* CRC-32 (zlib's) over more bytes; start with 0. */
uint32_t nn_crc32(uint32_t crc, const void *bytes, size_t len);

#endif
