/* Vector functions: close to the C library's everywhere, special values kept, sums in a fixed
 * order. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "math/vec.h"

#include <float.h>
#include <math.h>

enum { COUNT = 4096 };

typedef void vec_fn(nn_real *y, const nn_real *x, size_t n);
typedef double exact_fn(double x);

static double exact_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* How many steps of nn_real's last place lie between `got` and `want`. */
static double steps(nn_real got, double want)
{
    const int digits = NN_REAL_IS_DOUBLE ? DBL_MANT_DIG : FLT_MANT_DIG;
    const int least = NN_REAL_IS_DOUBLE ? DBL_MIN_EXP : FLT_MIN_EXP;
    const nn_real nearest = (nn_real)want;
    int exponent;

    if (isnan(want) || isinf(nearest))
        return isnan(want) ? (isnan(got) ? 0 : INFINITY) : (got == nearest ? 0 : INFINITY);
    frexp(want, &exponent);
    return fabs((double)got - want) / ldexp(1, (exponent > least ? exponent : least) - digits);
}

/* Any bit pattern at all, so that every exponent, denormals, infinities and NaN come up. */
static nn_real any_real(const nn_rng *rng, uint64_t i)
{
    uint32_t word[4];
    nn_real x;

    nn_rng_block(rng, i, word);
    memcpy(&x, word, sizeof x);
    return x;
}

static void compare(const char *name, vec_fn *fn, exact_fn *exact, const nn_real *x, double most)
{
    nn_real y[COUNT];

    fn(y, x, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const double off = steps(y[i], exact((double)x[i]));
        if (!(off <= most))
            fail_msg("%s(%.9g) is %.9g, not %.9g: off by %.2f", name, x[i], y[i],
                     exact((double)x[i]), off);
    }
}

static void near_exact(const char *name, vec_fn *fn, exact_fn *exact, double low, double high)
{
    const nn_rng rng = {.seed = 3, .stream = 1};
    nn_real x[COUNT];

    for (uint64_t part = 0; part < 30; part++) {
        for (uint64_t i = 0; i < COUNT; i++)
            x[i] = any_real(&rng, part * COUNT + i);
        compare(name, fn, exact, x, 3);
        for (int i = 0; i < COUNT; i++) /* dense where the function does something */
            x[i] = (nn_real)(low + (high - low) * ((double)part * COUNT + i) / (30 * COUNT));
        compare(name, fn, exact, x, 3);
    }
}

static void test_exp_is_exact_to_a_few_units(void **state)
{
    (void)state;
    near_exact("exp", nn_vec_exp, exp, -110, 95);
    near_exact("exp", nn_vec_exp, exp, -1, 1);
}

static void test_log_is_exact_to_a_few_units(void **state)
{
    (void)state;
    near_exact("log", nn_vec_log, log, -0.5, 3);
}

static void test_tanh_is_exact_to_a_few_units(void **state)
{
    (void)state;
    near_exact("tanh", nn_vec_tanh, tanh, -12, 12);
}

static void test_sigmoid_is_exact_to_a_few_units(void **state)
{
    (void)state;
    near_exact("sigmoid", nn_vec_sigmoid, exact_sigmoid, -100, 20);
}

static void test_erf_is_exact_to_a_few_units(void **state)
{
    (void)state;
    near_exact("erf", nn_vec_erf, erf, -5, 5);
}

static void test_special_values_come_out_right(void **state)
{
    nn_real x[5] = {NAN, INFINITY, -INFINITY, 0, (nn_real)-0.0}, y[5];

    (void)state;
    nn_vec_exp(y, x, 5);
    assert_true(isnan(y[0]) && isinf(y[1]) && y[2] == 0 && y[3] == 1 && y[4] == 1);
    nn_vec_log(y, x, 5);
    assert_true(isnan(y[0]) && isinf(y[1]) && y[1] > 0 && isnan(y[2]));
    assert_true(isinf(y[3]) && y[3] < 0 && isinf(y[4]) && y[4] < 0);
    nn_vec_tanh(y, x, 5);
    assert_true(isnan(y[0]) && y[1] == 1 && y[2] == -1 && y[3] == 0 && signbit(y[4]));
    nn_vec_sigmoid(y, x, 5);
    assert_true(isnan(y[0]) && y[1] == 1 && y[2] == 0 && y[3] == (nn_real)0.5);
    nn_vec_erf(y, x, 5);
    assert_true(isnan(y[0]) && y[1] == 1 && y[2] == -1 && y[3] == 0 && signbit(y[4]));
    nn_vec_relu(y, x, 5);
    assert_true(isnan(y[0]) && isinf(y[1]) && y[2] == 0 && y[3] == 0);
}

/* Runs in place, at every length up to `most`, from a place that is not aligned. */
static void test_every_length_and_alignment_gives_the_same_values(void **state)
{
    static vec_fn *const fns[] = {nn_vec_exp,     nn_vec_log, nn_vec_tanh,
                                  nn_vec_sigmoid, nn_vec_erf, nn_vec_relu};
    enum { MOST = 70 };
    const nn_rng rng = {.seed = 5, .stream = 2};
    nn_real x[MOST], whole[MOST], part[MOST + 8];

    (void)state;
    for (size_t f = 0; f < sizeof fns / sizeof *fns; f++) {
        for (uint64_t i = 0; i < MOST; i++)
            x[i] = (nn_real)(nn_rng_uniform(&rng, i) * 6 - 2);
        fns[f](whole, x, MOST);
        for (size_t n = 0; n <= MOST; n++) {
            nn_real *at = part + n % 7;
            memset(part, 0, sizeof part);
            memcpy(at, x, n * sizeof *x);
            fns[f](at, at, n);
            for (size_t i = 0; i < n; i++)
                assert_true(steps(at[i], (double)whole[i]) <= 1 || isnan(whole[i]));
            assert_true(at[n] == 0);
        }
    }
}

static void test_arithmetic_is_elementwise(void **state)
{
    enum { N = 37 };
    nn_real a[N], b[N], y[N];
    uint8_t bytes[N];

    (void)state;
    for (int i = 0; i < N; i++) {
        a[i] = (nn_real)(i - 10);
        b[i] = (nn_real)(i % 5 - 2);
        bytes[i] = (uint8_t)(i * 7);
    }
    nn_vec_add(y, a, b, N);
    for (int i = 0; i < N; i++)
        assert_true(y[i] == a[i] + b[i]);
    nn_vec_mul(y, a, b, N);
    for (int i = 0; i < N; i++)
        assert_true(y[i] == a[i] * b[i]);
    nn_vec_scale(y, a, 3, N);
    nn_vec_axpy(y, 2, b, N);
    for (int i = 0; i < N; i++)
        assert_true(y[i] == 3 * a[i] + 2 * b[i]);
    nn_vec_relu_back(y, a, b, N);
    for (int i = 0; i < N; i++)
        assert_true(y[i] == (a[i] > 0 ? b[i] : 0));
    nn_vec_from_u8(y, bytes, 4, (nn_real)0.5, N);
    for (int i = 0; i < N; i++)
        assert_true(y[i] == (nn_real)((bytes[i] - 4) * 0.5));
}

static void test_sums_are_made_in_double_in_lanes(void **state)
{
    const nn_rng rng = {.seed = 5, .stream = 3};
    nn_real x[1000], y[1000];

    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        x[i] = (nn_real)(nn_rng_uniform(&rng, i) - 0.5);
        y[i] = (nn_real)nn_rng_uniform(&rng, i + 1000);
    }
    for (size_t n = 0; n <= 1000; n = n * 2 + 1) {
        double sum = 0, squares = 0, dot = 0;
        for (size_t i = 0; i < n; i++) {
            sum += (double)x[i];
            squares += (double)x[i] * (double)x[i];
            dot += (double)x[i] * (double)y[i];
        }
        assert_true(fabs(nn_vec_sum(x, n) - sum) <= 1e-12);
        assert_true(fabs(nn_vec_sum_squares(x, n) - squares) <= 1e-12);
        assert_true(fabs(nn_vec_dot(x, y, n) - dot) <= 1e-12);
    }
}

static void test_one_value_that_is_not_finite_is_found_anywhere(void **state)
{
    nn_real x[3000] = {0};

    (void)state;
    x[0] = NN_REAL_IS_DOUBLE ? (nn_real)DBL_MAX : (nn_real)FLT_MAX;
    assert_true(nn_vec_finite(x, 3000));
    assert_true(nn_vec_finite(x, 0));
    for (size_t i = 0; i < 3000; i += 37) {
        x[i] = i % 2 ? NAN : -INFINITY;
        assert_false(nn_vec_finite(x, 3000));
        assert_true(nn_vec_finite(x, i));
        x[i] = 0;
    }
}

static void softmax_row(double *y, const nn_real *x, int width)
{
    double greatest = -INFINITY, sum = 0;

    for (int j = 0; j < width; j++)
        greatest = fmax(greatest, (double)x[j]);
    for (int j = 0; j < width; j++)
        sum += y[j] = exp((double)x[j] - greatest);
    for (int j = 0; j < width; j++)
        y[j] /= sum;
}

static void test_softmax_is_stable_and_sums_to_one(void **state)
{
    static const int widths[] = {1, 2, 10, 16, 33, 1000, 1500};
    const nn_rng rng = {.seed = 5, .stream = 4};
    const double most = NN_REAL_IS_DOUBLE ? 1e-14 : 1e-6;

    (void)state;
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        const int width = widths[w];
        const size_t rows = 150, len = rows * (size_t)width;
        nn_real *x = nn_alloc(len, sizeof *x), *y = nn_alloc(len, sizeof *y);
        double *want = nn_alloc((size_t)width, sizeof *want);

        assert_true(x != NULL && y != NULL && want != NULL);
        for (uint64_t i = 0; i < len; i++) /* far beyond what exp can take */
            x[i] = (nn_real)((nn_rng_uniform(&rng, i) - 0.5) * (i % 3 ? 10 : 2000));
        nn_vec_softmax(y, x, rows, width);
        for (size_t r = 0; r < rows; r++) {
            softmax_row(want, x + r * (size_t)width, width);
            for (int j = 0; j < width; j++)
                assert_true(fabs((double)y[r * (size_t)width + (size_t)j] - want[j]) <= most);
        }
        nn_vec_softmax(x, x, rows, width);
        assert_memory_equal(x, y, len * sizeof *x);
        nn_free(x);
        nn_free(y);
        nn_free(want);
    }
}

static void test_softmax_of_nan_is_nan_in_that_row_alone(void **state)
{
    nn_real x[6] = {1, NAN, 2, 3, 4, 5};

    (void)state;
    nn_vec_softmax(x, x, 2, 3);
    assert_true(isnan(x[0]) && isnan(x[1]) && isnan(x[2]));
    assert_true(nn_vec_finite(x + 3, 3));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exp_is_exact_to_a_few_units),
        cmocka_unit_test(test_log_is_exact_to_a_few_units),
        cmocka_unit_test(test_tanh_is_exact_to_a_few_units),
        cmocka_unit_test(test_sigmoid_is_exact_to_a_few_units),
        cmocka_unit_test(test_erf_is_exact_to_a_few_units),
        cmocka_unit_test(test_special_values_come_out_right),
        cmocka_unit_test(test_every_length_and_alignment_gives_the_same_values),
        cmocka_unit_test(test_arithmetic_is_elementwise),
        cmocka_unit_test(test_sums_are_made_in_double_in_lanes),
        cmocka_unit_test(test_one_value_that_is_not_finite_is_found_anywhere),
        cmocka_unit_test(test_softmax_is_stable_and_sums_to_one),
        cmocka_unit_test(test_softmax_of_nan_is_nan_in_that_row_alone),
    };
    return nn_test_main(argc, argv, tests);
}
