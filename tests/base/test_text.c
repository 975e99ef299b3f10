/* Text: buffers and their escapes, what may be shown, UTF-8, the nearest name. */
#include "support/nn_test.h"

#include <math.h>

#include "base/mem.h"
#include "base/text.h"

static void test_every_byte_is_shown_as_printable_ascii(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        const char c = (char)byte;
        char dst[NN_SHOWN], want[8];

        snprintf(want, sizeof want, byte >= 0x20 && byte < 0x7F ? "%c" : "\\x%02x", byte);
        assert_string_equal(nn_text_show(dst, sizeof dst, &c, 1, 40), want);
    }
}

static void test_characters_that_drive_a_terminal_are_shown_by_number(void **state)
{
    static const char *const table[][2] = {
        {"\xC2\x9B"
         "31m",
         "\\u{009b}31m"}, /* CSI as C1 */
        {"a\xE2\x80\xAE"
         "b",
         "a\\u{202e}b"},                    /* right-to-left override */
        {"\xE2\x81\xA6", "\\u{2066}"},      /* isolate */
        {"\xD8\x9C", "\\u{061c}"},          /* Arabic letter mark */
        {"\xE2\x80\x8F", "\\u{200f}"},      /* right-to-left mark */
        {"\xE2\x80\xA8", "\\u{2028}"},      /* line separator */
        {"\xEF\xBB\xBF", "\\u{feff}"},      /* byte order mark */
        {"\x1B]0;t\x07", "\\x1b]0;t\\x07"}, /* window title */
        {"\x9B"
         "2J",
         "\\x9b2J"},                         /* raw C1 */
        {"\xC0\xAF", "\\xc0\\xaf"},          /* overlong */
        {"\xED\xA0\x80", "\\xed\\xa0\\x80"}, /* surrogate */
        {"\xE2\x82", "\\xe2\\x82"},          /* cut off */
        {"Gr\xC3\xBC\xC3\x9F"
         "e \xE2\x82\xAC \xF0\x9F\x98\x80",
         NULL}, /* harmless, as it is */
    };
    char dst[NN_SHOWN];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *const want = table[i][1] == NULL ? table[i][0] : table[i][1];

        nn_text_show(dst, sizeof dst, table[i][0], strlen(table[i][0]), 40);
        assert_string_equal(dst, want);
    }
}

static void test_more_than_most_characters_end_in_dots(void **state)
{
    char dst[NN_SHOWN];

    (void)state;
    assert_string_equal(nn_text_show(dst, sizeof dst, "abcdef", 6, 6), "abcdef");
    assert_string_equal(nn_text_show(dst, sizeof dst, "abcdefg", 7, 6), "abcdef...");
    assert_string_equal(nn_text_show(dst, sizeof dst, "\xC3\xBC\xC3\xBC\xC3\xBC", 6, 2),
                        "\xC3\xBC\xC3\xBC...");
    assert_string_equal(nn_text_show(dst, sizeof dst, "", 0, 6), "");
}

static void test_a_small_destination_never_cuts_a_character(void **state)
{
    char dst[64];

    (void)state;
    assert_string_equal(nn_text_show(dst, 8, "abcdefg", 7, 40), "abcdefg");
    assert_string_equal(nn_text_show(dst, 8, "abcdefgh", 8, 40), "abcd...");
    assert_string_equal(nn_text_show(dst, 8,
                                     "abc\xC3\xBC"
                                     "defg",
                                     9, 40),
                        "abc...");
    assert_string_equal(nn_text_show(dst, 8, "ab\x01\x02", 4, 40), "ab...");
    for (size_t size = 4; size < 40; size++) {
        memset(dst, 'x', sizeof dst);
        nn_text_show(dst, size, "a\xE2\x82\xAC\x01\xFFz\xC2\x9B!!!!!!!!!!!!!", 22, 40);
        assert_true(strlen(dst) < size);
        assert_int_equal(dst[size], 'x');
        assert_int_equal(nn_utf8_check(dst, strlen(dst)), strlen(dst));
    }
}

static void test_utf8_is_what_the_standard_says(void **state)
{
    static const struct {
        const char *text;
        int len;
    } table[] = {
        {"a", 1},
        {"\x7F", 1},
        {"\xC2\x80", 2},
        {"\xDF\xBF", 2},
        {"\xE0\xA0\x80", 3},
        {"\xED\x9F\xBF", 3},
        {"\xEE\x80\x80", 3},
        {"\xF0\x90\x80\x80", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\x80", 0},
        {"\xC0\x80", 0},
        {"\xC1\xBF", 0},
        {"\xC2", 0},
        {"\xC2\x41", 0},
        {"\xE0\x9F\xBF", 0},
        {"\xE2\x82\x41", 0},
        {"\xED\xA0\x80", 0},
        {"\xED\xBF\xBF", 0},
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xF4\x90\x80\x80", 0},
        {"\xF8\x88\x80\x80\x80", 0},
        {"\xFF", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (nn_utf8_len(table[i].text, strlen(table[i].text)) != table[i].len)
            fail_msg("row %zu", i);
    assert_int_equal(nn_utf8_len("\xC3\xBC", 1), 0);
    assert_int_equal(nn_utf8_len("", 0), 0);
    assert_int_equal(nn_utf8_check("a\xC3\xBC\xFFz", 5), 3);
    assert_int_equal(nn_utf8_check("a\xC3\xBCz", 4), 4);
}

static void test_a_buffer_grows_and_stays_terminated(void **state)
{
    nn_buf buf = {0};
    nn_err err = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        nn_buf_printf(&buf, "%d,", i % 10);
    nn_buf_put(&buf, "end");
    nn_buf_char(&buf, '!');
    nn_buf_add(&buf, "\0x", 2);
    assert_ok(nn_buf_check(&buf, &err), err);
    assert_int_equal(buf.len, 2006);
    assert_memory_equal(buf.data + 1998, "9,end!\0x", 9);
    assert_int_equal(buf.data[buf.len], '\0');
    nn_buf_clear(&buf);
    assert_string_equal(buf.data, "");
    nn_buf_put(&buf, "again");
    assert_string_equal(buf.data, "again");
    nn_buf_free(&buf);
    assert_null(buf.data);
}

static void test_a_buffer_that_failed_stays_failed_and_says_so(void **state)
{
    nn_buf buf = {0};
    nn_err err = {0};

    (void)state;
    nn_buf_put(&buf, "kept");
    nn_mem_fail_at(1);
    nn_buf_printf(&buf, "%0100d", 1);
    nn_buf_put(&buf, "x");
    assert_int_equal(nn_buf_check(&buf, &err), NN_ELIMIT);
    assert_string_equal(buf.data, "kept");
    nn_buf_free(&buf);
}

static void test_json_text_is_escaped(void **state)
{
    nn_buf buf = {0};

    (void)state;
    nn_buf_json(&buf, "a\"b\\c\n\t\x01\x7F\xC3\xBC\xFF/");
    assert_string_equal(buf.data, "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\xC3\xBC\xEF\xBF\xBD/\"");
    nn_buf_clear(&buf);
    nn_buf_json_n(&buf, "a\0b", 3);
    assert_string_equal(buf.data, "\"a\\u0000b\"");
    nn_buf_free(&buf);
}

static void test_numbers_in_json_are_never_nan(void **state)
{
    nn_buf buf = {0};

    (void)state;
    nn_buf_double(&buf, 0.25);
    nn_buf_char(&buf, ' ');
    nn_buf_double(&buf, (double)NAN);
    nn_buf_char(&buf, ' ');
    nn_buf_float(&buf, 0.1F);
    nn_buf_char(&buf, ' ');
    nn_buf_float(&buf, -HUGE_VALF);
    assert_string_equal(buf.data, "0.25 null 0.1 null");
    nn_buf_free(&buf);
}

static void test_csv_text_is_quoted_when_it_must_be(void **state)
{
    static const char *const table[][2] = {
        {"plain", "plain"},   {"", ""},         {"a,b", "\"a,b\""}, {"a\"b", "\"a\"\"b\""},
        {"a\nb", "\"a\nb\""}, {" a", "\" a\""}, {"a b", "a b"},     {"a;b", "\"a;b\""},
    };
    nn_buf buf = {0};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        nn_buf_clear(&buf);
        nn_buf_csv(&buf, table[i][0]);
        assert_string_equal(buf.data, table[i][1]);
    }
    nn_buf_free(&buf);
}

static void test_distance_counts_edits_and_swaps_without_case(void **state)
{
    (void)state;
    assert_int_equal(nn_text_distance("adam", "adam"), 0);
    assert_int_equal(nn_text_distance("Adam", "aDAM"), 0);
    assert_int_equal(nn_text_distance("adma", "adam"), 1);
    assert_int_equal(nn_text_distance("learnig_rate", "learning_rate"), 1);
    assert_int_equal(nn_text_distance("kitten", "sitting"), 3);
    assert_int_equal(nn_text_distance("", "abc"), 3);
    assert_int_equal(nn_text_distance("ca", "abc"), 3); /* a swap is not edited inside */
}

static void test_nearest_finds_the_meant_name_or_none(void **state)
{
    static const char *const names[] = {"units", "activation", "use_bias", "name", "lr", NULL};
    static const char *const none[] = {NULL};
    char endless[5000];

    (void)state;
    assert_string_equal(nn_text_nearest("unit", names), "units");
    assert_string_equal(nn_text_nearest("actvation", names), "activation");
    assert_string_equal(nn_text_nearest("Use_Bias", names), "use_bias");
    assert_null(nn_text_nearest("kernel_size", names));
    assert_null(nn_text_nearest("x", names));
    assert_null(nn_text_nearest("", names));
    assert_null(nn_text_nearest("unit", none));
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_null(nn_text_nearest(endless, names));
    assert_int_equal(nn_text_distance(endless, endless), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_is_shown_as_printable_ascii),
        cmocka_unit_test(test_characters_that_drive_a_terminal_are_shown_by_number),
        cmocka_unit_test(test_more_than_most_characters_end_in_dots),
        cmocka_unit_test(test_a_small_destination_never_cuts_a_character),
        cmocka_unit_test(test_utf8_is_what_the_standard_says),
        cmocka_unit_test(test_a_buffer_grows_and_stays_terminated),
        cmocka_unit_test(test_a_buffer_that_failed_stays_failed_and_says_so),
        cmocka_unit_test(test_json_text_is_escaped),
        cmocka_unit_test(test_numbers_in_json_are_never_nan),
        cmocka_unit_test(test_csv_text_is_quoted_when_it_must_be),
        cmocka_unit_test(test_distance_counts_edits_and_swaps_without_case),
        cmocka_unit_test(test_nearest_finds_the_meant_name_or_none),
    };

    return nn_test_main(argc, argv, tests);
}
