/* Random numbers: the published vectors, the ranges, and independence of seeds, streams and steps.
 */
#include "support/nn_test.h"

#include <math.h>

#include "base/rng.h"

/* The known answers that the authors of Philox publish with Random123. */
static void test_blocks_are_the_published_ones(void **state)
{
    static const struct {
        nn_rng rng;
        uint64_t i;
        uint32_t want[4];
    } known[] = {
        {{0, 0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{UINT64_MAX, UINT32_MAX, UINT64_MAX},
         UINT64_MAX,
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x299f31d0a4093822, 0x03707344, 0x13198a2e},
         0x85a308d3243f6a88,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    (void)state;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        uint32_t got[4];

        nn_rng_block(&known[k].rng, known[k].i, got);
        assert_memory_equal(got, known[k].want, sizeof got);
    }
}

static void test_seed_stream_step_and_index_all_matter(void **state)
{
    const nn_rng base = {1, 2, 3};
    const nn_rng other[] = {{2, 2, 3}, {1, 3, 3}, {1, 2, 4}, {1 + (1ULL << 32), 2, 3}};
    uint32_t a[4], b[4];

    (void)state;
    nn_rng_block(&base, 4, a);
    for (size_t k = 0; k < sizeof other / sizeof *other; k++) {
        nn_rng_block(&other[k], 4, b);
        assert_memory_not_equal(a, b, sizeof a);
    }
    nn_rng_block(&base, 4 + (1ULL << 32), b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void test_uniform_is_in_range_with_the_right_moments(void **state)
{
    const nn_rng rng = {7, NN_RNG_INIT, 0};
    enum { N = 20000 };
    double sum = 0, squares = 0;

    (void)state;
    for (uint64_t i = 0; i < N; i++) {
        const double x = (double)nn_rng_uniform(&rng, i);

        assert_true(x >= 0 && x < 1);
        sum += x;
        squares += x * x;
    }
    assert_true(fabs(sum / N - 0.5) < 0.01); /* five standard errors */
    assert_true(fabs(squares / N - 1.0 / 3) < 0.011);
}

static void test_normal_has_the_right_moments_and_tails(void **state)
{
    const nn_rng rng = {7, NN_RNG_INIT, 0};
    enum { N = 40000 };
    double sum = 0, squares = 0, fourth = 0, next = 0;
    int beyond = 0;

    (void)state;
    for (uint64_t i = 0; i < N; i++) {
        const double x = nn_rng_normal(&rng, i);

        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        next += x * nn_rng_normal(&rng, i + 1);
        beyond += fabs(x) > 1.959964;
    }
    assert_true(fabs(sum / N) < 0.025);
    assert_true(fabs(squares / N - 1) < 0.036);
    assert_true(fabs(fourth / N - 3) < 0.25);
    assert_true(fabs(next / N) < 0.025); /* neighbours have nothing to do with each other */
    assert_true(fabs((double)beyond / N - 0.05) < 0.0055);
}

static void test_below_reaches_every_value_evenly_and_no_other(void **state)
{
    const nn_rng rng = {7, NN_RNG_LIMIT, 0};
    int seen[7] = {0};

    (void)state;
    for (uint64_t i = 0; i < 7000; i++) {
        const uint64_t x = nn_rng_below(&rng, i, 7);

        assert_true(x < 7);
        seen[x]++;
    }
    for (int k = 0; k < 7; k++)
        assert_in_range(seen[k], 850, 1150);
    assert_int_equal(nn_rng_below(&rng, 0, 1), 0);
}

/* The 64-bit product's upper half, against a bound whose answer a shift gives. */
static void test_below_uses_all_64_bits(void **state)
{
    const nn_rng rng = {7, NN_RNG_LIMIT, 0};
    uint32_t block[4];

    (void)state;
    nn_rng_block(&rng, 0, block);
    const uint64_t word = (uint64_t)block[1] << 32 | block[0];
    assert_true(nn_rng_below(&rng, 0, 1ULL << 63) == word >> 1);
    assert_true(nn_rng_below(&rng, 0, 1ULL << 20) == word >> 44);
    assert_true(nn_rng_below(&rng, 0, UINT64_MAX) == word - 1);
    const uint64_t next = (uint64_t)block[3] << 32 | block[2]; /* two numbers to a block */
    assert_true(nn_rng_below(&rng, 1, 1ULL << 63) == next >> 1);
}

static void test_permute_is_a_permutation_that_depends_on_the_rng_alone(void **state)
{
    enum { N = 1000 };
    static uint32_t a[N], b[N];
    nn_rng rng = {7, NN_RNG_SHUFFLE, 1};
    int seen[N] = {0}, fixed = 0;

    (void)state;
    nn_rng_permute(&rng, a, N);
    nn_rng_permute(&rng, b, N);
    assert_memory_equal(a, b, sizeof a);
    for (int i = 0; i < N; i++) {
        assert_true(a[i] < N);
        seen[a[i]]++;
        fixed += a[i] == (uint32_t)i;
    }
    for (int i = 0; i < N; i++)
        assert_int_equal(seen[i], 1);
    assert_true(fixed < 8); /* one on average */
    rng.step = 2;
    nn_rng_permute(&rng, b, N);
    assert_memory_not_equal(a, b, sizeof a);
    nn_rng_permute(&rng, b, 0);
}

static void test_all_orders_of_three_come_up_evenly(void **state)
{
    int seen[27] = {0};

    (void)state;
    for (uint64_t step = 0; step < 6000; step++) {
        const nn_rng rng = {7, NN_RNG_SHUFFLE, step};
        uint32_t order[3];

        nn_rng_permute(&rng, order, 3);
        seen[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    assert_in_range(seen[0 * 9 + 1 * 3 + 2], 850, 1150);
    assert_in_range(seen[0 * 9 + 2 * 3 + 1], 850, 1150);
    assert_in_range(seen[1 * 9 + 0 * 3 + 2], 850, 1150);
    assert_in_range(seen[1 * 9 + 2 * 3 + 0], 850, 1150);
    assert_in_range(seen[2 * 9 + 0 * 3 + 1], 850, 1150);
    assert_in_range(seen[2 * 9 + 1 * 3 + 0], 850, 1150);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_the_published_ones),
        cmocka_unit_test(test_seed_stream_step_and_index_all_matter),
        cmocka_unit_test(test_uniform_is_in_range_with_the_right_moments),
        cmocka_unit_test(test_normal_has_the_right_moments_and_tails),
        cmocka_unit_test(test_below_reaches_every_value_evenly_and_no_other),
        cmocka_unit_test(test_below_uses_all_64_bits),
        cmocka_unit_test(test_permute_is_a_permutation_that_depends_on_the_rng_alone),
        cmocka_unit_test(test_all_orders_of_three_come_up_evenly),
    };

    return nn_test_main(argc, argv, tests);
}
