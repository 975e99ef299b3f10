/*
 * Random numbers as a pure function of (seed, stream, step, index): Philox4x32-10. There is no
 * state to save, and any thread can compute any number.
 */
#ifndef NN_BASE_RNG_H
#define NN_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* One stream per use, so that no two uses ever share numbers. */
typedef enum nn_stream {
    NN_RNG_SHUFFLE = 1,
    NN_RNG_SPLIT = 2,
    NN_RNG_LIMIT = 3,
    NN_RNG_FOLD = 4,
    NN_RNG_AUGMENT = 5,
    NN_RNG_BENCH = 6,
    NN_RNG_BOOTSTRAP = 7,
    NN_RNG_PERMUTE = 8,
    NN_RNG_GENERATE = 9,
    NN_RNG_INIT = 0x10000,  /* + index of the weight */
    NN_RNG_LAYER = 0x100000 /* + index of the layer */
} nn_stream;

typedef struct nn_rng {
    uint64_t seed;
    uint32_t stream;
    uint64_t step; /* below 2^32 matters: an epoch, a training step */
} nn_rng;

/* Four independent 32-bit words for block `i`. */
void nn_rng_block(const nn_rng *rng, uint64_t i, uint32_t out[4]);
/* The i-th number: uniform in [0, 1), 24 bits of word i % 4 of block i / 4; or standard normal. */
float nn_rng_uniform(const nn_rng *rng, uint64_t i);
double nn_rng_normal(const nn_rng *rng, uint64_t i);
/* Uniform in [0, below) without bias worth speaking of; below >= 1. */
uint64_t nn_rng_below(const nn_rng *rng, uint64_t i, uint64_t below);
/* A permutation of 0..n-1 that depends on the rng alone. */
void nn_rng_permute(const nn_rng *rng, uint32_t *order, size_t n);

#endif
