/* Errors as values: what ends up in an nn_err. */
#include "support/nn_test.h"

#include <errno.h>

static void test_set_fills_all_three_parts_and_returns_the_code(void **state)
{
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_err_set(&err, NN_EDATA, "a.csv:3", "expected %d fields, got %d", 4, 5),
                     NN_EDATA);
    assert_int_equal(err.code, NN_EDATA);
    assert_string_equal(err.where, "a.csv:3");
    assert_string_equal(err.msg, "expected 4 fields, got 5");
}

static void test_no_place_is_an_empty_place(void **state)
{
    nn_err err = {0};

    (void)state;
    nn_err_set(&err, NN_EBUG, NULL, "x");
    assert_string_equal(err.where, "");
}

static void test_control_bytes_never_reach_a_message(void **state)
{
    nn_err err = {0};

    (void)state;
    nn_err_set(&err, NN_EFILE, "a\nb\x1b[2J", "%s", "c\rd\xff");
    assert_string_equal(err.where, "a\\x0ab\\x1b[2J");
    assert_string_equal(err.msg, "c\\x0dd\\xff");
}

static void test_long_messages_end_in_dots(void **state)
{
    char text[3000];
    nn_err err = {0};

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    nn_err_set(&err, NN_EFILE, text, "%s", text);
    assert_int_equal(strlen(err.where), NN_WHERE_SIZE - 1);
    assert_int_equal(strlen(err.msg), NN_MSG_SIZE - 1);
    assert_string_equal(err.where + NN_WHERE_SIZE - 5, "x...");
    assert_string_equal(err.msg + NN_MSG_SIZE - 5, "x...");
}

static void test_system_errors_are_named_by_the_system(void **state)
{
    nn_err err = {0};

    (void)state;
    errno = ENOENT;
    assert_int_equal(nn_err_sys(&err, "a", "cannot open"), NN_EFILE);
    assert_string_equal(err.msg, "cannot open: No such file or directory");
}

static void test_memory_is_a_limit_not_a_file_error(void **state)
{
    nn_err err = {0};

    (void)state;
    errno = ENOMEM;
    assert_int_equal(nn_err_sys(&err, "a", "cannot open"), NN_ELIMIT);
    assert_int_equal(nn_err_memory(&err, "weights", 640), NN_ELIMIT);
    assert_string_equal(err.msg, "not enough memory for weights (640 bytes)");
    nn_err_memory(&err, "weights", 0);
    assert_string_equal(err.msg, "not enough memory for weights");
}

static nn_code passes_on(nn_code code, int *after)
{
    NN_TRY(code);
    *after = 1;
    return NN_OK;
}

/* Only where nothing is named yet, and only of memory. */
static void test_memory_that_ran_out_is_named_by_the_file_that_was_read(void **state)
{
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_err_reading(&err, nn_err_memory(&err, "rows", 0), "a\x1b.csv"), NN_ELIMIT);
    assert_string_equal(err.where, "a\\x1b.csv");
    assert_int_equal(nn_err_reading(&err, NN_ELIMIT, "b.csv"), NN_ELIMIT);
    assert_string_equal(err.where, "a\\x1b.csv");
    assert_int_equal(nn_err_reading(&err, nn_err_set(&err, NN_EDATA, NULL, "x"), "b.csv"),
                     NN_EDATA);
    assert_string_equal(err.where, "");
    assert_int_equal(nn_err_reading(&err, NN_OK, "b.csv"), NN_OK);
}

static void test_try_leaves_with_the_code_and_only_on_failure(void **state)
{
    int after = 0;

    (void)state;
    assert_int_equal(passes_on(NN_EMODEL, &after), NN_EMODEL);
    assert_int_equal(after, 0);
    assert_int_equal(passes_on(NN_OK, &after), NN_OK);
    assert_int_equal(after, 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_fills_all_three_parts_and_returns_the_code),
        cmocka_unit_test(test_no_place_is_an_empty_place),
        cmocka_unit_test(test_control_bytes_never_reach_a_message),
        cmocka_unit_test(test_long_messages_end_in_dots),
        cmocka_unit_test(test_system_errors_are_named_by_the_system),
        cmocka_unit_test(test_memory_is_a_limit_not_a_file_error),
        cmocka_unit_test(test_memory_that_ran_out_is_named_by_the_file_that_was_read),
        cmocka_unit_test(test_try_leaves_with_the_code_and_only_on_failure),
    };

    return nn_test_main(argc, argv, tests);
}
