/* Numbers as people read them. */
#include "support/nn_test.h"

#include <math.h>

#include "view/format.h"

static void test_counts_have_separators(void **state)
{
    char text[NN_FORMAT_TEXT];

    (void)state;
    assert_string_equal(nn_format_count(text, 0), "0");
    assert_string_equal(nn_format_count(text, 999), "999");
    assert_string_equal(nn_format_count(text, 1000), "1,000");
    assert_string_equal(nn_format_count(text, 101770), "101,770");
    assert_string_equal(nn_format_count(text, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void test_sizes_change_their_unit_before_they_show_1024(void **state)
{
    char text[NN_FORMAT_TEXT];

    (void)state;
    assert_string_equal(nn_format_bytes(text, 1), "1 byte");
    assert_string_equal(nn_format_bytes(text, 1023), "1023 bytes");
    assert_string_equal(nn_format_bytes(text, 1024), "1.0 KiB");
    assert_string_equal(nn_format_bytes(text, 1024 * 1024 - 1), "1.0 MiB");
    assert_string_equal(nn_format_bytes(text, 3ULL << 29), "1.5 GiB");
    assert_string_equal(nn_format_bytes(text, UINT64_MAX), "16.0 EiB");
}

static void test_durations_keep_about_three_digits(void **state)
{
    char text[NN_FORMAT_TEXT];

    (void)state;
    assert_string_equal(nn_format_seconds(text, 0), "0.0 ms");
    assert_string_equal(nn_format_seconds(text, 0.0031), "3.1 ms");
    assert_string_equal(nn_format_seconds(text, 0.0996), "0.10 s");
    assert_string_equal(nn_format_seconds(text, 0.21), "0.21 s");
    assert_string_equal(nn_format_seconds(text, 12.34), "12.3 s");
    assert_string_equal(nn_format_seconds(text, 59.96), "1m00s");
    assert_string_equal(nn_format_seconds(text, 3599.4), "59m59s");
    assert_string_equal(nn_format_seconds(text, 7380), "2h03m");
}

static void test_scores_have_no_false_digits(void **state)
{
    char text[NN_FORMAT_TEXT];

    (void)state;
    assert_string_equal(nn_format_score(text, 0.97099999), "0.9710");
    assert_string_equal(nn_format_score(text, 0), "0.0000");
    assert_string_equal(nn_format_score(text, 0.00012345), "1.234e-04");
    assert_string_equal(nn_format_score(text, -123456.7), "-1.235e+05");
    assert_string_equal(nn_format_score(text, NAN), "n/a");
    assert_string_equal(nn_format_rate(text, 0.001), "0.001");
    assert_string_equal(nn_format_rate(text, 1.0 / 3), "0.3333");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_have_separators),
        cmocka_unit_test(test_sizes_change_their_unit_before_they_show_1024),
        cmocka_unit_test(test_durations_keep_about_three_digits),
        cmocka_unit_test(test_scores_have_no_false_digits),
    };

    return nn_test_main(argc, argv, tests);
}
