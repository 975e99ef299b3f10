/* Normal noise by the method of Box and Muller, without calls or branches in its loops. */
#include "math/noise.h"

#include "math/elementary.h"
#include "math/vec.h"

enum { BLOCKS = 32 }; /* random blocks at a time; each has two pairs of words */

/* Sine and cosine of pi * t, t from -1/2 to 1/2: Taylor's series to where float ends. */
NN_HOT_INLINE nn_real sine(nn_real t)
{
    const nn_real a = t * (nn_real)3.14159265358979324, s = a * a;
    nn_real p = (nn_real)(-1.0 / 39916800);

    p = p * s + (nn_real)(1.0 / 362880);
    p = p * s - (nn_real)(1.0 / 5040);
    p = p * s + (nn_real)(1.0 / 120);
    p = p * s - (nn_real)(1.0 / 6);
    return a + a * s * p;
}

NN_HOT_INLINE nn_real cosine(nn_real t)
{
    const nn_real a = t * (nn_real)3.14159265358979324, s = a * a;
    nn_real p = (nn_real)(-1.0 / 3628800);

    p = p * s + (nn_real)(1.0 / 40320);
    p = p * s - (nn_real)(1.0 / 720);
    p = p * s + (nn_real)(1.0 / 24);
    p = p * s - (nn_real)(1.0 / 2);
    return 1 + s * p;
}

/* Two normal numbers from each of n pairs of words: z[i] and z[n + i]. */
static NN_HOT void turn(nn_real *restrict z, const uint32_t *restrict radius,
                        const uint32_t *restrict angle, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        /* From 2^-25 to 1, so that the logarithm is finite. */
        const nn_real u = (nn_real)(int)(radius[i] >> 8) * (nn_real)0x1p-24 + (nn_real)0x1p-25;
        const nn_real r = (nn_real)sqrt((double)(-2 * nn_log(u)));
        const nn_real t = (nn_real)(int)(angle[i] >> 8) * (nn_real)0x1p-24 - (nn_real)0.5;
        const nn_real s = sine(t), c = cosine(t); /* of half the angle */

        z[i] = r * (1 - 2 * s * s);
        z[n + i] = r * (2 * s * c);
    }
}

void nn_noise_add(nn_real *x, size_t n, nn_real stddev, const nn_rng *rng, uint64_t first)
{
    uint32_t radius[2 * BLOCKS], angle[2 * BLOCKS];
    nn_real z[4 * BLOCKS];

    for (size_t at = 0; at < n; at += 4 * BLOCKS, first += BLOCKS) {
        for (size_t i = 0; i < BLOCKS; i++) {
            uint32_t word[4];

            nn_rng_block(rng, first + i, word);
            radius[i] = word[0];
            angle[i] = word[1];
            radius[BLOCKS + i] = word[2];
            angle[BLOCKS + i] = word[3];
        }
        turn(z, radius, angle, 2 * BLOCKS);
        nn_vec_axpy(x + at, stddev, z, n - at < 4 * BLOCKS ? n - at : 4 * BLOCKS);
    }
}
