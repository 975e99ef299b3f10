/* SHA-256 by x86 instructions. Four rounds at a time; the state is kept as the words ABEF and CDGH.
 */
#include "sha256_blocks.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>

#define NN_SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

static bool has_sha(void)
{
    unsigned a = 0, b = 0, c = 0, d = 0;

    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0)
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

/* The next four words of the schedule, out of the sixteen before them, oldest first. */
NN_SHA_TARGET static __m128i next_words(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
    const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));

    return _mm_sha256msg2_epu32(sum, w3);
}

/* Four rounds with the oldest words, which then become the next ones if more are needed. */
NN_SHA_TARGET static inline void step(__m128i *abef, __m128i *cdgh, __m128i *w0, __m128i w1,
                                      __m128i w2, __m128i w3, int round)
{
    const uint32_t *const constant = nn_sha256_round_word + round;
    const __m128i sum =
        _mm_add_epi32(*w0, _mm_loadu_si128((const __m128i *)(const void *)constant));

    if (round < 48)
        *w0 = next_words(*w0, w1, w2, w3);
    *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, sum);
    *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(sum, 0x0E));
}

NN_SHA_TARGET static inline __m128i load_words(const uint8_t *bytes)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)bytes), swap);
}

NN_SHA_TARGET static inline void digest_block(__m128i *abef, __m128i *cdgh, const uint8_t *bytes)
{
    const __m128i abef_before = *abef, cdgh_before = *cdgh;
    __m128i w0 = load_words(bytes), w1 = load_words(bytes + 16);
    __m128i w2 = load_words(bytes + 32), w3 = load_words(bytes + 48);

    for (int i = 0; i < 64; i += 16) {
        step(abef, cdgh, &w0, w1, w2, w3, i);
        step(abef, cdgh, &w1, w2, w3, w0, i + 4);
        step(abef, cdgh, &w2, w3, w0, w1, i + 8);
        step(abef, cdgh, &w3, w0, w1, w2, i + 12);
    }
    *abef = _mm_add_epi32(*abef, abef_before);
    *cdgh = _mm_add_epi32(*cdgh, cdgh_before);
}

NN_SHA_TARGET static void digest(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
    __m128i abef = _mm_set_epi32((int)state[0], (int)state[1], (int)state[4], (int)state[5]);
    __m128i cdgh = _mm_set_epi32((int)state[2], (int)state[3], (int)state[6], (int)state[7]);

    for (size_t i = 0; i < blocks; i++)
        digest_block(&abef, &cdgh, bytes + 64 * i);
    state[0] = (uint32_t)_mm_extract_epi32(abef, 3);
    state[1] = (uint32_t)_mm_extract_epi32(abef, 2);
    state[4] = (uint32_t)_mm_extract_epi32(abef, 1);
    state[5] = (uint32_t)_mm_extract_epi32(abef, 0);
    state[2] = (uint32_t)_mm_extract_epi32(cdgh, 3);
    state[3] = (uint32_t)_mm_extract_epi32(cdgh, 2);
    state[6] = (uint32_t)_mm_extract_epi32(cdgh, 1);
    state[7] = (uint32_t)_mm_extract_epi32(cdgh, 0);
}

bool nn_sha256_x86(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
    if (!has_sha())
        return false;
    digest(state, bytes, blocks);
    return true;
}
#else
bool nn_sha256_x86(uint32_t state[8], const uint8_t *bytes, size_t blocks)
{
    (void)state;
    (void)bytes;
    (void)blocks;
    return false;
}
#endif
