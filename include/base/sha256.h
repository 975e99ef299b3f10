/* SHA-256 (FIPS 180-4), to name data files in the run record. */
#ifndef NN_BASE_SHA256_H
#define NN_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { NN_SHA256_SIZE = 32, NN_SHA256_TEXT = 65 };

typedef struct nn_sha256 {
    uint32_t h[8];
    uint64_t len;
    uint8_t block[64];
} nn_sha256;

void nn_sha256_start(nn_sha256 *s);
void nn_sha256_add(nn_sha256 *s, const void *bytes, size_t len);
void nn_sha256_end(nn_sha256 *s, uint8_t digest[NN_SHA256_SIZE]);
/* Lower-case hex; dst holds NN_SHA256_TEXT bytes. */
const char *nn_sha256_text(char *dst, const uint8_t digest[NN_SHA256_SIZE]);

#endif
