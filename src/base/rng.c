/* Random numbers by counter: Philox4x32-10, by Salmon, Moraes, Dror and Shaw (2011). */
#include "base/rng.h"

#include <assert.h>
#include <math.h>

void nn_rng_block(const nn_rng *rng, uint64_t i, uint32_t out[4])
{
    uint32_t key0 = (uint32_t)rng->seed, key1 = (uint32_t)(rng->seed >> 32);
    uint32_t c0 = (uint32_t)i, c1 = (uint32_t)(i >> 32);
    uint32_t c2 = (uint32_t)rng->step, c3 = rng->stream;

    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)c0 * 0xD2511F53U, b = (uint64_t)c2 * 0xCD9E8D57U;

        c0 = (uint32_t)(b >> 32) ^ c1 ^ key0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ key1;
        c3 = (uint32_t)a;
        key0 += 0x9E3779B9U; /* the golden ratio and sqrt(3) - 1, as the paper has them */
        key1 += 0xBB67AE85U;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* The i-th pair of words: two to a block. */
static void pair(const nn_rng *rng, uint64_t i, uint32_t out[2])
{
    uint32_t block[4];

    nn_rng_block(rng, i / 2, block);
    out[0] = block[i % 2 * 2];
    out[1] = block[i % 2 * 2 + 1];
}

float nn_rng_uniform(const nn_rng *rng, uint64_t i)
{
    uint32_t block[4];

    nn_rng_block(rng, i / 4, block);
    return (float)(block[i % 4] >> 8) * 0x1p-24F;
}

double nn_rng_normal(const nn_rng *rng, uint64_t i)
{
    uint32_t word[2];

    pair(rng, i, word);
    /* Box and Muller. The radius draws from (0, 1], so that the logarithm is finite. */
    const double radius = sqrt(-2 * log(((double)word[0] + 1) * 0x1p-32));
    return radius * cos(6.283185307179586 * 0x1p-32 * (double)word[1]);
}

/* The upper 64 bits of a * b. */
static uint64_t mul_high(uint64_t a, uint64_t b)
{
    const uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    const uint64_t low = a0 * b0, cross = a1 * b0 + (low >> 32); /* neither can overflow */
    const uint64_t middle = a0 * b1 + (uint32_t)cross;

    return a1 * b1 + (cross >> 32) + (middle >> 32);
}

uint64_t nn_rng_below(const nn_rng *rng, uint64_t i, uint64_t below)
{
    uint32_t word[2];

    assert(below >= 1);
    pair(rng, i, word);
    return mul_high((uint64_t)word[1] << 32 | word[0], below);
}

void nn_rng_permute(const nn_rng *rng, uint32_t *order, size_t n)
{
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (size_t i = n; i > 1; i--) { /* Fisher and Yates, from the end */
        const size_t other = (size_t)nn_rng_below(rng, i, i);
        const uint32_t last = order[i - 1];

        order[i - 1] = order[other];
        order[other] = last;
    }
}
