/* Normal noise: its distribution, and that it is a function of block and place alone. */
#include "support/nn_test.h"

#include <math.h>

#include "math/noise.h"

enum { MANY = 200000 };
static const nn_rng rng = {7, NN_RNG_AUGMENT, 3};

static void test_moments_and_tails_are_those_of_the_normal_distribution(void **state)
{
    static nn_real x[MANY];
    static const int apart[] = {1, 32, 64, 96}; /* numbers of one block are 32 and more apart */
    double sum[5] = {0}, product[4] = {0};
    int beyond_two = 0;

    (void)state;
    memset(x, 0, sizeof x);
    nn_noise_add(x, MANY, 1, &rng, 0);
    for (int i = 0; i < MANY; i++) {
        assert_true(fabs((double)x[i]) < 5.95);
        for (int k = 1; k < 5; k++)
            sum[k] += pow((double)x[i], k) / MANY;
        beyond_two += fabs((double)x[i]) > 2;
        for (int k = 0; k < 4; k++)
            product[k] += i >= apart[k] ? (double)x[i] * (double)x[i - apart[k]] / MANY : 0;
    }
    assert_float_equal(sum[1], 0, 0.01); /* 4 standard errors and more */
    assert_float_equal(sum[2], 1, 0.02);
    assert_float_equal(sum[3], 0, 0.04);
    assert_float_equal(sum[4], 3, 0.1);
    assert_float_equal(beyond_two / (double)MANY, 0.0455, 0.002);
    for (int k = 0; k < 4; k++)
        assert_float_equal(product[k], 0, 0.01);
}

static void test_shorter_runs_get_the_same_numbers_and_nothing_behind_them(void **state)
{
    nn_real all[300] = {0}, some[300];

    (void)state;
    nn_noise_add(all, 300, (nn_real)0.5, &rng, 11);
    for (size_t n = 0; n <= 300; n += 37) {
        memset(some, 0, sizeof some);
        nn_noise_add(some, n, (nn_real)0.5, &rng, 11);
        assert_memory_equal(all, some, n * sizeof *all);
        for (size_t i = n; i < 300; i++)
            assert_true(some[i] == 0);
    }
}

static void test_noise_is_added_in_proportion(void **state)
{
    nn_real unit[64] = {0}, x[64];

    (void)state;
    for (int i = 0; i < 64; i++)
        x[i] = (nn_real)i;
    nn_noise_add(unit, 64, 1, &rng, 5);
    nn_noise_add(x, 64, 2, &rng, 5);
    for (int i = 0; i < 64; i++)
        assert_float_equal(x[i], (double)i + 2 * (double)unit[i], 1e-5);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments_and_tails_are_those_of_the_normal_distribution),
        cmocka_unit_test(test_shorter_runs_get_the_same_numbers_and_nothing_behind_them),
        cmocka_unit_test(test_noise_is_added_in_proportion),
    };

    return nn_test_main(argc, argv, tests);
}
