/* First values of weights: their statistics, and that they are a function of the seed. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "math/vec.h"
#include "nn/init.h"

#include <math.h>

enum { COUNT = 40000, FAN_IN = 300, FAN_OUT = 100 };

/* An initializer with its defaults, or with one number of its conf (all of them doubles) changed.
 */
typedef struct expectation {
    const char *name;
    double mean, stddev;
    double least, most; /* bounds of every value */
} expectation;

/* Within four standard errors, as good as always; the numbers are fixed by the seed anyway. */
static void check_statistics(const expectation *e, const nn_real *w)
{
    const double mean = nn_vec_sum(w, COUNT) / COUNT;
    const double stddev = sqrt(nn_vec_sum_squares(w, COUNT) / COUNT - mean * mean);

    if (fabs(mean - e->mean) > 4 * e->stddev / sqrt(COUNT))
        fail_msg("%s: expected mean %g, got %g", e->name, e->mean, mean);
    if (fabs(stddev - e->stddev) > 4 * e->stddev / sqrt(2.0 * COUNT))
        fail_msg("%s: expected standard deviation %g, got %g", e->name, e->stddev, stddev);
    for (int i = 0; i < COUNT; i++) {
        if (!((double)w[i] >= e->least - 1e-7 && (double)w[i] <= e->most + 1e-7))
            fail_msg("%s: %g is not between %g and %g", e->name, (double)w[i], e->least, e->most);
    }
}

static void fill(const char *name, nn_rng rng, nn_weight_size size, nn_real *w)
{
    const nn_kind *kind = nn_family_find(&nn_initializers, name);
    nn_choice choice;

    assert_non_null(kind);
    nn_choice_default(&choice, kind);
    ((const nn_initializer *)kind)->fill(&choice.conf, &rng, &size, w);
}

static const nn_weight_size usual = {COUNT, FAN_IN, FAN_OUT, 200, 200};

static void test_statistics_are_keras(void **state)
{
    /* A truncated normal number has 0.8796 of the deviation and reaches two of them. */
    const double cut = 0.87962566103423978;
    const double glorot = sqrt(2.0 / (FAN_IN + FAN_OUT)), he = sqrt(2.0 / FAN_IN);
    const double lecun = sqrt(1.0 / FAN_IN), root3 = sqrt(3);
    const expectation cases[] = {
        {"zeros", 0, 0, 0, 0},
        {"ones", 1, 0, 1, 1},
        {"constant", 0, 0, 0, 0},
        {"random_normal", 0, 0.05, -1, 1},
        {"random_uniform", 0, 0.05 / root3, -0.05, 0.05},
        {"truncated_normal", 0, 0.05 * cut, -0.1, 0.1},
        {"glorot_uniform", 0, glorot, -glorot * root3, glorot * root3},
        {"glorot_normal", 0, glorot, -glorot * 2 / cut, glorot * 2 / cut},
        {"he_uniform", 0, he, -he * root3, he * root3},
        {"he_normal", 0, he, -he * 2 / cut, he * 2 / cut},
        {"lecun_uniform", 0, lecun, -lecun * root3, lecun * root3},
        {"lecun_normal", 0, lecun, -lecun * 2 / cut, lecun * 2 / cut},
    };
    nn_real *w = nn_alloc(COUNT, sizeof(*w));

    (void)state;
    assert_int_equal(sizeof(cases) / sizeof(cases[0]) + 1, 13); /* orthogonal has its own test */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fill(cases[i].name, (nn_rng){1, NN_RNG_INIT, 0}, usual, w);
        check_statistics(&cases[i], w);
    }
    nn_free(w);
}

static void test_values_depend_on_seed_and_weight_alone(void **state)
{
    nn_real *a = nn_alloc(COUNT, sizeof(*a)), *b = nn_alloc(COUNT, sizeof(*b));

    (void)state;
    for (const nn_kind *const *k = nn_initializers.kinds; *k != NULL; k++) {
        fill((*k)->name, (nn_rng){1, NN_RNG_INIT, 0}, usual, a);
        fill((*k)->name, (nn_rng){1, NN_RNG_INIT, 0}, usual, b);
        assert_memory_equal(a, b, COUNT * sizeof(*a));
        if (a[0] == a[1]) /* not a random one */
            continue;
        fill((*k)->name, (nn_rng){2, NN_RNG_INIT, 0}, usual, b);
        assert_memory_not_equal(a, b, COUNT * sizeof(*a));
        fill((*k)->name, (nn_rng){1, NN_RNG_INIT + 1, 0}, usual, b);
        assert_memory_not_equal(a, b, COUNT * sizeof(*a));
    }
    nn_free(a);
    nn_free(b);
}

/* The vectors of the shorter side: rows of [rows][cols], or columns. */
static double product(const nn_real *w, int rows, int cols, int i, int k)
{
    const int len = rows > cols ? rows : cols;
    double sum = 0;

    for (int p = 0; p < len; p++)
        sum += rows > cols ? (double)w[p * cols + i] * (double)w[p * cols + k]
                           : (double)w[i * cols + p] * (double)w[k * cols + p];
    return sum;
}

static void check_orthogonal(int rows, int cols)
{
    const size_t count = (size_t)rows * (size_t)cols;
    const int vectors = rows < cols ? rows : cols;
    nn_real *w = nn_alloc(count, sizeof(*w));

    fill("orthogonal", (nn_rng){1, NN_RNG_INIT, 0}, (nn_weight_size){count, 1, 1, rows, cols}, w);
    for (int i = 0; i < vectors; i++) {
        for (int k = 0; k <= i; k++) {
            const double expected = i == k, got = product(w, rows, cols, i, k);

            if (fabs(got - expected) > 1e-6)
                fail_msg("[%d, %d]: vectors %d and %d: expected %g, got %g", rows, cols, i, k,
                         expected, got);
        }
    }
    nn_free(w);
}

static void test_orthogonal_vectors_have_length_1_and_right_angles(void **state)
{
    (void)state;
    check_orthogonal(1, 1);
    check_orthogonal(60, 60);
    check_orthogonal(40, 150);
    check_orthogonal(150, 140); /* more columns than clear_columns takes at a time */
}

static void test_settings_are_used(void **state)
{
    enum { FEW = 9 };
    const nn_weight_size size = {FEW, 1, 1, 3, 3};
    const nn_rng rng = {1, NN_RNG_INIT, 0};
    nn_real plain[FEW], set[FEW];
    nn_choice choice;

    (void)state;
    nn_choice_default(&choice, nn_family_find(&nn_initializers, "orthogonal"));
    fill("orthogonal", rng, size, plain);
    memcpy(&choice.conf, &(double){2}, sizeof(double)); /* gain */
    ((const nn_initializer *)choice.kind)->fill(&choice.conf, &rng, &size, set);
    for (int i = 0; i < FEW; i++)
        assert_true(set[i] == 2 * plain[i]);
    nn_choice_default(&choice, nn_family_find(&nn_initializers, "random_uniform"));
    memcpy(&choice.conf, (double[]){5, 6}, 2 * sizeof(double)); /* minval, maxval */
    ((const nn_initializer *)choice.kind)->fill(&choice.conf, &rng, &size, set);
    for (int i = 0; i < FEW; i++)
        assert_true(set[i] >= 5 && set[i] <= 6);
    nn_choice_default(&choice, nn_family_find(&nn_initializers, "truncated_normal"));
    memcpy(&choice.conf, (double[]){-3, 0.1}, 2 * sizeof(double)); /* mean, stddev */
    ((const nn_initializer *)choice.kind)->fill(&choice.conf, &rng, &size, set);
    for (int i = 0; i < FEW; i++)
        assert_true(set[i] > (nn_real)-3.2001 && set[i] < (nn_real)-2.7999);
    nn_choice_default(&choice, nn_family_find(&nn_initializers, "constant"));
    memcpy(&choice.conf, &(double){-7}, sizeof(double)); /* value */
    ((const nn_initializer *)choice.kind)->fill(&choice.conf, &rng, &size, set);
    assert_true(set[0] == -7 && set[FEW - 1] == -7);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics_are_keras),
        cmocka_unit_test(test_values_depend_on_seed_and_weight_alone),
        cmocka_unit_test(test_orthogonal_vectors_have_length_1_and_right_angles),
        cmocka_unit_test(test_settings_are_used),
    };
    return nn_test_main(argc, argv, tests);
}
