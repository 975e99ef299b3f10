/* The two ways to digest blocks of 64 bytes: plain C, and instructions that some x86 CPUs have for
 * it. */
#ifndef NN_BASE_SHA256_BLOCKS_H
#define NN_BASE_SHA256_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const uint32_t nn_sha256_round_word[64];

void nn_sha256_plain(uint32_t state[8], const uint8_t *bytes, size_t blocks);
/* The same five times as fast; false, and nothing done, where the CPU cannot. */
bool nn_sha256_x86(uint32_t state[8], const uint8_t *bytes, size_t blocks);

#endif
