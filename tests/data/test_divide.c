/* Rows dealt out to parts: proportions, groups that stay together, chance by the seed alone. */
#include "support/nn_test.h"

#include <string.h>

#include "data/divide.h"

enum { ROWS = 1000 };

static const nn_fractions three = {{0.8, 0.1, 0.1}, 3};

static void count(size_t *rows, const uint8_t *part, size_t n, const int32_t *group, int32_t of)
{
    memset(rows, 0, NN_MAX_PARTS * sizeof *rows);
    for (size_t i = 0; i < n; i++)
        if (group == NULL || group[i] == of)
            rows[part[i]]++;
}

static void test_rows_are_dealt_out_by_the_fractions(void **state)
{
    uint8_t part[ROWS];
    size_t rows[NN_MAX_PARTS];
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_divide(part, ROWS, NULL, 0, false, &three, 1, &err), NN_OK);
    count(rows, part, ROWS, NULL, 0);
    assert_int_equal(rows[0], 800);
    assert_int_equal(rows[1], 100);
    assert_int_equal(rows[2], 100);
    /* Not the first 800: chance decides. */
    count(rows, part, 100, NULL, 0);
    assert_in_range(rows[0], 60, 95);
}

static void test_the_seed_alone_decides(void **state)
{
    uint8_t a[ROWS], b[ROWS], other[ROWS];
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_divide(a, ROWS, NULL, 0, false, &three, 7, &err), NN_OK);
    assert_int_equal(nn_divide(b, ROWS, NULL, 0, false, &three, 7, &err), NN_OK);
    assert_int_equal(nn_divide(other, ROWS, NULL, 0, false, &three, 8, &err), NN_OK);
    assert_memory_equal(a, b, ROWS);
    assert_memory_not_equal(a, other, ROWS);
}

static void test_every_class_is_spread_alike(void **state)
{
    static int32_t group[ROWS];
    uint8_t part[ROWS];
    size_t rows[NN_MAX_PARTS];
    nn_err err = {0};

    (void)state;
    for (int i = 0; i < ROWS; i++) /* 700, 250 and 50 rows, one class behind the other */
        group[i] = i < 700 ? 0 : i < 950 ? 1 : 2;
    assert_int_equal(nn_divide(part, ROWS, group, 3, false, &three, 1, &err), NN_OK);
    for (int k = 0; k < 3; k++) {
        static const size_t all[] = {700, 250, 50};

        count(rows, part, ROWS, group, k);
        assert_in_range(rows[1], all[k] / 10 - 1, all[k] / 10 + 1);
        assert_in_range(rows[2], all[k] / 10 - 1, all[k] / 10 + 1);
    }
    count(rows, part, ROWS, NULL, 0);
    assert_int_equal(rows[0], 800);
}

static void test_values_of_single_rows_are_left_to_chance(void **state)
{
    static int32_t group[ROWS];
    uint8_t a[ROWS], b[ROWS];
    nn_err err = {0};

    (void)state;
    for (int i = 0; i < ROWS; i++)
        group[i] = i;
    assert_int_equal(nn_divide(a, ROWS, group, ROWS, false, &three, 1, &err), NN_OK);
    assert_int_equal(nn_divide(b, ROWS, group, ROWS, false, &three, 2, &err), NN_OK);
    assert_memory_not_equal(a, b, ROWS);
}

static void test_groups_are_never_divided(void **state)
{
    static int32_t group[ROWS];
    uint8_t part[ROWS], of[100];
    size_t rows[NN_MAX_PARTS];
    nn_err err = {0};

    (void)state;
    memset(of, 255, sizeof of);
    for (int i = 0; i < ROWS; i++)
        group[i] = i * 37 % 100;
    assert_int_equal(nn_divide(part, ROWS, group, 100, true, &three, 1, &err), NN_OK);
    for (int i = 0; i < ROWS; i++) {
        if (of[group[i]] == 255)
            of[group[i]] = part[i];
        assert_int_equal(part[i], of[group[i]]);
    }
    count(rows, part, ROWS, NULL, 0);
    assert_int_equal(rows[0], 800);
    assert_int_equal(rows[1], 100);
}

static void test_a_large_group_leaves_the_small_ones_to_the_others(void **state)
{
    static const int32_t group[] = {0, 0, 0, 0, 0, 0, 1, 2, 1, 2};
    static const nn_fractions two = {{0.6, 0.4}, 2};
    uint8_t part[10];
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_divide(part, 10, group, 3, true, &two, 1, &err), NN_OK);
    for (int i = 0; i < 10; i++)
        assert_int_equal(part[i], group[i] == 0 ? 0 : 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_dealt_out_by_the_fractions),
        cmocka_unit_test(test_the_seed_alone_decides),
        cmocka_unit_test(test_every_class_is_spread_alike),
        cmocka_unit_test(test_values_of_single_rows_are_left_to_chance),
        cmocka_unit_test(test_groups_are_never_divided),
        cmocka_unit_test(test_a_large_group_leaves_the_small_ones_to_the_others),
    };
    return nn_test_main(argc, argv, tests);
}
