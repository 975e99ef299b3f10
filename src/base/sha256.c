/* SHA-256 as FIPS 180-4 has it; eight rounds at a time, so that the eight words need no moving. */
#include "base/sha256.h"

#include <string.h>

#include "sha256_blocks.h"

const uint32_t nn_sha256_round_word[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static inline uint32_t turn(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

/* One round. The caller passes the words in a turned order instead of moving them along. */
static inline void step(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
                        uint32_t g, uint32_t *h, uint32_t word)
{
    const uint32_t choice = g ^ (e & (f ^ g)), majority = (a & b) | (c & (a | b));
    const uint32_t t = *h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + word;

    *d += t;
    *h = t + (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority;
}

/* The 64 words of a block, each with the constant of its round added. */
static void schedule(uint32_t word[64], const uint8_t *bytes)
{
    for (int i = 0; i < 16; i++)
        word[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 |
                  (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        const uint32_t x = word[i - 15], y = word[i - 2];

        word[i] = word[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ x >> 3) + word[i - 7] +
                  (turn(y, 17) ^ turn(y, 19) ^ y >> 10);
    }
    for (int i = 0; i < 64; i++)
        word[i] += nn_sha256_round_word[i];
}

static void digest_block(uint32_t state[8], const uint8_t *bytes)
{
    uint32_t word[64];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

    schedule(word, bytes);
    for (int i = 0; i < 64; i += 8) {
        step(a, b, c, &d, e, f, g, &h, word[i]);
        step(h, a, b, &c, d, e, f, &g, word[i + 1]);
        step(g, h, a, &b, c, d, e, &f, word[i + 2]);
        step(f, g, h, &a, b, c, d, &e, word[i + 3]);
        step(e, f, g, &h, a, b, c, &d, word[i + 4]);
        step(d, e, f, &g, h, a, b, &c, word[i + 5]);
        step(c, d, e, &f, g, h, a, &b, word[i + 6]);
        step(b, c, d, &e, f, g, h, &a, word[i + 7]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void nn_sha256_plain(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
    for (size_t i = 0; i < blocks; i++)
        digest_block(state, bytes + 64 * i);
}

static void digest(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
    if (!nn_sha256_x86(state, bytes, blocks))
        nn_sha256_plain(state, bytes, blocks);
}

void nn_sha256_start(nn_sha256 *s)
{
    *s = (nn_sha256){.h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                           0x1f83d9ab, 0x5be0cd19}};
}

void nn_sha256_add(nn_sha256 *s, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    const size_t held = s->len % sizeof s->block;

    s->len += len;
    if (held > 0) {
        const size_t room = sizeof s->block - held, take = len < room ? len : room;

        memcpy(s->block + held, from, take);
        from += take;
        len -= take;
        if (take < room)
            return;
        digest(s->h, s->block, 1);
    }
    digest(s->h, from, len / sizeof s->block);
    if (len % sizeof s->block > 0)
        memcpy(s->block, from + len / sizeof s->block * sizeof s->block, len % sizeof s->block);
}

static void put_be(uint8_t *dst, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        dst[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

void nn_sha256_end(nn_sha256 *s, uint8_t digest[NN_SHA256_SIZE])
{
    static const uint8_t mark[64] = {0x80};
    const size_t held = s->len % 64, padding = (held < 56 ? 56 : 120) - held;
    uint8_t bits[8];

    put_be(bits, s->len * 8, 8);
    nn_sha256_add(s, mark, padding);
    nn_sha256_add(s, bits, sizeof bits);
    for (int i = 0; i < 8; i++)
        put_be(digest + 4 * i, s->h[i], 4);
}

const char *nn_sha256_text(char *dst, const uint8_t digest[NN_SHA256_SIZE])
{
    static const char hex[] = "0123456789abcdef";

    for (int i = 0; i < NN_SHA256_SIZE; i++) {
        dst[2 * i] = hex[digest[i] >> 4];
        dst[2 * i + 1] = hex[digest[i] & 15];
    }
    dst[2 * NN_SHA256_SIZE] = '\0';
    return dst;
}
