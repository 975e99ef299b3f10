/* Histograms that grow. */
#include "support/nn_test.h"

#include <math.h>

#include "data/histogram.h"

static size_t total(const nn_bins *b)
{
    size_t sum = 0;

    for (int i = 0; i < b->bins; i++)
        sum += b->count[i];
    return sum;
}

/* Every bin holds exactly the numbers of its range, however they came in. */
static void check(const double *value, int count, int most)
{
    nn_histogram h = {0};
    nn_bins b;

    for (int i = 0; i < count; i++)
        nn_histogram_add(&h, value[i]);
    nn_histogram_bins(&h, most, false, &b);
    assert_in_range(b.bins, 1, most);
    for (int k = 0; k < b.bins; k++) {
        const double low = b.from + k * b.width;
        size_t expected = 0;

        for (int i = 0; i < count; i++)
            expected += value[i] >= low && value[i] < low + b.width;
        assert_int_equal(b.count[k], expected);
    }
    assert_int_equal(total(&b), count);
    assert_true(b.count[0] > 0 && b.count[b.bins - 1] > 0);
}

static void test_counts_are_exact(void **state)
{
    static const double orders[][6] = {
        {1, 2, 3, 4, 5, 6},          {6, 5, 4, 3, 2, 1},           {-1e9, 1e-9, 0, 3, -3, 1e9},
        {0, 0, 0, 0, 0, 0},          {1e300, -1e300, 1, 0, -1, 2}, {-0.5, -0.25, 0.5, 8, 7.99, -8},
        {100, 100.5, 101, 99, 98, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        for (int most = 1; most <= NN_HISTOGRAM_BINS; most += 7)
            check(orders[i], 6, most);
}

static void test_many_numbers_fill_about_as_many_bins_as_asked_for(void **state)
{
    double value[2000];
    nn_histogram h = {0};
    nn_bins b;

    (void)state;
    for (int i = 0; i < 2000; i++)
        value[i] = sin(i) * 1000 + i;
    check(value, 2000, 20);
    for (int i = 0; i < 2000; i++)
        nn_histogram_add(&h, value[i]);
    nn_histogram_bins(&h, 20, false, &b);
    assert_in_range(b.bins, 10, 20);
}

static void test_bins_of_whole_numbers_are_not_narrower_than_they(void **state)
{
    nn_histogram h = {0};
    nn_bins b;

    (void)state;
    for (int i = 0; i < 24; i++)
        nn_histogram_add(&h, 3 + i % 8);
    nn_histogram_bins(&h, 20, true, &b);
    assert_int_equal(b.bins, 8);
    assert_true(b.from == 3 && b.width == 1);
    for (int i = 0; i < 8; i++)
        assert_int_equal(b.count[i], 3);
    nn_histogram_bins(&h, 4, true, &b);
    assert_int_equal(b.bins, 4);
    assert_int_equal(b.count[0], 6);
}

static void test_without_numbers_there_are_no_bins(void **state)
{
    const nn_histogram h = {0};
    nn_bins b;

    (void)state;
    nn_histogram_bins(&h, 20, false, &b);
    assert_int_equal(b.bins, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_exact),
        cmocka_unit_test(test_many_numbers_fill_about_as_many_bins_as_asked_for),
        cmocka_unit_test(test_bins_of_whole_numbers_are_not_narrower_than_they),
        cmocka_unit_test(test_without_numbers_there_are_no_bins),
    };

    return nn_test_main(argc, argv, tests);
}
