/* Shapes: elements, overflow, text. */
#include "support/nn_test.h"

#include <limits.h>

#include "base/shape.h"

static void test_elements_are_the_product(void **state)
{
    const nn_shape image = nn_shape_3(28, 14, 3), plane = nn_shape_2(4, 5), scalar = {0};

    (void)state;
    assert_int_equal(nn_shape_len(&image), 28 * 14 * 3);
    assert_int_equal(nn_shape_len(&plane), 20);
    assert_int_equal(nn_shape_len(&scalar), 1);
    assert_int_equal(nn_shape_last(&image), 3);
    assert_int_equal(nn_shape_last(&scalar), 1);
}

static void test_products_that_do_not_fit_are_refused(void **state)
{
    nn_shape s = {3, {INT_MAX, INT_MAX, INT_MAX}};
    size_t len = 9;

    (void)state;
    assert_false(nn_shape_len_checked(&s, SIZE_MAX, &len));
    s = nn_shape_2(10, 10);
    assert_false(nn_shape_len_checked(&s, 99, &len));
    assert_int_equal(len, 9);
    assert_true(nn_shape_len_checked(&s, 100, &len));
    assert_int_equal(len, 100);
}

static void test_dimensions_below_one_are_refused(void **state)
{
    const nn_shape zero = nn_shape_2(3, 0), negative = nn_shape_1(-4);
    size_t len;

    (void)state;
    assert_false(nn_shape_len_checked(&zero, SIZE_MAX, &len));
    assert_false(nn_shape_len_checked(&negative, SIZE_MAX, &len));
}

static void test_equal_means_rank_and_every_dimension(void **state)
{
    const nn_shape a = nn_shape_2(3, 4), b = nn_shape_2(3, 4), c = nn_shape_2(4, 3);
    const nn_shape d = nn_shape_3(3, 4, 1);

    (void)state;
    assert_true(nn_shape_equal(&a, &b));
    assert_false(nn_shape_equal(&a, &c));
    assert_false(nn_shape_equal(&a, &d));
}

static void test_text_of_any_shape_fits(void **state)
{
    const nn_shape image = nn_shape_3(28, 28, 1), scalar = {0};
    nn_shape widest = {NN_MAX_RANK, {0}};
    char text[NN_SHAPE_TEXT];

    (void)state;
    assert_string_equal(nn_shape_text(text, &image), "[28, 28, 1]");
    assert_string_equal(nn_shape_text(text, &scalar), "[]");
    for (int i = 0; i < NN_MAX_RANK; i++)
        widest.dim[i] = INT_MIN;
    nn_shape_text(text, &widest);
    assert_string_equal(text + strlen(text) - 13, " -2147483648]");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements_are_the_product),
        cmocka_unit_test(test_products_that_do_not_fit_are_refused),
        cmocka_unit_test(test_dimensions_below_one_are_refused),
        cmocka_unit_test(test_equal_means_rank_and_every_dimension),
        cmocka_unit_test(test_text_of_any_shape_fits),
    };

    return nn_test_main(argc, argv, tests);
}
