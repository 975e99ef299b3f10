/* Fast hashes of bytes and numbers, to tell values and rows apart; good against chance alone. */
#ifndef NN_DATA_HASH_H
#define NN_DATA_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t nn_hash_bytes(const void *bytes, size_t len);
uint64_t nn_hash_number(double value); /* equal numbers have equal hashes, 0 and -0 as well */
uint64_t nn_hash_mix(uint64_t a, uint64_t b);

#endif
