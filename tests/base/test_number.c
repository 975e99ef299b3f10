/* Numbers as text: the grammar, the limits, and texts that read back. */
#include "support/nn_test.h"

#include <float.h>
#include <math.h>

#include "base/rng.h"
#include "base/text.h"

static const struct {
    const char *text;
    nn_number kind;
    double value;
} grammar[] = {
    {"0", NN_NUMBER_OK, 0},
    {"+5", NN_NUMBER_OK, 5},
    {"-12.50", NN_NUMBER_OK, -12.5},
    {"007", NN_NUMBER_OK, 7},
    {"1e3", NN_NUMBER_OK, 1000},
    {"1E+3", NN_NUMBER_OK, 1000},
    {"25e-2", NN_NUMBER_OK, 0.25},
    {"0.1", NN_NUMBER_OK, 0.1},
    {"123456789012345678901234567890", NN_NUMBER_OK, 123456789012345678901234567890.0},
    {"0e999999999999999999999999", NN_NUMBER_OK, 0},
    {"1.7976931348623157e308", NN_NUMBER_OK, DBL_MAX},
    {"4.9e-324", NN_NUMBER_OK, 4.9e-324},
    {"2.2250738585072011e-308", NN_NUMBER_OK, 2.2250738585072011e-308},
    {".5", NN_NUMBER_OK, 0.5},
    {"-.25e1", NN_NUMBER_OK, -2.5},
    {"5.", NN_NUMBER_OK, 5},
    {"+2.e2", NN_NUMBER_OK, 200},
    {"9007199254740993", NN_NUMBER_OK, 9007199254740992.0},   /* halfway: to even */
    {"90071992547409925", NN_NUMBER_OK, 90071992547409920.0}, /* more than a double holds */
    {"0.3e-22", NN_NUMBER_OK, 0.3e-22},
    {"1e999", NN_NUMBER_HUGE, 0},
    {"-1e99999999999999999999", NN_NUMBER_HUGE, 0},
    {"1e18446744073709551617", NN_NUMBER_HUGE, 0}, /* 1 modulo 2^64 */
    {"1.7976931348623159e308", NN_NUMBER_HUGE, 0},
    {"1e-999", NN_NUMBER_TINY, 0},
    {"2e-324", NN_NUMBER_TINY, 0},
    {"", NN_NUMBER_BAD, 0},
    {".", NN_NUMBER_BAD, 0},
    {"-", NN_NUMBER_BAD, 0},
    {"+-1", NN_NUMBER_BAD, 0},
    {"1e", NN_NUMBER_BAD, 0},
    {"1e+", NN_NUMBER_BAD, 0},
    {"e5", NN_NUMBER_BAD, 0},
    {".e5", NN_NUMBER_BAD, 0},
    {"-.", NN_NUMBER_BAD, 0},
    {"..5", NN_NUMBER_BAD, 0},
    {"5..", NN_NUMBER_BAD, 0},
    {"1.5.5", NN_NUMBER_BAD, 0},
    {" 1", NN_NUMBER_BAD, 0},
    {"1 ", NN_NUMBER_BAD, 0},
    {"nan", NN_NUMBER_BAD, 0},
    {"NaN(7)", NN_NUMBER_BAD, 0},
    {"inf", NN_NUMBER_BAD, 0},
    {"-Infinity", NN_NUMBER_BAD, 0},
    {"0x10", NN_NUMBER_BAD, 0},
    {"1,5", NN_NUMBER_BAD, 0},
    {"1_000", NN_NUMBER_BAD, 0},
    {"\xEF\xBC\x91", NN_NUMBER_BAD, 0}, /* full-width 1 */
};

static void test_what_is_a_number_and_what_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof grammar / sizeof *grammar; i++) {
        double got = 77;
        const nn_number kind = nn_parse_double(grammar[i].text, strlen(grammar[i].text), &got);

        if (kind != grammar[i].kind)
            fail_msg("\"%s\": kind %d", grammar[i].text, (int)kind);
        if (kind == NN_NUMBER_OK || kind == NN_NUMBER_TINY) {
            if (got != grammar[i].value)
                fail_msg("\"%s\": %.17g", grammar[i].text, got);
        } else if (got != 77) {
            fail_msg("\"%s\": gave out a value", grammar[i].text);
        }
    }
}

static void test_only_len_bytes_are_read(void **state)
{
    double got = 0;
    int64_t whole = 0;

    (void)state;
    assert_int_equal(nn_parse_double("12.75", 2, &got), NN_NUMBER_OK);
    assert_true(got == 12);
    assert_true(nn_parse_i64("1234", 2, &whole));
    assert_int_equal(whole, 12);
    assert_int_equal(nn_parse_double("1\0002", 3, &got), NN_NUMBER_BAD);
}

static void test_minus_zero_keeps_its_sign(void **state)
{
    double got = 1;

    (void)state;
    assert_int_equal(nn_parse_double("-0.0", 4, &got), NN_NUMBER_OK);
    assert_true(got == 0 && signbit(got));
}

/* Halfway between 1 and the next double: the last of many digits decides. */
static void test_digits_far_behind_decide_a_rounding(void **state)
{
    char text[1200] = "1.00000000000000011102230246251565404236316680908203125";
    const size_t exact = strlen(text);
    double got;

    (void)state;
    assert_int_equal(nn_parse_double(text, exact, &got), NN_NUMBER_OK);
    assert_true(got == 1);
    memset(text + exact, '0', 1000);
    text[exact + 1000] = '1';
    assert_int_equal(nn_parse_double(text, exact + 1001, &got), NN_NUMBER_OK);
    assert_true(got == 1 + DBL_EPSILON);
}

static void test_a_long_row_of_zeros_is_undone_by_the_exponent(void **state)
{
    enum { ZEROS = 5000 };
    static char text[ZEROS + 32];
    double got;

    (void)state;
    memset(text, '0', ZEROS);
    text[1] = '.';
    strcpy(text + ZEROS, "25e5000");
    assert_int_equal(nn_parse_double(text, strlen(text), &got), NN_NUMBER_OK);
    assert_true(got == 25); /* 0.(4998 zeros)25 */
    memset(text, '0', ZEROS);
    text[0] = '3';
    strcpy(text + ZEROS, "e-4999");
    assert_int_equal(nn_parse_double(text, strlen(text), &got), NN_NUMBER_OK);
    assert_true(got == 3);
}

/* The C library is the judge, in its "C" locale. */
static void test_values_are_those_of_the_c_library(void **state)
{
    const nn_rng rng = {3, 1, 0};

    (void)state;
    for (uint64_t i = 0; i < 3000; i++) {
        char text[64];
        uint32_t word[4];
        double got;

        nn_rng_block(&rng, i, word);
        snprintf(text, sizeof text, "%s%u.%0*ue%d", word[3] & 1 ? "-" : "", word[0] >> word[1] % 32,
                 1 + (int)(word[2] % 18), word[2], (int)(word[3] % 640) - 330);
        const nn_number kind = nn_parse_double(text, strlen(text), &got);
        const double want = strtod(text, NULL);
        if (isinf(want) ? kind != NN_NUMBER_HUGE : kind == NN_NUMBER_BAD || got != want)
            fail_msg("%s: kind %d, %.17g", text, (int)kind, got);
    }
}

static void test_integers(void **state)
{
    static const struct {
        const char *text;
        bool is_signed, is_unsigned;
        int64_t value;
    } table[] = {
        {"0", true, true, 0},
        {"+12", true, true, 12},
        {"-12", true, false, -12},
        {"-0", true, false, 0},
        {"0012", true, true, 12},
        {"9223372036854775807", true, true, INT64_MAX},
        {"-9223372036854775808", true, false, INT64_MIN},
        {"9223372036854775808", false, true, INT64_MIN},
        {"-9223372036854775809", false, false, 0},
        {"18446744073709551615", false, true, -1},
        {"18446744073709551616", false, false, 0},
        {"99999999999999999999999", false, false, 0},
        {"", false, false, 0},
        {"-", false, false, 0},
        {"1.0", false, false, 0},
        {"1e3", false, false, 0},
        {"0x1", false, false, 0},
        {" 1", false, false, 0},
        {"1 ", false, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const size_t len = strlen(table[i].text);
        int64_t a = 77;
        uint64_t b = 77;

        if (nn_parse_i64(table[i].text, len, &a) != table[i].is_signed ||
            a != (table[i].is_signed ? table[i].value : 77))
            fail_msg("i64 \"%s\": %lld", table[i].text, (long long)a);
        if (nn_parse_u64(table[i].text, len, &b) != table[i].is_unsigned ||
            b != (table[i].is_unsigned ? (uint64_t)table[i].value : 77))
            fail_msg("u64 \"%s\": %llu", table[i].text, (unsigned long long)b);
    }
}

static void test_texts_are_short(void **state)
{
    char text[NN_NUMBER_TEXT];

    (void)state;
    assert_string_equal(nn_format_double(text, 0.1), "0.1");
    assert_string_equal(nn_format_double(text, 1e6), "1000000");
    assert_string_equal(nn_format_double(text, -3), "-3");
    assert_string_equal(nn_format_double(text, -0.0), "-0");
    assert_string_equal(nn_format_double(text, 1e22), "1e+22");
    assert_string_equal(nn_format_double(text, 1.0 / 3), "0.3333333333333333");
    assert_string_equal(nn_format_double(text, -DBL_MAX), "-1.7976931348623157e+308");
    assert_string_equal(nn_format_double(text, (double)NAN), "nan");
    assert_string_equal(nn_format_double(text, -(double)NAN), "nan");
    assert_string_equal(nn_format_double(text, -HUGE_VAL), "-inf");
    assert_string_equal(nn_format_float(text, 0.1F), "0.1");
    assert_string_equal(nn_format_float(text, 1e6F), "1000000");
    assert_string_equal(nn_format_float(text, 16777216.0F), "16777216");
    assert_string_equal(nn_format_float(text, 1e20F), "1e+20");
    assert_string_equal(nn_format_float(text, -HUGE_VALF), "-inf");
}

static void test_every_double_reads_back(void **state)
{
    const nn_rng rng = {5, 1, 0};

    (void)state;
    for (uint64_t i = 0; i < 3000; i++) {
        char text[NN_NUMBER_TEXT];
        uint32_t word[4];
        double value, got = 0;

        nn_rng_block(&rng, i, word);
        memcpy(&value, word, sizeof value);
        if (!isfinite(value))
            continue;
        nn_format_double(text, value);
        assert_true(strlen(text) < NN_NUMBER_TEXT);
        if (nn_parse_double(text, strlen(text), &got) != NN_NUMBER_OK || got != value)
            fail_msg("%a was written as %s", value, text);
    }
}

static void test_every_float_reads_back(void **state)
{
    const nn_rng rng = {5, 1, 0};

    (void)state;
    for (uint64_t i = 0; i < 3000; i++) {
        char text[NN_NUMBER_TEXT];
        uint32_t word[4];
        float value;

        nn_rng_block(&rng, i, word);
        memcpy(&value, word, sizeof value);
        if (!isfinite(value))
            continue;
        if (strtof(nn_format_float(text, value), NULL) != value)
            fail_msg("%a was written as %s", (double)value, text);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_a_number_and_what_is_not),
        cmocka_unit_test(test_only_len_bytes_are_read),
        cmocka_unit_test(test_minus_zero_keeps_its_sign),
        cmocka_unit_test(test_digits_far_behind_decide_a_rounding),
        cmocka_unit_test(test_a_long_row_of_zeros_is_undone_by_the_exponent),
        cmocka_unit_test(test_values_are_those_of_the_c_library),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_texts_are_short),
        cmocka_unit_test(test_every_double_reads_back),
        cmocka_unit_test(test_every_float_reads_back),
    };

    return nn_test_main(argc, argv, tests);
}
