/* Hashes by multiplication and shifts, eight bytes at a time. */
#include "data/hash.h"

#include <string.h>

uint64_t nn_hash_mix(uint64_t a, uint64_t b)
{
    uint64_t h = (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdu;

    h = (h ^ h >> 32) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

uint64_t nn_hash_bytes(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t h = nn_hash_mix(len, 0);

    for (; len >= 8; at += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        h = nn_hash_mix(h, word);
    }
    uint64_t rest = 0;
    memcpy(&rest, at, len);
    return nn_hash_mix(h, rest);
}

uint64_t nn_hash_number(double value)
{
    uint64_t bits;

    value += 0.0; /* -0 becomes 0: they are equal */
    memcpy(&bits, &value, sizeof bits);
    return nn_hash_mix(bits, 1);
}
