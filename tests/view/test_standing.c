/* The line of progress and what it is made of. */
#include "support/nn_test.h"

#include <math.h>
#include <stdio.h>

#include "view/blocks.h"
#include "view/fitted.h"
#include "view/standing.h"

static void expect(nn_buf *out, const char *text)
{
    assert_string_equal(out->data == NULL ? "" : out->data, text);
    nn_buf_free(out);
}

static void test_a_bar_is_exact_to_an_eighth(void **state)
{
    nn_buf out = {0};

    (void)state;
    nn_bar_put(&out, 0.5, 4, true);
    expect(&out, "\u2588\u2588  ");
    nn_bar_put(&out, 3.0 / 8, 1, true);
    expect(&out, "\u258d");
    nn_bar_put(&out, 7.0 / 8, 1, true);
    expect(&out, "\u2589");
    nn_bar_put(&out, 0.5, 4, false);
    expect(&out, "##..");
}

static void test_a_bar_stays_within_its_width(void **state)
{
    static const double shares[] = {-1, 0, 1, 2, NAN};
    static const char *const bars[] = {"...", "...", "###", "###", "..."};

    (void)state;
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        nn_buf out = {0};

        nn_bar_put(&out, shares[i], 3, true);
        assert_int_equal(nn_text_columns(out.data), 3);
        nn_buf_clear(&out);
        nn_bar_put(&out, shares[i], 3, false);
        expect(&out, bars[i]);
    }
}

static void test_a_sparkline_goes_from_the_least_to_the_greatest(void **state)
{
    static const double value[] = {9, 3, 1, 2, NAN, INFINITY};
    nn_buf out = {0};

    (void)state;
    nn_spark_put(&out, value, 4, 5, true);
    expect(&out, " \u2588\u2583\u2581\u2582");
    nn_spark_put(&out, value, 4, 2, false); /* the last two */
    expect(&out, "_#");
    nn_spark_put(&out, value + 2, 4, 4, false);
    expect(&out, "_#  ");
    nn_spark_put(&out, value + 4, 1, 1, false);
    expect(&out, " ");
}

static void test_a_histogram_stands_on_zero(void **state)
{
    static const size_t count[] = {8, 7, 0, 1};
    nn_buf out = {0};

    (void)state;
    nn_counts_put(&out, count, 4, true);
    expect(&out, "\u2588\u2587 \u2582");
}

static void test_words_are_left_out_by_what_they_are_worth(void **state)
{
    nn_fitted line = {.count = 0};
    nn_buf out = {0};

    (void)state;
    nn_fitted_add(&line, 2, "first");
    nn_fitted_add(&line, 1, "%d", 42);
    nn_fitted_add(&line, 3, "last");
    assert_int_equal(nn_fitted_choose(&line, 11), 0);
    nn_fitted_put(&out, &line);
    expect(&out, "  first  42");
}

static void test_a_short_word_may_stand_where_a_better_one_has_no_room(void **state)
{
    nn_fitted line = {.count = 0};
    nn_buf out = {0};

    (void)state;
    nn_fitted_add(&line, 1, "a long word");
    nn_fitted_add(&line, 2, "bit");
    assert_int_equal(nn_fitted_choose(&line, 7), 2);
    nn_fitted_put(&out, &line);
    expect(&out, "  bit");
}

static nn_standing halfway(void)
{
    nn_standing s = {.label = "epoch 3/10", .share = 0.5, .scores = 2, .pasts = 2};

    (void)snprintf(s.score[0].name, sizeof s.score[0].name, "loss");
    (void)snprintf(s.score[1].name, sizeof s.score[1].name, "accuracy");
    s.score[0].value = 0.25;
    s.score[1].value = 0.5;
    s.rows_per_second = 1234;
    s.seconds_left = 90;
    s.past[0] = 2;
    s.past[1] = 1;
    return s;
}

static void expect_line(const nn_standing *s, int width, const char *text)
{
    nn_buf out = {0};

    nn_standing_put(&out, s, width, false);
    expect(&out, text);
}

static void test_a_wide_line_says_all(void **state)
{
    const nn_standing s = halfway();

    (void)state;
    expect_line(&s, 120,
                "epoch 3/10 [############............]  loss 0.2500  accuracy 0.5000  1,234 rows/s"
                "  1m30s left  #_");
}

static void test_a_narrow_line_says_what_matters_most(void **state)
{
    const nn_standing s = halfway();

    (void)state;
    expect_line(&s, 60, "epoch 3/10 [####....]  loss 0.2500  1,234 rows/s  1m30s left");
    expect_line(&s, 50, "epoch 3/10 [####....]  loss 0.2500  1m30s left  #_");
    expect_line(&s, 39, "epoch 3/10 [#####....]  loss 0.2500  #_");
    expect_line(&s, 24, "epoch 3/10  loss 0.2500");
    expect_line(&s, 7, "epoch 3");
}

static void test_no_width_is_exceeded(void **state)
{
    const nn_standing s = halfway();

    (void)state;
    for (int width = 1; width < 200; width++) {
        nn_buf out = {0};

        nn_standing_put(&out, &s, width, true);
        assert_in_range(nn_text_columns(out.data), 1, width);
        nn_buf_free(&out);
    }
}

static void test_without_a_share_the_time_so_far_is_told(void **state)
{
    const nn_standing s = {.label = "loading", .share = NAN, .seconds = 3};

    (void)state;
    expect_line(&s, 80, "loading  3.00 s");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bar_is_exact_to_an_eighth),
        cmocka_unit_test(test_a_bar_stays_within_its_width),
        cmocka_unit_test(test_a_sparkline_goes_from_the_least_to_the_greatest),
        cmocka_unit_test(test_a_histogram_stands_on_zero),
        cmocka_unit_test(test_words_are_left_out_by_what_they_are_worth),
        cmocka_unit_test(test_a_short_word_may_stand_where_a_better_one_has_no_room),
        cmocka_unit_test(test_a_wide_line_says_all),
        cmocka_unit_test(test_a_narrow_line_says_what_matters_most),
        cmocka_unit_test(test_no_width_is_exceeded),
        cmocka_unit_test(test_without_a_share_the_time_so_far_is_told),
    };

    return nn_test_main(argc, argv, tests);
}
