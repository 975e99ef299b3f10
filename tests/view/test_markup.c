/* What goes into pages: escaped text, coordinates, pictures, axes. */
#include "support/nn_test.h"

#include <math.h>

#include "view/markup.h"
#include "view/plot.h"
#include "view/sample.h"

static void expect_text(const char *given, size_t len, int most, const char *expected)
{
    nn_buf out = {0};

    nn_markup_text_n(&out, given, len, most);
    assert_string_equal(out.data == NULL ? "" : out.data, expected);
    nn_buf_free(&out);
}

static void test_what_means_something_in_html_becomes_entities(void **state)
{
    (void)state;
    expect_text("<a href=\"x\" id='y'>&", 20, NN_MARKUP_ALL,
                "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
}

static void test_controls_and_turns_of_direction_are_dropped(void **state)
{
    (void)state;
    expect_text("a\0b\x01\x1b\x7f\nc\t", 9, NN_MARKUP_ALL, "ab\nc\t");
    expect_text("a\xc2\x85\xe2\x80\xae\xe2\x81\xa6\xe2\x80\xa8\xef\xbb\xbf"
                "b",
                16, NN_MARKUP_ALL, "ab");
}

static void test_bytes_that_are_no_utf8_are_replaced(void **state)
{
    (void)state;
    expect_text("a\xff\xc3(", 4, NN_MARKUP_ALL, "a\ufffd\ufffd(");
    expect_text("\xed\xa0\x80", 3, NN_MARKUP_ALL, "\ufffd\ufffd\ufffd");
}

static void test_long_text_ends_in_an_ellipsis_between_characters(void **state)
{
    (void)state;
    expect_text("\u00e4\u00f6\u00fc", 6, 2, "\u00e4\u00f6\u2026");
    expect_text("\u00e4\u00f6\u00fc", 6, 3, "\u00e4\u00f6\u00fc");
    expect_text("<<<", 3, 1, "&lt;\u2026");
}

static void expect_number(double value, const char *expected)
{
    nn_buf out = {0};

    nn_markup_number(&out, value);
    assert_string_equal(out.data, expected);
    nn_buf_free(&out);
}

static void test_coordinates_are_short_and_always_finite(void **state)
{
    (void)state;
    expect_number(12, "12");
    expect_number(12.50, "12.5");
    expect_number(-0.001, "0");
    expect_number(100, "100");
    expect_number((double)NAN, "0");
    expect_number((double)INFINITY, "0");
    expect_number(1e300, "0");
}

static void test_pictures_carry_their_bytes(void **state)
{
    static const uint8_t dot[] = {255, 0, 0};
    nn_err err = {0};
    nn_buf out = {0};

    (void)state;
    assert_int_equal(nn_markup_picture(&out, dot, 1, 1, 3, "tile", &err), 0);
    /* The first bytes of every PNG file in base 64. */
    assert_non_null(
        strstr(out.data, "src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"));
    assert_string_equal(out.data + out.len - 2, "\">");
    nn_buf_free(&out);
}

static void test_axes_have_round_ticks_around_what_they_cover(void **state)
{
    nn_axis a;

    (void)state;
    nn_axis_fit(&a, 0.13, 0.97, false, 5);
    assert_true(a.least <= 0.13 && a.most >= 0.97);
    assert_int_equal(a.ticks, 6);
    for (int i = 0; i < a.ticks; i++)
        assert_true(fabs(a.tick[i] - 0.2 * i) < 1e-12);
    nn_axis_fit(&a, 0.001, 10, true, 5);
    assert_true(a.log);
    assert_true(fabs(nn_axis_part(&a, 0.1) - 0.5) < 1e-12);
}

static void test_axes_of_one_value_or_none_can_be_drawn(void **state)
{
    static const double ends[][2] = {{3, 3}, {0, 0}, {1e300, -1e300}, {1e-320, 2e-320}};
    nn_axis a;

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        nn_axis_fit(&a, ends[i][0], ends[i][1], false, 5);
        assert_true(a.ticks <= NN_PLOT_TICKS);
    }
    nn_axis_fit(&a, INFINITY, -INFINITY, true, 5); /* of no number at all */
    assert_true(a.most > a.least);
}

/* A gap in a line is a gap, and points that share a column of the picture become its ends. */
static void test_lines_have_gaps_and_stay_small(void **state)
{
    static double x[20000], y[20000];
    const nn_line line = {.x = x, .y = y, .count = 20000};
    const nn_lines lines = {.about = "<b>", .line = &line, .count = 1};
    nn_buf out = {0};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        x[i] = i;
        y[i] = i == 10000 ? (double)NAN : sin(i);
    }
    nn_plot_lines(&out, &lines);
    assert_true(out.len < 40000);
    assert_null(strstr(out.data, "nan"));
    assert_non_null(strstr(out.data, "<title>&lt;b&gt;</title>"));
    const char *path = strstr(out.data, "class=\"line");
    int moves = 0;
    for (const char *c = path; *c != '>'; c++)
        moves += *c == 'M';
    assert_int_equal(moves, 2);
    nn_buf_free(&out);
}

static void test_signs_have_colours_of_their_own(void **state)
{
    uint8_t less[3], none[3], more[3], beyond[3];

    (void)state;
    nn_signed_color(-1, less);
    nn_signed_color(0, none);
    nn_signed_color(1, more);
    nn_signed_color(7, beyond);
    assert_true(less[0] > less[2] && more[2] > more[0]);
    assert_true(none[0] > 240 && none[2] > 240);
    assert_memory_equal(more, beyond, 3);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_means_something_in_html_becomes_entities),
        cmocka_unit_test(test_controls_and_turns_of_direction_are_dropped),
        cmocka_unit_test(test_bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(test_long_text_ends_in_an_ellipsis_between_characters),
        cmocka_unit_test(test_coordinates_are_short_and_always_finite),
        cmocka_unit_test(test_pictures_carry_their_bytes),
        cmocka_unit_test(test_axes_have_round_ticks_around_what_they_cover),
        cmocka_unit_test(test_axes_of_one_value_or_none_can_be_drawn),
        cmocka_unit_test(test_lines_have_gaps_and_stay_small),
        cmocka_unit_test(test_signs_have_colours_of_their_own),
    };

    return nn_test_main(argc, argv, tests);
}
