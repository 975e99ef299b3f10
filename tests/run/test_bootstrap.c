/* Intervals of scores, histograms, and the log of a run as columns. */
#include "support/nn_test.h"

#include <math.h>

#include "base/file.h"
#include "base/mem.h"
#include "run/bootstrap.h"
#include "run/histogram.h"
#include "run/history.h"

static double share(const double *sums)
{
    return sums[1] / sums[0];
}

static double undefined(const double *sums)
{
    (void)sums;
    return (double)NAN;
}

/* Hits and misses so that `hits` of `samples` are right. */
static nn_interval interval(size_t samples, size_t hits, uint64_t seed)
{
    nn_statistic *const statistic[] = {share};
    nn_bootstrap *b = nn_alloc(1, sizeof *b);
    nn_interval found = {0, 0};
    nn_err err = {0};

    assert_non_null(b);
    for (size_t i = 0; i < samples; i++) {
        const double sums[NN_BOOTSTRAP_SUMS] = {1, i < hits};
        nn_bootstrap_add(b, sums);
    }
    assert_int_equal(nn_bootstrap_run(b, statistic, 1, seed, &found, &err), NN_OK);
    nn_free(b);
    return found;
}

/* Of a share the interval is known: p - 1.96 s and p + 1.96 s with s = sqrt(p (1 - p) / n). */
static void expect_normal(size_t samples, size_t hits)
{
    const double p = (double)hits / (double)samples;
    const double half = 1.96 * sqrt(p * (1 - p) / (double)samples);
    const nn_interval found = interval(samples, hits, 1);

    assert_true(fabs(found.low - (p - half)) < 0.12 * half);
    assert_true(fabs(found.high - (p + half)) < 0.12 * half);
}

static void test_intervals_of_a_share_are_those_of_the_normal_curve(void **state)
{
    (void)state;
    expect_normal(500, 400);
    expect_normal(2000, 1917);
}

/* More samples than blocks: every block holds some, and the spread must stay what it is. */
static void test_many_samples_have_the_same_intervals_in_blocks(void **state)
{
    (void)state;
    expect_normal(100000, 73000);
}

static void test_intervals_are_a_function_of_the_seed(void **state)
{
    const nn_interval a = interval(300, 200, 7), b = interval(300, 200, 7);
    const nn_interval c = interval(300, 200, 8);

    (void)state;
    assert_true(a.low == b.low && a.high == b.high);
    assert_true(a.low != c.low || a.high != c.high);
}

static void test_what_is_not_defined_has_no_interval(void **state)
{
    nn_statistic *const statistic[] = {undefined};
    nn_bootstrap *b = nn_alloc(1, sizeof *b);
    const double sums[NN_BOOTSTRAP_SUMS] = {1};
    nn_interval found;
    nn_err err = {0};

    (void)state;
    assert_non_null(b);
    nn_bootstrap_add(b, sums);
    nn_bootstrap_add(b, sums);
    assert_int_equal(nn_bootstrap_run(b, statistic, 1, 0, &found, &err), NN_OK);
    assert_true(isnan(found.low) && isnan(found.high));
    nn_free(b);
    assert_true(isnan(interval(1, 1, 0).low)); /* one sample says nothing of its spread */
}

static void test_histograms_leave_out_zeros_that_would_hide_all_else(void **state)
{
    const nn_real values[] = {0, 0, 0, 1, 2, 3, (nn_real)NAN, (nn_real)INFINITY};
    nn_histogram h;
    size_t sum = 0;

    (void)state;
    nn_histogram_fill(&h, values, 8);
    assert_int_equal(h.count, 6);
    assert_int_equal(h.zeros, 3);
    assert_int_equal(h.bad, 2);
    assert_true(h.without_zeros && h.least == 1 && h.most == 3);
    assert_true(fabs(h.mean - 1) < 1e-12);
    for (int i = 0; i < NN_HISTOGRAM_BINS; i++)
        sum += h.bin[i];
    assert_int_equal(sum, 3);
    assert_int_equal(h.bin[0], 1);
    assert_int_equal(h.bin[NN_HISTOGRAM_BINS - 1], 1);
}

static nn_code read_log(nn_history *h, const char *text, nn_err *err)
{
    assert_int_equal(nn_file_write("history.jsonl", text, strlen(text), NN_REPLACE_EXISTING, err),
                     NN_OK);
    const nn_code rc = nn_history_read(h, "history.jsonl", err);
    (void)remove("history.jsonl");
    return rc;
}

static void test_a_log_is_columns_with_gaps(void **state)
{
    nn_history h;
    nn_err err = {0};

    (void)state;
    assert_int_equal(read_log(&h,
                              "{\"epoch\":1,\"loss\":3}\n{\"epoch\":2,\"loss\":null,\"auc\":0.5}\n"
                              "{\"epoch\":3,\"loss\":1,\"auc\":0.5}\n{\"epoch\":4,\"lo",
                              &err),
                     NN_OK);
    assert_int_equal(h.lines, 3); /* the last line is still being written */
    const double *loss = nn_history_find(&h, "loss"), *auc = nn_history_find(&h, "auc");
    assert_non_null(loss);
    assert_non_null(auc);
    assert_true(loss[0] == 3 && isnan(loss[1]) && loss[2] == 1 && isnan(auc[0]));
    assert_int_equal(nn_history_best(&h, loss, false), 2);
    assert_int_equal(nn_history_best(&h, auc, true), 1); /* the first of equals */
    assert_null(nn_history_find(&h, "accuracy"));
    nn_history_free(&h);
}

static void test_a_log_of_something_else_is_refused_by_line(void **state)
{
    nn_history h;
    nn_err err = {0};

    (void)state;
    assert_int_equal(read_log(&h, "{\"epoch\":1}\n[2]\n", &err), NN_EDATA);
    assert_string_equal(err.where, "history.jsonl:2");
    nn_history_free(&h);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intervals_of_a_share_are_those_of_the_normal_curve),
        cmocka_unit_test(test_many_samples_have_the_same_intervals_in_blocks),
        cmocka_unit_test(test_intervals_are_a_function_of_the_seed),
        cmocka_unit_test(test_what_is_not_defined_has_no_interval),
        cmocka_unit_test(test_histograms_leave_out_zeros_that_would_hide_all_else),
        cmocka_unit_test(test_a_log_is_columns_with_gaps),
        cmocka_unit_test(test_a_log_of_something_else_is_refused_by_line),
    };

    return nn_test_main(argc, argv, tests);
}
